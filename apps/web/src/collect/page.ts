/** The page at /collect/SLUG, in its languages. Its words hold those of the page at /SLUG, whose components show an answer. */
import { usePageIn, type Catalogues } from '../i18n/page.tsx'
import type { words } from './words/en.ts'

export type CollectWords = typeof words

export const catalogues: Catalogues<CollectWords> = {
  en: () => import('./words/en.ts'),
  de: () => import('./words/de.ts'),
  fr: () => import('./words/fr.ts'),
  es: () => import('./words/es.ts'),
  ar: () => import('./words/ar.ts'),
  zh: () => import('./words/zh.ts'),
  ja: () => import('./words/ja.ts'),
}

export const usePage = usePageIn<CollectWords>
