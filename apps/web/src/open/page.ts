/** The words of the page at /SLUG, for its components, which the page at /collect/SLUG uses too. */
import { usePageIn } from '../i18n/page.tsx'
import type { words } from './words/en.ts'

export type OpenWords = typeof words

export const usePage = usePageIn<OpenWords>
