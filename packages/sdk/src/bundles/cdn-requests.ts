/** The third file of the script-tag bundle: hands over what `requests.cdn.ts` asks for, the KEM included. */
import * as requests from '../request/index.ts'
import type { PartsScript } from './script.cdn.ts'

;(document.currentScript as PartsScript | null)?.halfkey(requests)
