/** The page at /SLUG: checks the link, says what a reveal takes, and reveals on a person's click. */
import '../ui/base.css'
import '../ui/controls.css'
import './open.css'
import { App } from './app.tsx'
import { begin } from './conversation.ts'
import { start } from './page.ts'

const beginning = begin()
// A link pasted over this one differs in its fragment alone, and browsers don't load the page again for that.
addEventListener('hashchange', () => location.reload())
void start(() => <App beginning={beginning} />, beginning)
