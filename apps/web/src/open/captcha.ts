/** Captchas solved beside the page, which stays quick meanwhile. */
import { solveCaptcha, type SolveCaptcha } from '@halfkey/sdk/open'
import workerUrl from './captcha.worker.ts?worker&url'

/** Trusted Types (W3C), where the browser has them: TypeScript's DOM doesn't know them yet. */
interface TrustedTypes {
  createPolicy: (name: string, rules: { createScriptURL: () => string }) => { createScriptURL: (url: string) => string }
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
/** The only script URL that this page ever makes is the worker's. */
const policy = trustedTypes?.createPolicy('halfkey', { createScriptURL: () => workerUrl })

/** In the page itself where workers don't start. */
export const solveInWorker: SolveCaptcha = (challenge, signal) => {
  const worker = new Worker(policy?.createScriptURL('') ?? workerUrl, { type: 'module' })
  const solution = new Promise<string | null>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<string | null>) => resolve(data)
    worker.onerror = () => resolve(null)
    worker.postMessage(challenge)
  })
  return solution.then((found) => found ?? solveCaptcha(challenge, { signal })).finally(() => worker.terminate())
}
