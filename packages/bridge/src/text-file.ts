import { readFileSync } from 'node:fs'

/**
 * Reads a UTF-8 file, without the leading U+FEFF that Windows programs write.
 *
 * @throws Error with a message that completes the sentence "Can't read FILE: …"
 */
export function readTextFile(file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new Error(String((error as NodeJS.ErrnoException).code), { cause: error })
  }
  const [first, second] = bytes
  // Detects UTF-16 by its byte order mark, or by a NUL byte, which UTF-8 text doesn't contain.
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0)
    throw new Error('it is UTF-16 text (“Unicode” in Windows); save it as UTF-8')
  return bytes.toString('utf8').replace(/^\ufeff/, '')
}
