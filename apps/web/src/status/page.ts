/** The words of the page at /status/SLUG. */
import { usePageIn } from '../i18n/page.tsx'
import type { words } from './words/en.ts'

export type StatusWords = typeof words

export const usePage = usePageIn<StatusWords>
