/** The page at /, in its languages. */
import { definePage } from '../i18n/page.tsx'
import type { words } from './words/en.ts'

export type SendWords = typeof words

export const { start, usePage } = definePage<SendWords>({
  en: () => import('./words/en.ts'),
  de: () => import('./words/en.ts'),
  fr: () => import('./words/en.ts'),
  es: () => import('./words/en.ts'),
  ar: () => import('./words/en.ts'),
  zh: () => import('./words/en.ts'),
  ja: () => import('./words/en.ts'),
})
