/** The page at /request: makes a request, and the links that answer and collect it. */
import '../ui/base.css'
import '../ui/controls.css'
import '../compose/hand-out.css'
import './request.css'
import { definePage } from '../i18n/page.tsx'
import { App } from './app.tsx'
import type { RequestWords } from './page.ts'

const { start } = definePage<RequestWords>({
  en: () => import('./words/en.ts'),
  de: () => import('./words/de.ts'),
  fr: () => import('./words/fr.ts'),
  es: () => import('./words/es.ts'),
  ar: () => import('./words/ar.ts'),
  zh: () => import('./words/zh.ts'),
  ja: () => import('./words/ja.ts'),
})

void start(App)
