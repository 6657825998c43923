import { words as open } from '../../open/words/zh.ts'
import { plural as p } from '../../ui/words/zh.ts'
import type { CollectWords } from '../page.ts'

const PASTE = '请从您保存链接的地方复制整个领取链接，粘贴到下方。'

export const words: CollectWords = {
  ...open,
  documentTitle: '请求的回复 · Halfkey',

  checking: '正在查看回复…',
  title: '一份回复',
  escaped:
    '此链接中的 # 在传递途中变成了 %23，因此您的浏览器把回复的密钥发给了服务器，而服务器本不应得到它。如果必须对服务器保密，请撤回该请求并重新请求。',
  show: '显示回复',
  opened: '回复',
  notText: '此回复不是文本，无法在此显示。请将其保存为文件。',
  destroyed: (at) => `已于 ${at} 通知服务器将其销毁。`,
  done: (at) => `您已于 ${at} 结束查看。在请求允许的次数内，仍可再次打开。`,

  spentNothing: '未打开任何内容。',
  LINK_NO_FRAGMENT: `链接缺少 # 之后的部分，而那是回复的密钥。${PASTE}`,
  LINK_CUT_SHORT: `链接被截断：末尾缺少一些字符。${PASTE}`,
  LINK_MISTYPED: `链接输入有误，或在传递途中被更改。${PASTE}`,
  LINK_NEWER_VERSION: '此链接由比本页更新的 Halfkey 版本生成。请使用生成它的服务器或程序。',

  viewed: (at) =>
    `它已于 ${at} 被打开。如果不是您在其他标签页或程序中打开的，那么持有领取链接或工作区密钥的其他人已经读过它。`,
  viewedHere: (at) => `它已于 ${at} 被打开，可能是您在此标签页打开的，无法再次显示。如果不是您，那么已有他人读过它。`,
  expired: (at) => `它已于 ${at} 到期并被销毁。如果仍然需要，请重新请求。`,
  burnedTitle: '已收回',
  burned: (at) => `发送者已于 ${at} 将其收回。`,
  NOT_FOUND: '服务器已不再有此回复。它可能在结束后被移除。',
  LOCKED: '由于密码错误次数过多，它已被锁定。如果仍然需要，请重新请求。',
  lastTry: '这次也不正确，而且是最后一次尝试。它现已被锁定。',

  WRONG_KEY: '密钥不匹配：密码属于另一份回复，或者服务器更改了此回复。未显示其任何内容。',
  TAMPERED:
    '这不是对您请求的回复：它是伪造的、在途中被更改的，或取自另一个请求。未显示其任何内容，也没有造成危害；其他回复不受影响。',
  MALFORMED: '服务器作为此回复给出的内容并不是回复。未显示其任何内容，也没有造成危害；其他回复不受影响。',

  helpKeys: '每份回复都在其发送者的设备上专为此请求封存。由您的浏览器用领取链接中的密钥打开；服务器无法打开。',
  helpHistory:
    '密钥已从地址栏移除，关闭此标签页后，标签页也不再保留它。若要以后再来，请妥善保存领取链接：持有它的人都能读取回复。',

  collect: {
    title: '对您请求的回复',
    checking: '正在检查链接…',
    asked: '您请求的内容',
    state: '状态',
    states: {
      open: '开放',
      answered: '已满：不再接受回复',
      expired: '已过期：时间已到',
      withdrawn: '已撤回',
    },
    until: '接受回复至',
    ended: '结束于',
    places: '还可接受的回复',
    placesOf: (left, most) => `${left} / ${most}`,

    links: '此请求的链接',
    askLink: '请求链接',
    askLinkHint: '交给要回复的人。它不能读取任何回复。',
    collectLink: '领取链接',
    collectLinkHint: '留给您自己，以便以后再来。持有它的人都能读取回复。',

    withdraw: '撤回请求',
    withdrawTitle: '撤回此请求？',
    withdrawText: '之后它不再接受回复，也不能重新开放。已收到的回复会保留。',
    cancel: '取消',

    answers: '回复',
    noneYet: '还没有回复。只要此页面开着，它就会自动查看。',
    none: '没有收到回复。',
    uploading: (n) => p(n, { other: `另有 ${n} 份回复仍在上传。` }),
    arrived: (n) => p(n, { other: `收到新的回复，共 ${n} 份。` }),
    answer: (n) => `回复 ${n}`,
    sent: (at) => `发送于 ${at}`,
    openedOn: (at) => `打开于 ${at}`,
    standings: {
      fresh: '新',
      opened: '已打开',
      viewed: '已打开并销毁',
      uploading: '正在上传',
      expired: '已过期',
      burned: '已收回',
      locked: '已锁定',
      broken: '不是真正的回复',
    },
    open: '打开',
    openNamed: (n) => `打开回复 ${n}`,
    showAgain: '再次显示',
    showNamed: (n) => `再次显示回复 ${n}`,
    back: '← 所有回复',

    keepsTrying: '此页面会自动重试。',
    NOT_FOUND: '服务器没有与此链接对应的请求。它可能在请求及其回复都结束后被移除。',
    TAMPERED: '服务器更改了您请求的内容，因此不显示其回复。请告知其运营者。',
    wrongKind: {
      share: '这是分享链接，用于打开一个秘密。请求的回复要用它的领取链接查看。',
      ask: '这是请求链接：供他人回复，不能读取任何回复。回复要用与它一同得到的领取链接查看。',
      status: '这是状态链接：它告诉发送者其回复的情况。回复要用领取链接查看。',
    },
    wholeLink: '完整的领取链接',
    useLink: '显示回复',
  },
}
