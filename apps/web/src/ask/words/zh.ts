import { compose, failures, handOut } from '../../compose/words/zh.ts'
import { plural as p, shared } from '../../ui/words/zh.ts'
import type { AskWords } from '../page.ts'

const COPY_AGAIN = '请从收到的消息中重新复制完整链接，或请对方再发一次。没有发送任何内容。'

export const words: AskWords = {
  ...shared,
  ...compose,
  ...failures,
  moment: handOut.moment,
  documentTitle: '请求 · Halfkey',

  title: '有人向您索取秘密',
  checking: '正在检查链接……',
  noteFrom: '索取的内容',
  noNote: '此请求没有说明索取什么。',
  askedBy: '请求者',
  anonymous: (host) => `${host} 上没有账户的人`,
  onWord: (host) => `（由 ${host} 提供）`,
  until: '截止',
  takes: '可以发送',
  takesText: (size) => `最多 ${size} 的文本`,
  takesFiles: (n, size) => p(n, { other: `文本和最多 ${n} 个文件，共 ${size}` }),
  afterwards: '之后',
  fate: (n, kept) => p(n, { other: `只有请求者可以打开，最多 ${n} 次，保留 ${kept}，之后即被销毁。` }),
  warning:
    '只有在您预期会收到此请求时才回复。如不确定，请先通过电话等方式向对方确认：本页上没有任何内容能证明请求者是谁。',

  yourAnswer: '您的回复',
  noFiles: '此请求不接受文件。',
  textExceeded: '文本超出了此请求允许的长度。',
  filesExceeded: (limit) => `超出了此请求允许的范围。${limit}`,
  send: '发送回复',
  notSent: '您的回复未能发送。',
  incomplete: '上传中断，没有人能打开它。一天之内，此请求会重新接受一个回复。',
  stopped: '已取消。您的文本和文件仍在这里。如果回复已经送达，原样再次发送不会重复计数。',
  stoppedUpload: '在上传途中取消，没有人能打开已送达的部分。一天之内，此请求会重新接受一个回复。',
  offline: '您已离线。您的文本仍在这里；恢复连接后再发送。',
  offlineFirst: '您已离线。恢复连接后，本页会自动继续。',
  RATE_LIMITED: '来自您的网络的请求过多。请稍候再试。',
  QUOTA_EXCEEDED: '请求者已达到此服务器的限额。请告诉对方您的回复放不下。',

  sentTitle: '您的回复已发送',
  sent: '只有请求者可以打开。本页已忘记密钥。',
  receipt: '您的状态链接',
  receiptHint: '它显示您的回复是否已被打开；在此之前，您可以用它撤回。它不是您收到的那个链接：请自己保存。',
  copyReceipt: '复制状态链接',
  follow: '查看状态',
  another: '再发送一个回复',

  badLink: '此链接无效',
  LINK_NO_FRAGMENT: `链接缺少 # 之后的部分，而这部分必不可少。${COPY_AGAIN}`,
  LINK_CUT_SHORT: `链接被截断：末尾缺少字符。${COPY_AGAIN}`,
  LINK_MISTYPED: `链接输入有误，或在途中被更改。${COPY_AGAIN}`,
  LINK_NEWER_VERSION: '此链接由比本页更新的 Halfkey 版本创建。请询问发送者用哪个服务器或程序读取。',
  answeredTitle: '已有回复',
  answered: (at) =>
    `此请求自 ${at}起不再接受回复。如果您已回复，您的状态链接会显示其状态。如果没有，请告诉请求者：还有别人持有此链接。`,
  expiredTitle: '已过期',
  expired: (at) => `此请求接受回复的截止时间为 ${at}。如果仍需要您的回复，请索取新链接。`,
  withdrawnTitle: '已撤回',
  withdrawn: (at) => `请求者已于 ${at}撤回此请求。它不再接受回复。`,
  unknownTime: '未知日期',
  nothingHere: '这里没有内容',
  NOT_FOUND: '此链接没有对应的请求。它可能在结束后已被删除：如果仍需要您的回复，请索取新链接。',
  dontAnswer: '请勿回复此请求',
  TAMPERED: '服务器的密钥或请求的文本与此链接不符。没有发送任何内容。请告诉请求者，但不要通过此服务器。',
  MALFORMED: '服务器的响应不是 Halfkey 的响应。没有发送任何内容。请告诉服务器的运营者。',
  offTitle: '请求功能已关闭',
  off: '此服务器目前不接受回复。请与请求者商定其他方式。',
  unsupported: '无法从这里回复',
  failedTitle: '未能完成',
  retry: '重试',

  helpTitle: '工作原理，以及服务器了解什么',
  helpKeys:
    '您的浏览器用属于此链接的密钥加密回复，并检查服务器没有替换它。只有创建链接的人可以解密；服务器和其他持有链接的人都不能。',
  helpServer: '服务器了解您何时回复、从哪个地址回复，以及文本和文件的大小。它从不了解文本、文件及其名称。',
}
