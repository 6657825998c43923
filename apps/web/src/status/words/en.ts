import { failures } from '../../compose/words/en.ts'
import { shared } from '../../ui/words/en.ts'

export const words = {
  ...shared,
  ...failures,
  documentTitle: 'Status of an answer · Halfkey',
  title: 'What became of your answer',
  checking: 'Asking the server …',

  about:
    'This page shows what became of an answer. It doesn’t open the answer, and what it shows is what the server says.',

  uploadingTitle: 'Not complete yet',
  uploading:
    'Not all files have arrived, so nobody can open the answer. If the page that sends them is closed, send the answer again: within a day, the request takes another one in its place.',
  waitingTitle: 'Not opened yet',
  waiting: (until: string) => `Your answer is there and can be opened until ${until}.`,
  collectedTitle: 'Opened',
  collected: (at: string) => `Whoever asked opened your answer on ${at}.`,
  expiredTitle: 'Expired',
  expired: (at: string) =>
    `Nobody opened your answer until ${at}, and it was destroyed. If it is still needed, ask for a new link and send it again.`,
  burnedTitle: 'Taken back',
  burned: 'Your answer was destroyed before anybody opened it.',

  refresh: 'Check again',
  checked: (at: string) => `Checked at ${at}.`,
  takeBack: 'Take it back',
  takeBackTitle: 'Take the answer back?',
  takeBackText:
    'It is destroyed, and whoever asked can’t open it any more. The request doesn’t take another answer in its place.',

  badLink: 'This link doesn’t work',
  LINK_NO_FRAGMENT:
    'The status link has no part after the #, and that part belongs to it. Copy the whole link again from where you kept it.',
  LINK_CUT_SHORT:
    'The status link was cut short: some of its last letters are missing. Copy the whole link again from where you kept it.',
  LINK_MISTYPED: 'The status link was mistyped or changed. Copy the whole link again from where you kept it.',
  LINK_NEWER_VERSION: 'The link was made by a newer version of Halfkey than this page.',
  nothingHere: 'Nothing here',
  NOT_FOUND:
    'The server knows no answer for this link. Its record may have been removed after it ended, or the link was changed.',
  failedTitle: 'That didn’t work',
  retry: 'Try again',
  offline: 'You are offline. Try again once you are back online.',
  RATE_LIMITED: 'Too many requests came from your network. Wait a little, then try again.',
  unknownTime: 'an unknown day',
}
