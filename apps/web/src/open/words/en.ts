import { plural as p, shared } from '../../ui/words/en.ts'

const COPY_AGAIN = 'Copy the whole link again from the message that brought it, or ask its sender for it.'

export const words = {
  ...shared,
  documentTitle: 'A secret · Halfkey',

  checking: 'Checking the link …',
  title: 'A secret for you',
  escaped:
    'Something on the way wrote the # of this link as %23. So your browser sent the server this copy of the key, which the server should never have. It still opens; tell the sender if the secret must stay secret from the server.',

  noteFrom: 'The sender writes',
  views: 'Can be opened',
  anyNumber: 'any number of times',
  viewsLeft: (n: number) => p(n, { one: 'once, then it is destroyed', other: `${n} more times, then it is destroyed` }),
  until: 'Until',
  moment: (at: string, relative: string) => `${at} (${relative})`,
  holds: 'With it',
  files: (n: number, size: string) => p(n, { one: `a file of ${size}`, other: `${n} files, ${size} together` }),
  asks: 'Asks for',
  itsPassword: 'a password',
  itsCode: 'a one-time code',
  itsWork: 'a moment of your device’s work, against robots',
  together: (items: string[]) => items.join(', '),
  resumed: 'You asked for it in this tab before: asking again within ten minutes counts as the same view.',

  password: 'Password',
  passwordHint: 'Its sender gave it to you another way.',
  code: 'One-time code',
  codeFromApp: 'From the authenticator app that you set up with the sender.',
  codeGoesTo: (to: string) => `It goes to ${to}.`,
  sendCode: 'Send me a code',
  sendAnother: 'Send another code',
  codeSent: (to: string) => `A code is on its way to ${to}.`,
  codeValid: (left: string) => `Valid for ${left}.`,
  codeExpired: 'That code has expired: have another one sent.',
  cover: 'Somebody can see my screen: keep it covered at first',
  show: 'Show the secret',
  opening: 'Opening …',
  working: 'Opening … your device does the work that this secret asks for.',

  opened: 'The secret',
  reloadLast:
    'Reloading this page shows it again for about ten minutes, at no further view; then the server destroys it by itself. Once you have it, destroy it now.',
  reload: 'Reloading this page shows it again for about ten minutes, at no further view.',
  notKept: 'Save it before you leave: this browser doesn’t let the page keep what showing it again would need.',
  covered: 'Covered. You can copy it without showing it.',
  uncover: 'Show',
  coverAgain: 'Cover',
  notText: 'This secret isn’t text, so it can’t be shown here. Save it as a file.',
  empty: 'The sender sent no text.',
  filesTitle: 'Files',
  save: 'Save',
  saveNamed: (name: string) => `Save ${name}`,
  saving: (name: string) => `Saving ${name}`,
  ofTotal: (done: string, total: string) => `${done} of ${total}`,
  saved: 'Saved.',
  stop: 'Stop',
  stopped: 'Stopped; nothing was saved.',
  saveFailed: 'It couldn’t be saved whole, so nothing was saved.',
  tooLarge: (size: string) =>
    `This browser can’t write ${size} to the disk as it comes. Open the link in Chrome or Edge, or with the halfkey command: no view was spent yet.`,
  destroy: 'Destroy now',
  haveIt: 'I have it',
  unsavedTitle: 'Not everything is saved',
  unsaved: (n: number) =>
    p(n, {
      one: 'One file isn’t saved yet, and can’t be had again.',
      other: `${n} files aren’t saved yet, and can’t be had again.`,
    }),
  anyway: 'Go on without',

  destroyedTitle: 'Read by you, destroyed',
  destroyed: (at: string) =>
    `The server was told to destroy it on ${at}. This page, its tab and its address have forgotten the key.`,
  doneTitle: 'Read by you',
  done: (at: string) =>
    `You let it go on ${at}. This page, its tab and its address have forgotten the key; the views that are left are for others.`,

  spentNothing: 'No view was spent.',
  retry: 'Try again',
  offline: 'You are offline. This page goes on by itself once you are back.',
  requestNamed: (id: string) => `The server calls this request ${id}.`,

  badLink: 'This link doesn’t work',
  LINK_NO_FRAGMENT: `The link has no part after the #, and that part is half of the key. ${COPY_AGAIN}`,
  LINK_CUT_SHORT: `The link was cut short: some of its last letters are missing. ${COPY_AGAIN}`,
  LINK_MISTYPED: `The link was mistyped or changed on its way. ${COPY_AGAIN}`,
  LINK_WRONG_KIND:
    'This link is not for opening a secret: it asks for one, or shows what became of one. Ask the sender for the share link.',
  LINK_NEWER_VERSION:
    'The link was made by a newer version of Halfkey than this page. Ask its sender which server or program opens it.',

  unsupported: 'It can’t be opened here',
  insecure:
    'This page came over http://, and browsers decrypt only in pages from https:// and localhost. Open the same link with https:// in front, or with the halfkey command.',
  oldBrowser: 'This browser lacks the cryptography that opening takes. Open the link in a current browser.',

  viewedTitle: 'Opened already',
  viewed: (at: string) =>
    `Somebody opened it before you, on ${at}. If that wasn’t you, in another tab or program, tell the sender: somebody else may have read it.`,
  viewedHere: (at: string) =>
    `It was opened, perhaps by you in this tab, on ${at}, and can’t be shown again. If that wasn’t you, tell the sender.`,
  expiredTitle: 'Expired',
  expired: (at: string) => `Its time ran out on ${at}, and it was destroyed. Ask its sender to share it again.`,
  burnedTitle: 'Withdrawn',
  burned: (at: string) => `Its sender destroyed it on ${at}.`,
  lockedOutTitle: 'Destroyed',
  lockedOut: (at: string) =>
    `It was destroyed on ${at}, after too many wrong passwords or codes. If those weren’t yours, tell the sender.`,
  unknownTime: 'an unknown day',
  nothingHere: 'Nothing here',
  NOT_FOUND: 'The server knows no secret for this link. It may have been removed after it ended: ask its sender.',
  lockedTitle: 'Locked',
  LOCKED: 'It is locked after too many wrong passwords or codes. Its sender can unlock it.',
  lastTry: 'That was wrong too, and it was the last try. It is locked now, or destroyed if its sender so chose.',

  PASSWORD_REQUIRED: 'It needs the password that its sender gave you.',
  PASSWORD_WRONG: 'That password is wrong.',
  OTP_REQUIRED: 'It needs a one-time code.',
  OTP_WRONG: 'That code is wrong, used or expired.',
  triesLeft: (n: number) => p(n, { one: 'One try is left.', other: `${n} tries are left.` }),
  invalidPassword: 'A password has no such characters.',
  tooManyCodes: 'No more codes can be sent now. Use the newest one that you got.',
  codeNotSent: 'The server couldn’t send a code.',
  CAPTCHA_WRONG: 'Your device’s work came too late. Try again.',

  notHere: 'Not from here',
  IP_DENIED: 'Its sender lets it be opened only from certain networks, and yours isn’t one of them.',
  GEO_DENIED: 'Its sender lets it be opened only in certain countries, and you don’t seem to be in one of them.',
  WRONG_REGION: 'It is kept on another region’s server. Ask its sender for the right link.',

  failedTitle: 'That didn’t work',
  NETWORK: 'No reply from the server.',
  TIMEOUT: 'The server took too long to reply.',
  RATE_LIMITED: 'Too many requests came from your network. Wait a little, then try again.',
  SERVER_ERROR: 'The server failed.',
  UNAVAILABLE: 'The server can’t do this right now.',
  UNKNOWN: 'The page failed. Reload it.',
  sameView: 'If the secret was on its way, trying again counts as the same view.',

  cantOpen: 'It can’t be opened',
  WRONG_KEY:
    'The key doesn’t fit: the link or the password is another secret’s, or the server misreported the password.',
  TAMPERED: 'The secret was changed after its sender sealed it, so it isn’t shown. Tell the sender.',
  MALFORMED: 'The server’s reply isn’t one of Halfkey. Tell whoever runs it.',
  NEWER_VERSION: 'It was made by a newer version of Halfkey than this page.',
  UNSUPPORTED: 'It holds something that this page can’t open yet. Use the halfkey command.',

  helpTitle: 'How this works, and what stays behind',
  helpKeys:
    'Your browser decrypts; the server can’t. The link carries one half of the key, the server keeps the other and gives it out only as often as the sender allowed.',
  helpHistory:
    'The key has left the address bar and this tab’s history. Your browser’s own history may still hold the link, and so may the message that brought it: delete them there if the secret matters.',
}
