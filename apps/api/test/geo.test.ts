import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readConfig } from '../src/config.ts'
import type { GeoFile } from '../src/adapters/geo.ts'
import { openGeoFile } from '../src/adapters/geo.ts'
import { StartRefused } from '../src/start-refused.ts'
import { start } from '../src/start.ts'
import { fastDirectory } from './support/app.ts'
import { buildMmdb } from './support/mmdb.ts'

const nested = (code: string) => ({ country: { geoname_id: 1, iso_code: code }, continent: { code: 'EU' } })
const flat = (code: string) => ({ country_code: code, country: 'A country' })
const everyMs = 20

let directory: string
let file: string
let opened: GeoFile | undefined

beforeEach(() => {
  directory = mkdtempSync(path.join(fastDirectory, 'halfkey-geo-'))
  file = path.join(directory, 'countries.mmdb')
})
afterEach(() => {
  opened?.close()
  opened = undefined
  rmSync(directory, { recursive: true })
})

async function open(bytes: Buffer, onProblem: (reason: string) => void = () => undefined): Promise<GeoFile> {
  writeFileSync(file, bytes)
  return (opened = await openGeoFile({ file, onProblem, everyMs }))
}

/** As an updater does it. */
function replace(bytes: Buffer): void {
  writeFileSync(`${file}.new`, bytes)
  renameSync(`${file}.new`, file)
}

describe('countries', () => {
  test.each([
    ['country.iso_code', nested],
    ['a flat country_code', flat],
  ])('are read from records with %s, v4 and v6', async (_, record) => {
    const geo = await open(buildMmdb({ '192.0.2.0/24': record('FR'), '2001:db8::/32': record('US') }))
    expect(geo.countryOf('192.0.2.7')).toBe('FR')
    expect(geo.countryOf('2001:db8::7')).toBe('US')
  })

  test('of addresses that aren’t in the database are unknown', async () => {
    const geo = await open(buildMmdb({ '192.0.2.0/24': nested('FR') }))
    for (const address of ['192.0.3.1', '2001:db8::1', '127.0.0.1', '::1']) expect(geo.countryOf(address)).toBeNull()
  })

  test('of v6 addresses are unknown to a database of v4 networks, whatever their first 32 bits', async () => {
    const geo = await open(buildMmdb({ '32.1.13.0/24': nested('US'), '192.0.2.0/24': nested('FR') }, 4))
    expect(geo.countryOf('192.0.2.7')).toBe('FR')
    expect(geo.countryOf('32.1.13.184')).toBe('US')
    expect(geo.countryOf('2001:db8::1')).toBeNull()
  })

  test.each([
    ['no country', { continent: { code: 'EU' } }],
    ['a name', { country_code: 'France' }],
    ['a number', { country_code: 33 }],
    ['a text alone', 'FR'],
  ])('of a record with %s are unknown', async (_, record) => {
    const geo = await open(buildMmdb({ '192.0.2.0/24': record }))
    expect(geo.countryOf('192.0.2.7')).toBeNull()
  })
})

describe('a database that changes', () => {
  test('is read again, replaced by a rename or written over', async () => {
    const geo = await open(buildMmdb({ '192.0.2.0/24': nested('FR') }))
    replace(buildMmdb({ '192.0.2.0/24': nested('DE'), '198.51.100.0/24': nested('PT') }))
    await vi.waitFor(() => expect(geo.countryOf('192.0.2.7')).toBe('DE'), 5000)
    writeFileSync(file, buildMmdb({ '192.0.2.0/24': flat('US') }))
    await vi.waitFor(() => expect(geo.countryOf('192.0.2.7')).toBe('US'), 5000)
  })

  test.each([
    ['garbage', () => Buffer.from('not a database')],
    ['cut short', () => buildMmdb({ '192.0.2.0/24': nested('DE') }).subarray(0, -40)],
    ['without its tree', () => buildMmdb({ '192.0.2.0/24': nested('DE') }).subarray(-230)],
  ])('into something %s is reported, and the one before stays', async (_, broken) => {
    const onProblem = vi.fn()
    const geo = await open(buildMmdb({ '192.0.2.0/24': nested('FR') }), onProblem)
    replace(broken())
    await vi.waitFor(() => expect(onProblem).toHaveBeenCalled(), 5000)
    expect(onProblem.mock.lastCall).toEqual([expect.stringContaining('HALFKEY_GEO_DB')])
    expect(geo.countryOf('192.0.2.7')).toBe('FR')
  })
})

describe('a start', () => {
  const startWith = () => {
    const { config } = readConfig({
      HALFKEY_DATA_DIR: path.join(directory, 'data'),
      HALFKEY_LISTEN: '127.0.0.1:0',
      HALFKEY_GEO_DB: file,
    })
    return start(config, { now: () => Date.now() }, pino({ enabled: false }))
  }

  test.each([
    ['is missing', null],
    ['is garbage', Buffer.from('not a database')],
    ['is empty', Buffer.alloc(0)],
    ['was cut short', buildMmdb({ '192.0.2.0/24': nested('DE') }).subarray(0, -40)],
  ])('is refused with a sentence that names the setting if the database %s', async (_, bytes) => {
    if (bytes) writeFileSync(file, bytes)
    const error = await startWith().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StartRefused)
    expect((error as Error).message).toContain(`HALFKEY_GEO_DB: can't read ${file}`)
  })

  test('goes on with a database, and its stop lets the process end', async () => {
    writeFileSync(file, buildMmdb({ '192.0.2.0/24': nested('FR') }))
    await (await startWith()).stop()
  })
})
