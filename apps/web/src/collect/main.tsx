/** The page at /collect/SLUG: checks the link, lists the answers as they come, and opens each on a person's click. */
import { definePage } from '../i18n/page.tsx'
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/message.css'
import '../open/open.css'
import './answers.css'
import './collect.css'
import { App } from './app.tsx'
import { begin } from './conversation.ts'
import { catalogues } from './page.ts'

const beginning = begin()
// A link pasted over this one differs in its fragment alone, and browsers don't load the page again for that.
addEventListener('hashchange', () => location.reload())
void definePage(catalogues).start(() => <App beginning={beginning} />, beginning)
