import { createServerKey } from '../src/adapters/server-key.ts'
import { openSqliteStore } from '../src/store/sqlite/store.ts'
import { describeStore } from './store.contract.ts'
import { fastDirectory } from './support/app.ts'
import { makeHome } from './support/server.ts'

const { mac } = createServerKey(Buffer.alloc(32, 7))

describeStore('SQLite', () => {
  const home = makeHome(fastDirectory)
  const store = openSqliteStore(home.data, { mac, keepAddress: (address) => address })
  return Promise.resolve({
    store,
    async remove() {
      await store.close()
      home.remove()
    },
  })
})
