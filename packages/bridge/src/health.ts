/** Checks that every server and token of the settings works. */
import { HalfkeyError } from '@halfkey/sdk'
import { request } from '@halfkey/sdk/parts'
import { workspaceKeysOf, type Account, type Place, type Settings } from './settings.ts'
import { chooseSealingKey, type Transport } from './upstream.ts'

/** Results are cached this long, because each check asks every server and anyone may call it. */
const CACHE_MS = 5000

interface Target {
  /** The setting that is wrong if the check fails. */
  name: string
  place: Place
  region: string | undefined
}

/** Resolves to the problems found. Each names its setting, and none contains a secret. */
export function createHealth(settings: Settings, { fetch, now, timeout }: Transport): () => Promise<string[]> {
  const get = (path: string, { place, region }: Target, token?: string) => {
    const headers = {
      ...(region !== undefined && { 'Halfkey-Region': region }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    }
    return request({ url: `${place.server}/api/v1${path}`, method: 'GET', headers }, { fetch, timeout, retries: 0 })
  }

  const servers: Target[] = [
    { name: 'server', place: settings.server, region: undefined },
    ...Object.entries(settings.regions).map(([region, place]) => ({ name: `regions.${region}`, place, region })),
  ]

  const tryAccount = async (account: Account, name: string, server: Target): Promise<string | null> => {
    const token = typeof account.token === 'string' ? account.token : account.token[server.region ?? '']
    if (token === undefined) return null
    const part = typeof account.token === 'string' ? 'token' : `token.${server.region ?? ''}`
    return problemOf(`${name}.${part}`, () =>
      chooseSealingKey(() => get('/workspace', server, token), workspaceKeysOf(settings, account)),
    )
  }

  const tryServer = async (server: Target): Promise<(string | null)[]> => {
    const down = await problemOf(server.name, () => get('/limits', server))
    if (down !== null) return [down]
    const accounts = settings.accounts.filter(({ token }) => typeof token !== 'string' || server.region === undefined)
    return Promise.all(
      accounts.map((account) => tryAccount(account, `accounts.${settings.accounts.indexOf(account)}`, server)),
    )
  }

  let found: Promise<string[]> | undefined
  let foundAt = 0
  return () => {
    if (found && now() - foundAt < CACHE_MS) return found
    foundAt = now()
    found = Promise.all(servers.map(tryServer)).then((all) => all.flat().filter((problem) => problem !== null))
    return found
  }
}

async function problemOf(name: string, ask: () => Promise<unknown>): Promise<string | null> {
  try {
    await ask()
    return null
  } catch (error) {
    if (error instanceof HalfkeyError) return `${name}: ${error.code}: ${error.message}`
    throw error
  }
}
