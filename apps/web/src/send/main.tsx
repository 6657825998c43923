/** The page at /: seals a text and files, and makes the link that opens them. */
import '../ui/base.css'
import '../ui/controls.css'
import '../compose/compose.css'
import '../compose/hand-out.css'
import './send.css'
import { App } from './app.tsx'
import { start } from './page.ts'

void start(App)
