import { and, eq } from 'drizzle-orm'
import { createServerKey } from '../src/adapters/server-key.ts'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { kmsEntries } from '../src/store/sqlite/kms-schema.ts'
import { requests } from '../src/store/sqlite/requests-schema.ts'
import { secrets } from '../src/store/sqlite/schema.ts'
import { createSqliteStore, openSqliteStore } from '../src/store/sqlite/store.ts'
import { describeStore } from './store.contract.ts'
import { fastDirectory } from './support/app.ts'
import { makeHome } from './support/server.ts'

const { mac } = createServerKey(Buffer.alloc(32, 7))

describeStore('SQLite', () => {
  const home = makeHome(fastDirectory)
  const settings = { mac, keepAddress: (address: string | null) => address }
  const database = openDatabase(home.data, { mayCreate: true })
  const store = createSqliteStore(database, settings)
  const { db } = database
  return Promise.resolve({
    store,
    again: () => openSqliteStore(home.data, settings),
    interfere: {
      secret: (id, fields) => void db.update(secrets).set(fields).where(eq(secrets.id, id)).run(),
      request: (id, fields) => void db.update(requests).set(fields).where(eq(requests.id, id)).run(),
      kms({ workspaceId, handler }, fields) {
        const named = and(eq(kmsEntries.workspaceId, workspaceId), eq(kmsEntries.handler, handler))
        db.update(kmsEntries).set(fields).where(named).run()
      },
    },
    async remove() {
      if (db.$client.open) await store.close()
      home.remove()
    },
  })
})
