/**
 * What bench/bridge.ts measures the bridge against: the SDK in a process of its own, which shares and reads by itself.
 *
 *     node bench/bridge-direct.ts ADDRESS COUNT WARM_UP CONCURRENCY
 *
 * Prints how many it shared and read a second.
 */
import type * as Sdk from '../packages/sdk/src/index.ts'
import { repeat, text } from './bridge-work.ts'
import { built } from './harness.ts'

const { Halfkey } = (await import(built('packages/sdk/dist/index.js'))) as typeof Sdk

const [baseUrl = '', count, warmUp, concurrency] = process.argv.slice(2)
const client = new Halfkey({ baseUrl })

async function shareAndRead(): Promise<void> {
  const { shareUrl } = await client.createSecret(text)
  const link = await client.openLink(shareUrl)
  const opened = await link.reveal()
  await opened.done()
  if (opened.text !== text) throw new Error('what was read is not what was shared')
}

console.log(await repeat(shareAndRead, Number(count), Number(warmUp), Number(concurrency)))
