/** The words of the page at /request. */
import { usePageIn } from '../i18n/page.tsx'
import type { words } from './words/en.ts'

export type RequestWords = typeof words

export const usePage = usePageIn<RequestWords>
