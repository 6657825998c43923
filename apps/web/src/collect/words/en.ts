import { words as open } from '../../open/words/en.ts'
import { plural as p } from '../../ui/words/en.ts'

const PASTE = 'Paste the whole collect link below, from where you kept it.'

export const words = {
  ...open,
  documentTitle: 'Answers to a request · Halfkey',

  checking: 'Looking at the answer …',
  title: 'An answer',
  escaped:
    'Something on the way wrote the # of this link as %23. So your browser sent the server the key to the answers, which the server should never have. If they must stay secret from the server, withdraw the request and ask again.',
  show: 'Show the answer',
  opened: 'The answer',
  notText: 'This answer isn’t text, so it can’t be shown here. Save it as a file.',
  destroyed: (at: string) => `The server was told to destroy it on ${at}.`,
  done: (at: string) => `You let it go on ${at}. It can still be opened as often as the request allows.`,

  spentNothing: 'Nothing was opened.',
  LINK_NO_FRAGMENT: `The link has no part after the #, and that part is the key to the answers. ${PASTE}`,
  LINK_CUT_SHORT: `The link was cut short: some of its last letters are missing. ${PASTE}`,
  LINK_MISTYPED: `The link was mistyped or changed on its way. ${PASTE}`,
  LINK_NEWER_VERSION:
    'The link was made by a newer version of Halfkey than this page. Use the server or program that made it.',

  viewed: (at: string) =>
    `It was opened on ${at}. If that wasn’t you, in another tab or program, somebody else who has the collect link or the workspace key has read it.`,
  viewedHere: (at: string) =>
    `It was opened, perhaps by you in this tab, on ${at}, and can’t be shown again. If that wasn’t you, somebody else has read it.`,
  expired: (at: string) => `Its time ran out on ${at}, and it was destroyed. If you still need it, ask again.`,
  burnedTitle: 'Taken back',
  burned: (at: string) => `Its sender took it back on ${at}.`,
  NOT_FOUND: 'The server doesn’t know this answer any more. It may have been removed after it ended.',
  LOCKED: 'It is locked after too many wrong passwords. If you still need it, ask again.',
  lastTry: 'That was wrong too, and it was the last try. It is locked now.',

  WRONG_KEY:
    'Its key doesn’t fit: the password is another one’s, or the server changed the answer. Nothing of it was shown.',
  TAMPERED:
    'This isn’t an answer to your request: it was made up, changed on its way, or taken from another request. Nothing of it was shown, and it did no harm; the other answers are as they were.',
  MALFORMED:
    'What the server gave for this answer isn’t one. Nothing of it was shown, and it did no harm; the other answers are as they were.',

  helpKeys:
    'Each answer is sealed to this request before it leaves its sender’s device. Your browser opens it, with the key in the collect link; the server can’t.',
  helpHistory:
    'The key has left the address bar, and this tab forgets it when you close it. To come back later, keep the collect link somewhere safe: whoever has it can read the answers.',

  collect: {
    title: 'Answers to your request',
    checking: 'Checking the link …',
    asked: 'You asked for',
    state: 'State',
    states: {
      open: 'Open',
      answered: 'Complete: no more answers are taken',
      expired: 'Expired: its time ran out',
      withdrawn: 'Withdrawn',
    },
    until: 'Takes answers until',
    ended: 'Ended',
    places: 'Answers still taken',
    placesOf: (left: string, most: string) => `${left} of ${most}`,

    links: 'The links of this request',
    askLink: 'Ask link',
    askLinkHint: 'For whoever is to answer. It reads no answer.',
    collectLink: 'Collect link',
    collectLinkHint: 'For you, to come back later. Whoever has it can read the answers.',

    withdraw: 'Withdraw the request',
    withdrawTitle: 'Withdraw this request?',
    withdrawText: 'It then takes no more answers, and can’t be opened again. The answers that came stay.',
    cancel: 'Cancel',

    answers: 'Answers',
    noneYet: 'No answer yet. While this page is open, it looks for them by itself.',
    none: 'No answer came.',
    uploading: (n: number) =>
      p(n, { one: 'One more answer is still being uploaded.', other: `${n} more answers are still being uploaded.` }),
    arrived: (n: number) => p(n, { one: 'An answer has come.', other: `A new answer has come: ${n} in all.` }),
    answer: (n: number) => `Answer ${n}`,
    sent: (at: string) => `Sent on ${at}`,
    openedOn: (at: string) => `opened on ${at}`,
    standings: {
      fresh: 'New',
      opened: 'Opened',
      viewed: 'Opened and gone',
      uploading: 'Being uploaded',
      expired: 'Expired',
      burned: 'Taken back',
      locked: 'Locked',
      broken: 'Not a real answer',
    },
    open: 'Open',
    openNamed: (n: number) => `Open answer ${n}`,
    showAgain: 'Show again',
    showNamed: (n: number) => `Show answer ${n} again`,
    back: '← All answers',

    keepsTrying: 'This page tries again by itself.',
    NOT_FOUND:
      'The server knows no request for this link. It may have been removed after it and its answers had ended.',
    TAMPERED: 'The server changed what you asked for, so its answers aren’t shown. Tell whoever runs the server.',
    wrongKind: {
      share: 'This is a share link: it opens a secret. The answers to a request are behind its collect link.',
      ask: 'This is the ask link: with it others answer, and it reads no answer. The answers are behind the collect link, which you got with it.',
      status:
        'This is a status link: it tells a sender what became of an answer. The answers are behind the collect link.',
    },
    wholeLink: 'The whole collect link',
    useLink: 'Show the answers',
  },
}
