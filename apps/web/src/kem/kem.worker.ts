import { loadKem, type Bytes } from '@halfkey/sdk/parts'
import type { KemCall, KemReply } from './kem.ts'

async function answer({ id, method, args }: KemCall): Promise<void> {
  let reply: KemReply
  try {
    const kem = await loadKem()
    const call: (...args: Bytes[]) => Promise<Bytes | null> = kem[method]
    reply = { id, result: await call(...args) }
  } catch {
    reply = { id }
  }
  postMessage(reply)
}

addEventListener('message', ({ data }: MessageEvent<KemCall>) => void answer(data))
