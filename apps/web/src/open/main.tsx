/** The page at /SLUG: checks the link, says what a reveal takes, and reveals on a person's click. */
import { definePage } from '../i18n/page.tsx'
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/message.css'
import './open.css'
import { App } from './app.tsx'
import { begin } from './conversation.ts'
import type { OpenWords } from './page.ts'

const { start } = definePage<OpenWords>({
  en: () => import('./words/en.ts'),
  de: () => import('./words/de.ts'),
  fr: () => import('./words/fr.ts'),
  es: () => import('./words/es.ts'),
  ar: () => import('./words/ar.ts'),
  zh: () => import('./words/zh.ts'),
  ja: () => import('./words/ja.ts'),
})

const beginning = begin()
// A link pasted over this one differs in its fragment alone, and browsers don't load the page again for that.
addEventListener('hashchange', () => location.reload())
void start(() => <App beginning={beginning} />, beginning)
