/** What attachments are measured against: a bare Node handler that pipes a body to a flushed file, and a file back. */
import { createReadStream, createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

const file = path.join(process.argv[2] ?? '', 'bare')

async function keep(request: NodeJS.ReadableStream): Promise<void> {
  await pipeline(request, createWriteStream(file, { flush: true }))
}

const server = createServer((request, response) => {
  if (request.method === 'PUT') void keep(request).then(() => response.end())
  else createReadStream(file).pipe(response)
})
server.listen(0, '127.0.0.1', () => {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('it is not bound to a port')
  console.log(`listens on http://127.0.0.1:${bound.port} `)
})
process.once('SIGTERM', () => process.exit(0))
