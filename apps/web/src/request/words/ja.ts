import { failures, handOut } from '../../compose/words/ja.ts'
import { plural as p, shared } from '../../ui/words/ja.ts'
import type { RequestWords } from '../page.ts'

export const words: RequestWords = {
  ...shared,
  ...failures,
  ...handOut,
  documentTitle: 'シークレットを求める · Halfkey',

  title: 'シークレットを求める',
  lead: '送るためのリンクができます。リンクを持つ人は誰でも回答でき、回答を読めるのはあなただけです。サーバーには読めません。',
  note: '何が必要ですか？',
  noteHint: 'リンクを持つ人は誰でも見られます。あなたからの依頼だと分かるように、名前を書いてください。',
  until: '回答を受け付ける期間',
  answers: '回答の最大数',
  more: 'その他の設定',
  eachAnswer: 'それぞれの回答',
  views: '開ける回数',
  times: (n) => p(n, { other: `${n} 回` }),
  keptFor: '保管期間',
  takesFiles: 'ファイルを含めてよい',
  size: '最大サイズ',
  anySize: 'サーバーの上限まで',
  notify: 'メールで知らせる',
  notifyHint: '回答が届いたとき、またはリクエストの期限が切れたとき。',
  notifyUnenforceable: 'このサーバーではこのメールを送れません。',
  token: 'API トークン',
  tokenHint: '閉じるか再読み込みするまで、このページだけが保持します。どこにも保存されません。',
  tokenAsked: 'このサーバーで求めるには、権限 requests:write を持つ API トークンが必要です。',
  create: 'リンクを作成',
  creating: '鍵を作成しています…',
  notCreated: 'リクエストを作成できませんでした。',
  wrong: {
    note: 'テキストが長すぎます。',
    until: 'このサーバーはリクエストや回答をそれほど長く保管しません。',
    size: 'このサーバーはそれほど大きなものを受け付けません。',
    notify: 'メールアドレスを 1 つ入力してください。',
    token: 'このトークンは不明か、期限切れか、無効化されています。',
  },
  tokenDenied: 'このトークンには権限 requests:write がないため、求められません。',
  off: 'このサーバーの管理者がリクエストを停止しています。',
  offline: 'オフラインです。テキストは残っています。接続が戻ってから、もう一度試してください。',
  RATE_LIMITED: 'お使いのネットワークからのリクエストが多すぎます。少し待ってから、もう一度試してください。',
  QUOTA_EXCEEDED: 'このワークスペースは上限に達しています。',
  unsupported: 'このブラウザーではシークレットを求められません',

  readyTitle: 'リクエストができました',
  askTitle: 'このリンクを送ってください',
  askHint: '持っている人は誰でも回答できます。あなたからだと分かる方法で送ってください。',
  askLink: 'リクエストリンク（送る用）',
  copyAsk: 'リクエストリンクをコピー',
  mailSubject: 'シークレットの依頼',
  mailBody: (link) => `このリンクから、私だけが読める形でシークレットを送れます：\n\n${link}\n`,
  takesUntil: (at) => `回答の期限：${at}`,
  collectTitle: 'こちらは手元に残してください',
  collectHint:
    'どの端末でも、このリンクで回答を読めます。誰にも送らず、今すぐ保存してください。このページを離れると二度と表示できません。',
  collectLink: '受け取りリンク（保管用）',
  copyCollect: '受け取りリンクをコピー',
  openCollect: '回答を見る',
  another: '別のものを求める',

  helpTitle: '仕組みと、サーバーが知ること',
  helpKeys:
    'ブラウザーが鍵のペアを作ります。リクエストリンクは公開鍵を保証するので、サーバーは別の鍵にすり替えられません。受け取りリンクには秘密鍵が入っており、サーバーに渡ることはありません。',
  helpServer:
    'サーバーが知るのは、依頼した時刻、アドレス、ここで選んだ内容です。テキスト、回答、そのファイルと名前は決して知りません。',
}
