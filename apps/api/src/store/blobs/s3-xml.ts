/**
 * The two XML documents that S3 answers with. Neither needs more of XML than elements that aren't repeated inside
 * themselves and character references: there is no parser here that could be led to open a file or grow without bound.
 */

export interface ListedObject {
  key: string
  /** Bytes. */
  size: number
  /** Milliseconds since the epoch. */
  modifiedAt: number
}

export interface Listing {
  objects: ListedObject[]
  /** null: this was the last page. */
  next: string | null
}

const predefined: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** XML 1.0, sections 4.1 and 4.6. Throws for a reference to anything else. */
export function unescapeXml(text: string): string {
  return text.replace(/&([^;&]{0,16});?/g, (whole, name: string) => {
    const code = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name)
    const point = code ? parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 10 : 16) : NaN
    const character = point <= 0x10ffff ? String.fromCodePoint(point) : predefined[name]
    if (character === undefined || !whole.endsWith(';'))
      throw new SyntaxError('the S3 server sent XML with an unknown entity')
    return character
  })
}

/** The text of the first such element that has no attributes; undefined: there is none. */
function elementText(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`)
  const end = xml.indexOf(`</${name}>`, start)
  return start < 0 || end < 0 ? undefined : unescapeXml(xml.slice(start + name.length + 2, end))
}

/** A page of ListObjectsV2 with `encoding-type=url`. Throws SyntaxError for anything else. */
export function readListing(xml: string): Listing {
  if (!/<ListBucketResult[\s>]/.test(xml)) throw new SyntaxError('the S3 server sent something else than a listing')
  const objects = xml.split('<Contents>').slice(1).map(readObject)
  const isTruncated = elementText(xml, 'IsTruncated')
  const next = elementText(xml, 'NextContinuationToken')
  if (isTruncated === 'true' && !next)
    throw new SyntaxError('the S3 server sent a listing that goes on without saying where')
  return { objects, next: isTruncated === 'true' && next ? next : null }
}

function readObject(xml: string): ListedObject {
  const key = elementText(xml, 'Key')
  const size = Number(elementText(xml, 'Size'))
  const modifiedAt = Date.parse(elementText(xml, 'LastModified') ?? '')
  if (key === undefined || !Number.isSafeInteger(size) || Number.isNaN(modifiedAt))
    throw new SyntaxError('the S3 server sent a listing with an incomplete object')
  return { key: decodeURIComponent(key.replace(/\+/g, ' ')), size, modifiedAt }
}

/** Such as SlowDown or NoSuchKey; undefined: this is no error document. */
export function readErrorCode(xml: string): string | undefined {
  const start = xml.indexOf('<Error>')
  return start < 0 ? undefined : /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(xml.slice(start))?.[1]
}
