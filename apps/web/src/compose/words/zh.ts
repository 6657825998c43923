import { plural as p } from '../../ui/words/zh.ts'
import type { ComposeWords, FailureWords, HandOutWords } from '../words.ts'

export const compose: ComposeWords = {
  text: '文本',
  textPlaceholder: '密码、密钥、消息……',
  attach: '添加文件',
  attachHint: '也可以拖放或粘贴。',
  filesLimit: (count, size) => `最多 ${count} 个文件，共 ${size}。`,
  filesLimitEach: (count, size) => `最多 ${count} 个文件，每个 ${size}。`,
  filesTitle: '文件',
  filesTogether: (n, size) => p(n, { other: `${n} 个文件，共 ${size}` }),
  removeNamed: (name) => `移除 ${name}`,
  dropHere: '松开以添加文件',
  shortcut: (keys) => `或按 ${keys}。`,
  sealing: '正在加密并发送……',
  sending: '加密并发送',
  ofTotal: (done, total) => `${done} / ${total}`,
  cancel: '取消',
  offlineSending: '您已离线。如果两分钟内恢复连接，发送会自动继续。',
  kept: '您输入的内容都还在这里。',
  nothing: '请输入文本或添加文件。',
  textWrong: '这段文本无法按原样发送。',
  filesNone: '此服务器不接受文件。',
  filesWrong: '这些文件无法发送。',
  unreadable: (names) =>
    `无法读取：${names}。它可能已被修改、移动或删除，或者是文件夹。请重新添加；文件夹请打包为 ZIP 文件。`,
}

export const failures: FailureWords = {
  NETWORK: '服务器没有响应。',
  TIMEOUT: '服务器响应时间过长。',
  SERVER_ERROR: '服务器出错。',
  UNAVAILABLE: '服务器目前无法处理。',
  UNKNOWN: '本页出错。',
  requestNamed: (id) => `服务器对此请求的编号为 ${id}。`,
  insecure:
    '本页经由 http:// 传来，而浏览器只在 https:// 和 localhost 的页面中加密。请改为以 https:// 开头打开，或使用 halfkey 命令。',
  oldBrowser: '此浏览器缺少分享所需的加密功能。请使用较新的浏览器。',
}

export const handOut: HandOutWords = {
  share: '分享……',
  mail: '写邮件',
  showQr: '显示二维码',
  hideQr: '隐藏二维码',
  qr: '链接的二维码',
  moment: (at, relative) => `${at}（${relative}）`,
}
