/** The file beside the script-tag bundle: hands over what `extras.cdn.ts` asks for. */
import * as extras from './extras.ts'
import type { ExtrasScript } from './extras.cdn.ts'

;(document.currentScript as ExtrasScript | null)?.halfkey(extras)
