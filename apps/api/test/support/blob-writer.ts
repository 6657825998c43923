/** A process that puts blobs as files, and names each once it is settled: DIRECTORY COUNT LENGTH. */
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openFileBlobs } from '../../src/store/blobs/files.ts'

const [directory = '', count = '0', length = '0'] = process.argv.slice(2)
const blobs = await openFileBlobs(directory)

async function* body(): AsyncIterable<Uint8Array> {
  for (let left = Number(length); left > 0; left -= 65_536) {
    await Promise.resolve()
    yield randomBytes(Math.min(left, 65_536))
  }
}

for (let n = 0; n < Number(count); n++) {
  const name = randomBytes(16).toString('hex')
  try {
    await blobs.put(name, body(), Number(length))
    writeSync(1, `put ${name}\n`)
  } catch (error) {
    writeSync(1, `failed ${(error as Error).name}\n`)
  }
}
await blobs.close()
