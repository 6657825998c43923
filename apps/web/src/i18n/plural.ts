import type { Language } from './language.ts'

/** The categories that whole numbers fall into (Unicode CLDR, cardinal). */
interface Categories {
  en: 'one' | 'other'
  de: 'one' | 'other'
  fr: 'one' | 'many' | 'other'
  es: 'one' | 'many' | 'other'
  ar: 'zero' | 'one' | 'two' | 'few' | 'many' | 'other'
  zh: 'other'
  ja: 'other'
}

/** A sentence in every form that the language has: the compiler misses those that aren't there. */
export type Plural<L extends Language> = Record<Categories[L], string>
