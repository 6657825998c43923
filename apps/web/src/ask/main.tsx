/** The page at /ask/SLUG: checks the request, and encrypts an answer that only whoever asked can read. */
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/message.css'
import '../compose/compose.css'
import './ask.css'
import { definePage } from '../i18n/page.tsx'
import { App } from './app.tsx'
import { open } from './conversation.ts'
import type { AskWords } from './page.ts'

const { start } = definePage<AskWords>({
  en: () => import('./words/en.ts'),
  de: () => import('./words/de.ts'),
  fr: () => import('./words/fr.ts'),
  es: () => import('./words/es.ts'),
  ar: () => import('./words/ar.ts'),
  zh: () => import('./words/zh.ts'),
  ja: () => import('./words/ja.ts'),
})

const opening = open()
// A link pasted over this one differs in its fragment alone, and browsers don't load the page again for that.
addEventListener('hashchange', () => location.reload())
void start(() => <App opening={opening} />, opening)
