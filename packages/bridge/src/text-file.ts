import { readFileSync } from 'node:fs'

/**
 * A UTF-8 file's text, without the U+FEFF that Windows programs write before it.
 *
 * @throws Error with a message that ends the sentence "FILE can't be read: …"
 */
export function readTextFile(file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new Error(String((error as NodeJS.ErrnoException).code), { cause: error })
  }
  const [first, second] = bytes
  // By its byte order mark; without one, by the NUL that every ASCII character has in UTF-16 and no text has in UTF-8.
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0)
    throw new Error('it is UTF-16 text (“Unicode” in Windows); save it as UTF-8')
  return bytes.toString('utf8').replace(/^\ufeff/, '')
}
