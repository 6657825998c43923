/** What the shared components say. Every page's catalogue holds these too. */
export interface SharedWords {
  /** Of the browser's tab. */
  documentTitle: string
  copy: string
  copied: string
  /** The browser refused, and what was to be copied is selected instead. */
  selected: string
  clearClipboard: string
  clipboardCleared: string
  language: string
  close: string
}
