/** Reads the secrets of a file, in a given or detected format. */
import path from 'node:path'
import { decodeInput } from '../text.ts'
import { readCsv } from './csv.ts'
import { added, readDoppler } from './doppler.ts'
import { readDotenv } from './dotenv.ts'
import { readInfisical } from './infisical.ts'
import { Unreadable, type Item } from './item.ts'
import { parseJson, type Json, type JsonObject } from './json-text.ts'
import { memberOf, readJson } from './json.ts'
import { isReply, readVault } from './vault.ts'

const jsonFormats = { json: readJson, vault: readVault, doppler: readDoppler, infisical: readInfisical }
const textFormats = { csv: readCsv, dotenv: readDotenv }

export type Format = keyof typeof jsonFormats | keyof typeof textFormats
export const formats = [...Object.keys(jsonFormats), ...Object.keys(textFormats)] as Format[]

/**
 * @param from  undefined: detect the format from the name and content
 * @throws Unreadable, UsageError
 */
export function readSecrets(
  bytes: Uint8Array,
  name: string,
  from: Format | undefined,
): { format: Format; items: Item[] } {
  const text = decodeInput(bytes, name)
  const known = from ?? textFormatOf(name, text)
  if (known === 'csv' || known === 'dotenv') return { format: known, items: textFormats[known](text) }
  const file = parseJson(text)
  const format = known ?? jsonFormatOf(file)
  return { format, items: [...findDuplicates(file), ...jsonFormats[format](file)] }
}

/** undefined: it looks like JSON. */
function textFormatOf(name: string, text: string): Format | undefined {
  const base = path.basename(name)
  if (/\.csv$/i.test(base)) return 'csv'
  if (/^\.env(\.|$)|\.env$/i.test(base)) return 'dotenv'
  if (/^\s*[{[]/.test(text)) return undefined
  const fields = (/^[^\r\n]*/.exec(text)?.[0] ?? '').split(',').map((field) => field.replaceAll('"', '').trim())
  if (fields.includes('handler') && fields.includes('value')) return 'csv'
  throw new Unreadable(0, `has an unknown format. Use --from with one of: ${formats.join(', ')}`)
}

const isObject = (value: Json): value is JsonObject => value.kind === 'object'

function jsonFormatOf(file: Json): keyof typeof jsonFormats {
  if (file.kind === 'list') {
    const [first] = file.items.filter(isObject)
    return first && (memberOf(first, 'key') ?? memberOf(first, 'secretKey')) ? 'infisical' : 'json'
  }
  if (!isObject(file)) return 'json'
  const secrets = memberOf(file, 'secrets')
  if (secrets?.kind === 'list') return 'infisical'
  const values = (secrets?.kind === 'object' ? secrets : file).members.map(({ value }) => value).filter(isObject)
  if (values.some((value) => memberOf(value, 'computed')) || added.some((name) => memberOf(file, name)))
    return 'doppler'
  return isReply(file) || values.length > 0 ? 'vault' : 'json'
}

/** Duplicate object members, of which other parsers silently keep only the last. */
function findDuplicates(value: Json): Item[] {
  if (value.kind === 'list') return value.items.flatMap(findDuplicates)
  if (value.kind !== 'object') return []
  const lines = new Map<string, number>()
  return value.members.flatMap(({ line, key, value: inner }) => {
    const before = lines.get(key)
    lines.set(key, line)
    const duplicate = before === undefined ? [] : [{ line, key, problem: `is a duplicate of line ${before}` }]
    return [...duplicate, ...findDuplicates(inner)]
  })
}
