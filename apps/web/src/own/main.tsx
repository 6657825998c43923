/** The page at /app: what the owner of a workspace sees of it. */
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/message.css'
import '../open/open.css'
import '../collect/answers.css'
import './own.css'
import './stats.css'
import { App } from './app.tsx'
import { start } from './page.ts'
import { resume } from './session.ts'

const resumed = resume()
void start(() => <App resumed={resumed} />, resumed)
