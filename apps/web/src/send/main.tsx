/** The page at /: shares a secret. */
import '../ui/base.css'
import { App } from './app.tsx'
import { start } from './page.ts'

void start(App)
