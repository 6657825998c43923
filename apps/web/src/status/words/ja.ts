import { failures } from '../../compose/words/ja.ts'
import { shared } from '../../ui/words/ja.ts'
import type { StatusWords } from '../page.ts'

export const words: StatusWords = {
  ...shared,
  ...failures,
  documentTitle: '回答の状況 · Halfkey',
  title: '回答の状況',
  checking: 'サーバーに問い合わせています…',

  about: 'このページは回答の状況を示します。回答は開けません。表示はサーバーの申告によるものです。',

  uploadingTitle: 'まだ揃っていません',
  uploading:
    'ファイルがすべて届いていないため、誰にも開けません。送信中のページを閉じた場合は、もう一度送ってください。1 日以内に、別の回答を受け付けるようになります。',
  waitingTitle: 'まだ開かれていません',
  waiting: (until) => `回答は届いており、${until}まで開けます。`,
  collectedTitle: '開かれました',
  collected: (at) => `依頼者が ${at}に回答を開きました。`,
  expiredTitle: '期限切れです',
  expired: (at) =>
    `${at}までに開かれなかったため、破棄されました。まだ必要であれば、新しいリンクを求めて送り直してください。`,
  burnedTitle: '取り消しました',
  burned: '回答は、開かれる前に破棄されました。',

  refresh: 'もう一度確認',
  checked: (at) => `確認時刻：${at}`,
  takeBack: '取り消す',
  takeBackTitle: '回答を取り消しますか？',
  takeBackText: '回答は破棄され、依頼者には開けなくなります。代わりの回答は受け付けられません。',

  badLink: 'このリンクは使えません',
  LINK_NO_FRAGMENT: '状況確認リンクに必要な # 以降の部分がありません。リンク全体をもう一度コピーしてください。',
  LINK_CUT_SHORT: '状況確認リンクが途中で切れています。リンク全体をもう一度コピーしてください。',
  LINK_MISTYPED: '状況確認リンクの入力が間違っているか、変わっています。リンク全体をもう一度コピーしてください。',
  LINK_NEWER_VERSION: 'このページより新しい Halfkey で作られたリンクです。',
  nothingHere: 'ここには何もありません',
  NOT_FOUND: 'このリンクの回答はサーバーにありません。終了後に記録が削除されたか、リンクが変わっています。',
  failedTitle: 'うまくいきませんでした',
  retry: 'もう一度試す',
  offline: 'オフラインです。接続が戻ってから、もう一度試してください。',
  RATE_LIMITED: 'お使いのネットワークからのリクエストが多すぎます。少し待ってから、もう一度試してください。',
  unknownTime: '不明な日',
}
