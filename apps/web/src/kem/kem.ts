/** The KEM of requests (spec/protocol.md section 10) beside the page, which stays quick meanwhile. */
import type { Kem } from '@halfkey/sdk'
import { loadKem, type Bytes } from '@halfkey/sdk/parts'
import { startWorker } from '../ui/worker.ts'
import workerUrl from './kem.worker.ts?worker&url'

export interface KemCall {
  id: number
  method: keyof Kem
  args: Bytes[]
}

export interface KemReply {
  id: number
  /** undefined: the call failed. */
  result?: Bytes | null
}

interface Running {
  worker: Worker
  /** By the id of the call. */
  waiting: Map<number, (reply: KemReply) => void>
}

let running: Running | undefined
let calls = 0

/** One worker for all calls. One that fails, most likely because its code can't be fetched, is given up. */
function start(): Running {
  const worker = startWorker(workerUrl)
  const started: Running = { worker, waiting: new Map() }
  worker.onmessage = ({ data }: MessageEvent<KemReply>) => {
    started.waiting.get(data.id)?.(data)
    started.waiting.delete(data.id)
  }
  worker.onerror = () => {
    if (running === started) running = undefined
    worker.terminate()
    for (const [id, settle] of started.waiting) settle({ id })
  }
  return started
}

function askWorker(method: keyof Kem, args: Bytes[]): Promise<KemReply> {
  const { worker, waiting } = (running ??= start())
  const id = calls++
  return new Promise((resolve) => {
    waiting.set(id, resolve)
    worker.postMessage({ id, method, args } satisfies KemCall)
  })
}

/** What fails in the worker is done again in the page, whose errors say why. */
const inWorker =
  <Method extends keyof Kem>(method: Method): Kem[Method] =>
  async (...args: Bytes[]) => {
    const { result } = await askWorker(method, args)
    if (result !== undefined) return result as Bytes
    const kem = await loadKem()
    return (kem[method] as (...args: Bytes[]) => Promise<Bytes>)(...args)
  }

/** For the option `kem` of the SDK. Its code, 27 KiB gzipped, is fetched by the first call. */
export const workerKem: Kem = {
  publicKey: inWorker('publicKey'),
  seal: inWorker('seal'),
  open: inWorker('open'),
}
