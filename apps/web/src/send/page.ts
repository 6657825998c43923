/** The page at /, in its languages. */
import { definePage } from '../i18n/page.tsx'
import type { words } from './words/en.ts'

export type SendWords = typeof words

export const { start, usePage } = definePage<SendWords>({
  en: () => import('./words/en.ts'),
  de: () => import('./words/de.ts'),
  fr: () => import('./words/fr.ts'),
  es: () => import('./words/es.ts'),
  ar: () => import('./words/ar.ts'),
  zh: () => import('./words/zh.ts'),
  ja: () => import('./words/ja.ts'),
})
