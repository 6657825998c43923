import { openSqliteStore } from '../src/store/sqlite/store.ts'
import { describeStore } from './store.contract.ts'
import { fastDirectory } from './support/app.ts'
import { makeHome } from './support/server.ts'

describeStore('SQLite', () => {
  const home = makeHome(fastDirectory)
  const store = openSqliteStore(home.data)
  return Promise.resolve({
    store,
    async remove() {
      await store.close()
      home.remove()
    },
  })
})
