import { compose, failures, handOut } from '../../compose/words/ja.ts'
import { plural as p, shared } from '../../ui/words/ja.ts'
import type { AskWords } from '../page.ts'

const COPY_AGAIN =
  '届いたメッセージからリンク全体をもう一度コピーするか、送り直してもらってください。何も送信されていません。'

export const words: AskWords = {
  ...shared,
  ...compose,
  ...failures,
  moment: handOut.moment,
  documentTitle: 'リクエスト · Halfkey',

  title: 'シークレットを求められています',
  checking: 'リンクを確認しています…',
  noteFrom: '求められている内容',
  noNote: '何が求められているかは書かれていません。',
  askedBy: '依頼者',
  anonymous: (host) => `${host} のアカウントを持たない人`,
  onWord: (host) => `（${host} による表示）`,
  until: '期限',
  takes: '送れるもの',
  takesText: (size) => `${size} までのテキスト`,
  takesFiles: (n, size) => p(n, { other: `テキストと最大 ${n} 個のファイル、合計 ${size} まで` }),
  afterwards: '送った後',
  fate: (n, kept) => p(n, { other: `開けるのは依頼者だけで、最大 ${n} 回、${kept}以内です。その後は破棄されます。` }),
  warning:
    '心当たりのある依頼にだけ回答してください。確信がなければ、先に電話などで本人に確認してください。誰が求めているかを証明するものは、このページにはありません。',

  yourAnswer: '回答',
  noFiles: 'このリクエストはファイルを受け付けません。',
  textExceeded: 'リクエストで許された長さを超えるテキストです。',
  filesExceeded: (limit) => `リクエストの上限を超えています。${limit}`,
  send: '回答を送る',
  notSent: '回答を送れませんでした。',
  incomplete: 'アップロードが途切れたため、誰にも開けません。1 日以内に、別の回答を受け付けるようになります。',
  stopped:
    'キャンセルしました。テキストとファイルは残っています。すでに届いていた場合でも、そのまま送り直せば二重には数えられません。',
  stoppedUpload:
    'アップロードの途中でキャンセルしました。届いた分は誰にも開けません。1 日以内に、別の回答を受け付けるようになります。',
  offline: 'オフラインです。テキストは残っています。接続が戻ってから送ってください。',
  offlineFirst: 'オフラインです。接続が戻ると、このページは自動的に続きます。',
  RATE_LIMITED: 'お使いのネットワークからのリクエストが多すぎます。少し待ってから、もう一度試してください。',
  QUOTA_EXCEEDED: '依頼者がこのサーバーの上限に達しています。回答が入らないことを伝えてください。',

  sentTitle: '回答を送りました',
  sent: '開けるのは依頼者だけです。このページは鍵を忘れました。',
  receipt: '状況確認リンク',
  receiptHint:
    '回答が開かれたかどうかを確認でき、開かれるまでは取り消せます。届いたリンクとは別のものです。他人に渡さず保管してください。',
  copyReceipt: '状況確認リンクをコピー',
  follow: '状況を表示',
  another: '別の回答を送る',

  badLink: 'このリンクは使えません',
  LINK_NO_FRAGMENT: `リンクに必要な # 以降の部分がありません。${COPY_AGAIN}`,
  LINK_CUT_SHORT: `リンクが途中で切れています。末尾の文字が足りません。${COPY_AGAIN}`,
  LINK_MISTYPED: `リンクの入力が間違っているか、途中で変わっています。${COPY_AGAIN}`,
  LINK_NEWER_VERSION:
    'このページより新しい Halfkey で作られたリンクです。どのサーバーまたはプログラムで読めるか、送った人に確認してください。',
  answeredTitle: '回答済みです',
  answered: (at) =>
    `このリクエストは ${at}以降、回答を受け付けていません。あなたが回答した場合は、状況確認リンクで状況を確認できます。そうでなければ、依頼者に伝えてください。ほかの人がこのリンクを持っています。`,
  expiredTitle: '期限切れです',
  expired: (at) => `回答の期限は ${at}でした。まだ回答が必要であれば、新しいリンクを求めてください。`,
  withdrawnTitle: '取り下げられました',
  withdrawn: (at) => `依頼者が ${at}に取り下げました。回答は受け付けられません。`,
  unknownTime: '不明な日',
  nothingHere: 'ここには何もありません',
  NOT_FOUND:
    'このリンクのリクエストはありません。終了後に削除された可能性があります。まだ回答が必要であれば、新しいリンクを求めてください。',
  dontAnswer: 'このリクエストに回答しないでください',
  TAMPERED:
    'サーバーの鍵またはリクエストの文面が、このリンクのものではありません。何も送信されていません。このサーバーを通さずに依頼者に伝えてください。',
  MALFORMED:
    'サーバーの応答が Halfkey のものではありません。何も送信されていません。サーバーの管理者に伝えてください。',
  offTitle: 'リクエストは停止中です',
  off: 'このサーバーは現在、回答を受け付けていません。別の方法を依頼者と相談してください。',
  unsupported: 'ここからは回答できません',
  failedTitle: 'うまくいきませんでした',
  retry: 'もう一度試す',

  helpTitle: '仕組みと、サーバーが知ること',
  helpKeys:
    'ブラウザーがリンクに属する鍵で回答を暗号化し、サーバーがその鍵をすり替えていないことを確認します。復号できるのはリンクを作った人だけで、サーバーにも、リンクを持つほかの人にもできません。',
  helpServer:
    'サーバーが知るのは、回答した時刻、アドレス、テキストとファイルの大きさです。テキスト、ファイル、その名前は決して知りません。',
}
