import type { Plural } from '../../i18n/plural.ts'
import type { SharedWords } from '../words.ts'

export const shared: Omit<SharedWords, 'documentTitle'> = {
  copy: 'Copier',
  copied: 'Copié.',
  selected: 'Le navigateur n’a pas laissé la page copier. Le texte est sélectionné : copiez-le au clavier.',
  clearClipboard: 'Vider le presse-papiers',
  clipboardCleared: 'Le presse-papiers est vidé.',
  language: 'Langue',
  close: 'Fermer',
}

const rules = new Intl.PluralRules('fr')

/** Picks a number's form. */
export const plural = (count: number, forms: Plural<'fr'>): string => forms[rules.select(count) as keyof Plural<'fr'>]
