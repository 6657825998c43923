/** A small real HTTP server that answers by a script, and remembers what it was sent. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface Recorded {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export type Step =
  | { status?: number; headers?: Record<string, string>; json?: unknown; text?: string }
  /** The connection is closed before a reply, or in the middle of its body. */
  | 'cut'
  | 'cut in the body'
  | 'hang'
  | 'hang in the body'

export type Script = Step[] | ((request: Recorded, index: number) => Step)

export const success = (data: unknown, more: object = {}): Step => ({
  json: { success: true, message: 'Done', data, ...more },
})

export const failure = (
  status: number,
  code: string,
  details?: object,
  headers: Record<string, string> = {},
): Step => ({
  status,
  headers,
  json: { success: false, error: { code, message: `It is ${code}`, details } },
})

/** Stops when the test that started it has finished. */
export async function scriptedServer(script: Script): Promise<{ url: string; requests: Recorded[] }> {
  const requests: Recorded[] = []
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { method = '', url = '', headers } = request
      const recorded = { method, path: url, headers, body: body.toString() }
      const index = requests.push(recorded) - 1
      const step = typeof script === 'function' ? script(recorded, index) : script[index]
      answer(response, step ?? { status: 500, text: `The script has no answer to request ${index}.` })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return { url: `http://127.0.0.1:${address.port}`, requests }
}

function answer(response: ServerResponse, step: Step): void {
  if (step === 'hang') return
  if (step === 'cut') {
    response.destroy()
    return
  }
  if (typeof step === 'string') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 1000 })
    response.write('{"success":true,', () => {
      if (step === 'cut in the body') response.destroy()
    })
    return
  }
  const { status = 200, headers, json, text } = step
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
  response.end(text ?? JSON.stringify(json))
}
