/** Searches bytes for very many patterns at once. */

export const shortestPattern = 8

/** Patterns by their first four bytes. */
export class Patterns {
  readonly #byStart = new Map<number, { name: string; bytes: Buffer }[]>()

  /** Of at least `shortestPattern` bytes: shorter ones would be found by chance. */
  add(name: string, bytes: Buffer): void {
    if (bytes.length < shortestPattern) throw new Error(`the pattern ${name} is too short to mean anything`)
    const start = bytes.readUInt32LE(0)
    const others = this.#byStart.get(start)
    if (others) others.push({ name, bytes })
    else this.#byStart.set(start, [{ name, bytes }])
  }

  /** The names of those that occur, in one pass over the bytes. */
  findIn(haystack: Buffer): Set<string> {
    const found = new Set<string>()
    for (let at = 0; at + shortestPattern <= haystack.length; at++)
      for (const { name, bytes } of this.#byStart.get(haystack.readUInt32LE(at)) ?? [])
        if (haystack.compare(bytes, 0, bytes.length, at, Math.min(at + bytes.length, haystack.length)) === 0)
          found.add(name)
    return found
  }
}

/** `bytes` cut into pieces: whoever has 2 × `length` − 1 bytes of it in a row has a whole piece. */
export function piecesOf(bytes: Buffer, length: number): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at + length <= bytes.length; at += length) pieces.push(bytes.subarray(at, at + length))
  return pieces
}
