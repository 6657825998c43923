/** The words of the page at /ask/SLUG. */
import { usePageIn } from '../i18n/page.tsx'
import type { words } from './words/en.ts'

export type AskWords = typeof words

export const usePage = usePageIn<AskWords>
