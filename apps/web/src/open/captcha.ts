/** Captchas solved beside the page, which stays quick meanwhile. */
import { solveCaptcha, type SolveCaptcha } from '@halfkey/sdk/open'
import { startWorker } from '../ui/worker.ts'
import workerUrl from './captcha.worker.ts?worker&url'

/** In the page itself where workers don't start. */
export const solveInWorker: SolveCaptcha = (challenge, signal) => {
  const worker = startWorker(workerUrl)
  const solution = new Promise<string | null>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<string | null>) => resolve(data)
    worker.onerror = () => resolve(null)
    worker.postMessage(challenge)
  })
  return solution.then((found) => found ?? solveCaptcha(challenge, { signal })).finally(() => worker.terminate())
}
