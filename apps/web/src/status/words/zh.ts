import { failures } from '../../compose/words/zh.ts'
import { shared } from '../../ui/words/zh.ts'
import type { StatusWords } from '../page.ts'

export const words: StatusWords = {
  ...shared,
  ...failures,
  documentTitle: '回复状态 · Halfkey',
  title: '您的回复状态',
  checking: '正在询问服务器……',

  about: '本页显示一个回复的状态。它不会打开回复；显示的内容来自服务器。',

  uploadingTitle: '尚未完整',
  uploading:
    '文件尚未全部送达，没有人能打开该回复。如果发送文件的页面已关闭，请重新发送：一天之内，请求会重新接受一个回复。',
  waitingTitle: '尚未打开',
  waiting: (until) => `您的回复已送达，在 ${until}之前可以打开。`,
  collectedTitle: '已打开',
  collected: (at) => `请求者已于 ${at}打开您的回复。`,
  expiredTitle: '已过期',
  expired: (at) => `直到 ${at}都没有人打开您的回复，它已被销毁。如果仍需要，请索取新链接并重新发送。`,
  burnedTitle: '已撤回',
  burned: '您的回复在被打开之前已销毁。',

  refresh: '再次查看',
  checked: (at) => `查看时间：${at}。`,
  takeBack: '撤回',
  takeBackTitle: '撤回此回复？',
  takeBackText: '它会被销毁，请求者将无法打开。请求不会因此再接受另一个回复。',

  badLink: '此链接无效',
  LINK_NO_FRAGMENT: '状态链接缺少 # 之后的部分，而这部分必不可少。请重新复制完整链接。',
  LINK_CUT_SHORT: '状态链接被截断：末尾缺少字符。请重新复制完整链接。',
  LINK_MISTYPED: '状态链接输入有误或被更改。请重新复制完整链接。',
  LINK_NEWER_VERSION: '此链接由比本页更新的 Halfkey 版本创建。',
  nothingHere: '这里没有内容',
  NOT_FOUND: '服务器没有与此链接对应的回复。它的记录可能在结束后已被删除，或者链接被更改。',
  failedTitle: '未能完成',
  retry: '重试',
  offline: '您已离线。请在恢复连接后重试。',
  RATE_LIMITED: '来自您的网络的请求过多。请稍候再试。',
  unknownTime: '未知日期',
}
