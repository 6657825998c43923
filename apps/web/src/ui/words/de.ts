import type { Plural } from '../../i18n/plural.ts'
import type { SharedWords } from '../words.ts'

export const shared: Omit<SharedWords, 'documentTitle'> = {
  copy: 'Kopieren',
  copied: 'Kopiert.',
  selected:
    'Der Browser erlaubt der Seite nicht zu kopieren. Der Text ist markiert: Kopieren Sie ihn mit der Tastatur.',
  clearClipboard: 'Zwischenablage leeren',
  clipboardCleared: 'Die Zwischenablage ist leer.',
  language: 'Sprache',
  close: 'Schließen',
}

const rules = new Intl.PluralRules('de')

/** Picks a number's form. */
export const plural = (count: number, forms: Plural<'de'>): string => forms[rules.select(count) as keyof Plural<'de'>]
