/** An S3 server that answers as a test says, for what a real one can't be made to do. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

/** Settles when it has answered; the body has been read already. */
export type Answer = (response: ServerResponse, request: ReceivedRequest) => unknown

export interface ScriptedS3 {
  port: number
  endpoint: string
  received: ReceivedRequest[]
  /** The answers to the next requests; after them everything is answered with 200 and nothing. */
  script(...answers: Answer[]): void
  close(): Promise<void>
}

export const status =
  (code: number, headers: Record<string, string> = {}, body: string | Buffer = ''): Answer =>
  (response) =>
    response.writeHead(code, headers).end(body)

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses */
export const refusal = (code: number, name: string): Answer =>
  status(
    code,
    { 'Content-Type': 'application/xml' },
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${name}</Code><Message>AKIAIOSFODNN7EXAMPLE</Message></Error>`,
  )

/** Closes the connection without a word. */
export const cut: Answer = (response) => response.destroy()

/** Says nothing, ever. */
export const silence: Answer = () => undefined

export async function startScriptedS3(): Promise<ScriptedS3> {
  const received: ReceivedRequest[] = []
  let answers: Answer[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const { method = '', url = '', headers } = request
    const whole = { method, url, headers, body: Buffer.concat(chunks) }
    received.push(whole)
    await (answers.shift() ?? status(200))(response, whole)
  }
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    endpoint: `http://127.0.0.1:${port}`,
    received,
    script: (...next) => void (answers = next),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
