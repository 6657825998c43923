/** Lists and reveals named secrets, which are created with a Halfkey client. */
import type { KmsEntry } from '@halfkey/sdk'
import { nameIn, type Call } from './call.ts'
import { instead, noKmsEntry, notText, revealUnauthorized } from './errors.ts'
import { presentPage, readPage } from './page.ts'

const presentEntry = ({ id, name, handler }: KmsEntry) => ({ id, name: name ?? handler, handler })

/** A single address without its prefix length. */
const plainAddress = (network: string): string => network.replace(network.includes(':') ? /\/128$/ : /\/32$/, '')

export async function listEntries(call: Call) {
  const { entries, pagination } = await call.client.kms.list(readPage(call))
  return presentPage('KMSEntry', pagination, entries.map(presentEntry))
}

/** An invalid handler (`VALIDATION_ERROR`) counts as missing. @throws Refusal, HalfkeyError */
export async function getEntry(call: Call) {
  const entry = await call.client.kms
    .get(nameIn(call, 'handler'))
    .catch(instead(noKmsEntry(), 'NOT_FOUND', 'VALIDATION_ERROR'))
  return { ...presentEntry(entry), whitelist: entry.whitelist.map(plainAddress), properties: entry.properties ?? {} }
}

/** The newest value. The caller gets the same error whatever the reason for a refusal. @throws Refusal, HalfkeyError */
export async function revealEntry(call: Call) {
  const revealed = await call.client.kms
    .reveal(nameIn(call, 'handler'))
    .catch(instead(revealUnauthorized(), 'PERMISSION_DENIED', 'NOT_FOUND', 'VALIDATION_ERROR'))
  try {
    return { content: revealed.text }
  } catch {
    throw notText()
  }
}
