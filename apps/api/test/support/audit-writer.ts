/** A process that creates and burns secrets in a store that others write to as well: DATA_DIRECTORY KEY_FILE COUNT. */
import { readConfig } from '../../src/config.ts'
import { openStore } from '../../src/start.ts'
import { newSecret } from '../contract/fixture.ts'

const [data = '', key = '', count = '0'] = process.argv.slice(2)
const { config } = readConfig({ HALFKEY_DATA_DIR: data, HALFKEY_SERVER_KEY_FILE: key })
const { store } = await openStore(config)
const caller = { ip: '192.0.2.9', userAgent: 'writer', country: null }
for (let n = 0; n < Number(count); n++) {
  const secret = newSecret()
  await store.createSecret(secret, caller)
  const { id = 0 } = (await store.findSecret(secret.slug)) ?? {}
  await store.burn(id, secret.createdAt, caller)
}
await store.close()
