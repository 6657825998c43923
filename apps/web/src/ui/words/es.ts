import type { Plural } from '../../i18n/plural.ts'
import type { SharedWords } from '../words.ts'

export const shared: Omit<SharedWords, 'documentTitle'> = {
  copy: 'Copiar',
  copied: 'Copiado.',
  selected: 'El navegador no ha dejado copiar a la página. El texto está seleccionado: cópielo con el teclado.',
  clearClipboard: 'Vaciar el portapapeles',
  clipboardCleared: 'El portapapeles está vacío.',
  language: 'Idioma',
  close: 'Cerrar',
}

const rules = new Intl.PluralRules('es')

/** Picks a number's form. */
export const plural = (count: number, forms: Plural<'es'>): string => forms[rules.select(count) as keyof Plural<'es'>]
