/** The file beside the script-tag bundle: hands over what `extras.cdn.ts` asks for. */
import * as extras from './extras.ts'
import type { PartsScript } from './script.cdn.ts'

;(document.currentScript as PartsScript | null)?.halfkey(extras)
