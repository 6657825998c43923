import type { Plural } from '../../i18n/plural.ts'
import type { SharedWords } from '../words.ts'

export const shared: Omit<SharedWords, 'documentTitle'> = {
  copy: 'Copy',
  copied: 'Copied.',
  selected: 'The browser didn’t let the page copy. The text is selected: copy it with the keyboard.',
  clearClipboard: 'Clear the clipboard',
  clipboardCleared: 'The clipboard is cleared.',
  language: 'Language',
  close: 'Close',
}

const rules = new Intl.PluralRules('en')

/** Picks a number's form. */
export const plural = (count: number, forms: Plural<'en'>): string => forms[rules.select(count) as keyof Plural<'en'>]
