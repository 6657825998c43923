/** The page at /status/SLUG: the receipt for an answer, which tells what became of it. */
import '../ui/base.css'
import '../ui/controls.css'
import { definePage } from '../i18n/page.tsx'
import { App } from './app.tsx'
import { look } from './conversation.ts'
import type { StatusWords } from './page.ts'

const { start } = definePage<StatusWords>({
  en: () => import('./words/en.ts'),
  de: () => import('./words/de.ts'),
  fr: () => import('./words/fr.ts'),
  es: () => import('./words/es.ts'),
  ar: () => import('./words/ar.ts'),
  zh: () => import('./words/zh.ts'),
  ja: () => import('./words/ja.ts'),
})

const looking = look()
// A link pasted over this one differs in its fragment alone, and browsers don't load the page again for that.
addEventListener('hashchange', () => location.reload())
void start(() => <App looking={looking} />, looking)
