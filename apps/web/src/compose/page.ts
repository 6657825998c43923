/** What the components say that several pages share, for writing an answer or a secret, and for handing out a link. */
import { usePageIn } from '../i18n/page.tsx'
import type { ComposeWords, FailureWords, HandOutWords } from './words.ts'
import type { SharedWords } from '../ui/words.ts'

export const usePage = usePageIn<SharedWords & ComposeWords>
export const useHandOut = usePageIn<SharedWords & HandOutWords & FailureWords>
