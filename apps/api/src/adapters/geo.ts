/** Looks up the country of an address in a MaxMind DB file. */
import { readFile, stat } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import type { Response } from 'maxmind'
import { Reader } from 'maxmind'
import { StartRefused } from '../start-refused.ts'

export interface Geo {
  /** ISO 3166-1 alpha-2, or null: unknown. */
  countryOf(address: string): string | null
}

export interface GeoFile extends Geo {
  /** Stops watching for changes. */
  close(): void
}

export interface GeoFileParts {
  file: string
  /** Called if a changed file can't be read; the previous one stays in use. */
  onProblem: (reason: string) => void
  /** How often to check the file for changes. */
  everyMs?: number
}

/** GeoIP2 and GeoLite2 use the first shape, flat databases of other vendors the second. */
interface CountryRecord {
  country?: { iso_code?: unknown }
  country_code?: unknown
}

/** Length of the separator between the search tree and the data (https://maxmind.github.io/MaxMind-DB/). */
const separatorLength = 16

function parse(bytes: Buffer): Reader<Response> {
  const reader = new Reader<Response>(bytes)
  const { searchTreeSize } = reader.metadata
  if (!(searchTreeSize > 0 && searchTreeSize + separatorLength < bytes.length)) throw new Error('the file is truncated')
  return reader
}

function readCountry(reader: Reader<Response>, address: string): string | null {
  // In an IPv4 tree, an IPv6 address would be looked up by its first 32 bits.
  if (isIPv6(address) && reader.metadata.ipVersion === 4) return null
  const record = reader.get(address) as CountryRecord | null
  const code = record?.country?.iso_code ?? record?.country_code
  return typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code : null
}

/** Changes when the file is replaced or written. */
async function identify(file: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(file)
  return `${ino} ${size} ${mtimeMs}`
}

/**
 * Reads `file`, and reloads it whenever it changes. To update it, replace it atomically (rename).
 *
 * @throws StartRefused if it can't be read or isn't a MaxMind DB
 */
export async function openGeoFile({ file, onProblem, everyMs = 5000 }: GeoFileParts): Promise<GeoFile> {
  let seen = ''
  let reader: Reader<Response> | undefined
  // Identified before it is read, so that a change in between is noticed next time.
  const load = async (): Promise<void> => {
    const found = await identify(file).catch(() => 'missing')
    if (found === seen) return
    seen = found
    reader = parse(await readFile(file))
  }
  const reason = (error: unknown) => `HALFKEY_GEO_DB: can't read ${file}: ${(error as Error).message}`
  await load().catch((error: unknown) => {
    throw new StartRefused(reason(error))
  })

  let loading = false
  const refresh = async (): Promise<void> => {
    if (loading) return
    loading = true
    await load().catch((error: unknown) => onProblem(reason(error)))
    loading = false
  }
  const timer = setInterval(() => void refresh(), everyMs).unref()

  return {
    countryOf(address) {
      try {
        return reader ? readCountry(reader, address) : null
      } catch {
        return null
      }
    },
    close: () => clearInterval(timer),
  }
}
