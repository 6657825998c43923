import { plural as p } from '../../ui/words/en.ts'
import type { ComposeWords, FailureWords, HandOutWords } from '../words.ts'

export const compose: ComposeWords = {
  text: 'Text',
  textPlaceholder: 'A password, a key, a message …',
  attach: 'Attach files',
  attachHint: 'Or drop or paste them.',
  filesLimit: (count, size) => `Up to ${count} files, ${size} together.`,
  filesLimitEach: (count, size) => `Up to ${count} files, ${size} each.`,
  filesTitle: 'Files',
  filesTogether: (n, size) => p(n, { one: `1 file, ${size}`, other: `${n} files, ${size} together` }),
  removeNamed: (name) => `Remove ${name}`,
  dropHere: 'Drop the files to attach them',
  shortcut: (keys) => `Or press ${keys}.`,
  sealing: 'Encrypting and sending …',
  sending: 'Encrypting and sending',
  ofTotal: (done, total) => `${done} of ${total}`,
  cancel: 'Cancel',
  offlineSending: 'You are offline. The sending goes on by itself if you are back within two minutes.',
  kept: 'Everything that you typed is still here.',
  nothing: 'Type a text or attach a file.',
  textWrong: 'This text can’t be sent as it is.',
  filesNone: 'This server takes no files.',
  filesWrong: 'These files can’t be sent.',
  unreadable: (names) =>
    `Can’t be read: ${names}. It may have been changed, moved or deleted, or be a folder. Add it again; a folder as a ZIP file.`,
}

export const failures: FailureWords = {
  NETWORK: 'No reply from the server.',
  TIMEOUT: 'The server took too long to reply.',
  SERVER_ERROR: 'The server failed.',
  UNAVAILABLE: 'The server can’t do this right now.',
  UNKNOWN: 'The page failed.',
  requestNamed: (id) => `The server calls this request ${id}.`,
  insecure:
    'This page came over http://, and browsers encrypt only in pages from https:// and localhost. Open it with https:// in front, or use the halfkey command.',
  oldBrowser: 'This browser lacks the cryptography that sharing takes. Use a current browser.',
}

export const handOut: HandOutWords = {
  share: 'Share …',
  mail: 'Write a mail',
  showQr: 'Show the QR code',
  hideQr: 'Hide the QR code',
  qr: 'QR code of the link',
  moment: (at, relative) => `${at} (${relative})`,
}
