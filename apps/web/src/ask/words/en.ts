import { compose, failures, handOut } from '../../compose/words/en.ts'
import { plural as p, shared } from '../../ui/words/en.ts'

const COPY_AGAIN = 'Copy the whole link again from the message that brought it, or ask for it again. Nothing was sent.'

export const words = {
  ...shared,
  ...compose,
  ...failures,
  moment: handOut.moment,
  documentTitle: 'A request · Halfkey',

  title: 'You are asked for a secret',
  checking: 'Checking the link …',
  noteFrom: 'What is asked for',
  noNote: 'The request doesn’t say what is asked for.',
  askedBy: 'Asked by',
  anonymous: (host: string) => `someone without an account at ${host}`,
  onWord: (host: string) => `(according to ${host})`,
  until: 'Until',
  takes: 'You can send',
  takesText: (size: string) => `a text of up to ${size}`,
  takesFiles: (n: number, size: string) =>
    p(n, { one: `a text and a file, ${size} together`, other: `a text and up to ${n} files, ${size} together` }),
  afterwards: 'What happens to it',
  fate: (n: number, kept: string) =>
    p(n, {
      one: `Only whoever asked can open it, once and within ${kept}. Then it is destroyed.`,
      other: `Only whoever asked can open it, up to ${n} times within ${kept}. Then it is destroyed.`,
    }),
  warning:
    'Answer only if you expected this request. If you aren’t sure, check with the person first, for example by phone: nothing on this page proves who asks.',

  yourAnswer: 'Your answer',
  noFiles: 'This request takes no files.',
  textExceeded: 'This text is longer than the request allows.',
  filesExceeded: (limit: string) => `This is more than the request allows. ${limit}`,
  send: 'Send the answer',
  notSent: 'Your answer wasn’t sent.',
  incomplete:
    'Its upload broke off, so nobody can open it. Within a day, the request takes another answer in its place.',
  stopped:
    'Cancelled. Your text and files are still here. If the answer had already arrived, sending it again unchanged doesn’t count twice.',
  stoppedUpload:
    'Cancelled in the middle of the upload, so nobody can open what arrived. Within a day, the request takes another answer in its place.',
  offline: 'You are offline. Your text is still here; send it when you are back online.',
  offlineFirst: 'You are offline. This page goes on by itself once you are back.',
  RATE_LIMITED: 'Too many requests came from your network. Wait a little, then try again.',
  QUOTA_EXCEEDED: 'Whoever asked has reached a limit of this server. Tell them that your answer doesn’t fit.',

  sentTitle: 'Your answer was sent',
  sent: 'Only whoever asked can open it. This page has forgotten the key.',
  receipt: 'Your status link',
  receiptHint:
    'It shows whether your answer was opened, and lets you take it back until then. This isn’t the link that you were sent: keep it to yourself.',
  copyReceipt: 'Copy the status link',
  follow: 'Show the status',
  another: 'Send another answer',

  badLink: 'This link doesn’t work',
  LINK_NO_FRAGMENT: `The link has no part after the #, and that part belongs to it. ${COPY_AGAIN}`,
  LINK_CUT_SHORT: `The link was cut short: some of its last letters are missing. ${COPY_AGAIN}`,
  LINK_MISTYPED: `The link was mistyped or changed on its way. ${COPY_AGAIN}`,
  LINK_NEWER_VERSION:
    'The link was made by a newer version of Halfkey than this page. Ask whoever sent it which server or program reads it.',
  answeredTitle: 'Already answered',
  answered: (at: string) =>
    `This request has taken no more answers since ${at}. If you answered it, your status link shows what became of that. If you didn’t, tell whoever asked: someone else has this link.`,
  expiredTitle: 'Expired',
  expired: (at: string) => `This request took answers until ${at}. Ask for a new link if yours is still needed.`,
  withdrawnTitle: 'Withdrawn',
  withdrawn: (at: string) => `Whoever asked withdrew the request on ${at}. It takes no more answers.`,
  unknownTime: 'an unknown day',
  nothingHere: 'Nothing here',
  NOT_FOUND:
    'There is no request at this link. It may have been removed after it ended: ask for a new link if your answer is still needed.',
  dontAnswer: 'Don’t answer this request',
  TAMPERED:
    'The server’s key or the text of the request isn’t the one that belongs to this link. Nothing was sent. Tell whoever asked, but not through this server.',
  MALFORMED: 'The server’s reply isn’t one of Halfkey. Nothing was sent. Tell whoever runs the server.',
  offTitle: 'Requests are switched off',
  off: 'This server takes no answers at the moment. Agree on another way with whoever asked.',
  unsupported: 'It can’t be answered from here',
  failedTitle: 'That didn’t work',
  retry: 'Try again',

  helpTitle: 'How this works, and what the server learns',
  helpKeys:
    'Your browser encrypts the answer with a key that belongs to the link and checks that the server hasn’t replaced it. Only whoever made the link can decrypt; neither the server nor others who have the link can.',
  helpServer:
    'The server learns when you answer, from which address, and how large the text and the files are. It never learns the text, the files or their names.',
}
