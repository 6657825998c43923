/** HTTP as bytes, for requests that no proper client would send. */
import { once } from 'node:events'
import net from 'node:net'

export interface RawReply {
  /** Of the first reply; 0 if the server closed without one. */
  status: number
  text: string
  /** Bytes that were sent before the server answered or closed. */
  sent: number
}

/** Sends the parts until there are no more or the server answers, then `end`s if told so; settles when it closes. */
export async function sendRaw(url: string, parts: Iterable<string | Buffer>, end = false): Promise<RawReply> {
  const { hostname, port } = new URL(url)
  const socket = net.connect(Number(port), hostname)
  let text = ''
  let sent = 0
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  const closed = once(socket, 'close').catch(() => undefined)
  for (const part of parts) {
    if (text !== '' || socket.destroyed) break
    sent += Buffer.byteLength(part)
    if (!socket.write(part)) await Promise.race([once(socket, 'drain').catch(() => undefined), closed])
  }
  if (end) socket.end()
  await closed
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text, sent }
}
