/** What these components say; the catalogues of the pages that use them hold it too. */

/** Of a text and files, and of their sending. */
export interface ComposeWords {
  text: string
  textPlaceholder: string
  attach: string
  attachHint: string
  filesLimit: (count: string, size: string) => string
  filesLimitEach: (count: string, size: string) => string
  filesTitle: string
  filesTogether: (n: number, size: string) => string
  removeNamed: (name: string) => string
  dropHere: string
  shortcut: (keys: string) => string
  sealing: string
  sending: string
  ofTotal: (done: string, total: string) => string
  cancel: string
  offlineSending: string
  kept: string
  nothing: string
  textWrong: string
  filesNone: string
  filesWrong: string
  unreadable: (names: string) => string
}

/** Of failures that are the same on every page which sends. */
export interface FailureWords {
  NETWORK: string
  TIMEOUT: string
  SERVER_ERROR: string
  UNAVAILABLE: string
  UNKNOWN: string
  requestNamed: (id: string) => string
  /** The page isn't from a secure context. */
  insecure: string
  oldBrowser: string
}

/** Of the ways by which a link leaves the page. */
export interface HandOutWords {
  share: string
  mail: string
  showQr: string
  hideQr: string
  qr: string
  moment: (at: string, relative: string) => string
}
