import { plural as p } from '../../ui/words/ja.ts'
import type { ComposeWords, FailureWords, HandOutWords } from '../words.ts'

export const compose: ComposeWords = {
  text: 'テキスト',
  textPlaceholder: 'パスワード、鍵、メッセージなど',
  attach: 'ファイルを添付',
  attachHint: 'ドロップや貼り付けもできます。',
  filesLimit: (count, size) => `最大 ${count} 個、合計 ${size} まで。`,
  filesLimitEach: (count, size) => `最大 ${count} 個、1 個 ${size} まで。`,
  filesTitle: 'ファイル',
  filesTogether: (n, size) => p(n, { other: `ファイル ${n} 個、合計 ${size}` }),
  removeNamed: (name) => `${name} を外す`,
  dropHere: 'ここで放すとファイルを添付します',
  shortcut: (keys) => `${keys} でも実行できます。`,
  sealing: '暗号化して送信しています…',
  sending: '暗号化と送信',
  ofTotal: (done, total) => `${done} / ${total}`,
  cancel: 'キャンセル',
  offlineSending: 'オフラインです。2 分以内に接続が戻れば、送信は自動的に続きます。',
  kept: '入力した内容はすべて残っています。',
  nothing: 'テキストを入力するか、ファイルを添付してください。',
  textWrong: 'このテキストはこのままでは送れません。',
  filesNone: 'このサーバーはファイルを受け付けません。',
  filesWrong: 'これらのファイルは送れません。',
  unreadable: (names) =>
    `読み取れません：${names}。変更、移動、削除されたか、フォルダーの可能性があります。もう一度追加してください。フォルダーは ZIP ファイルにしてください。`,
}

export const failures: FailureWords = {
  NETWORK: 'サーバーから応答がありません。',
  TIMEOUT: 'サーバーの応答に時間がかかりすぎました。',
  SERVER_ERROR: 'サーバーで障害が起きました。',
  UNAVAILABLE: 'サーバーは今それを処理できません。',
  UNKNOWN: 'ページで障害が起きました。',
  requestNamed: (id) => `サーバーでのこの要求の番号は ${id} です。`,
  insecure:
    'このページは http:// で届きました。ブラウザーが暗号化できるのは https:// と localhost のページだけです。先頭を https:// にして開くか、halfkey コマンドを使ってください。',
  oldBrowser: 'このブラウザーには必要な暗号機能がありません。新しいブラウザーを使ってください。',
}

export const handOut: HandOutWords = {
  share: '共有…',
  mail: 'メールを書く',
  showQr: 'QR コードを表示',
  hideQr: 'QR コードを隠す',
  qr: 'リンクの QR コード',
  moment: (at, relative) => `${at}（${relative}）`,
}
