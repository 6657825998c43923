/** What a file holds, whatever its format: secrets and what stands in their way. */

/** A secret as the file names it. */
export interface Found {
  /** From 1. */
  line: number
  key: string
  value: string
  /** Only if the file says one. */
  name?: string | undefined
}

/** What can't be imported. No value is in `problem`, nor in `key`. */
export interface Refused {
  /** 0: the file as a whole. */
  line: number
  key?: string | undefined
  /** The end of a sentence that begins with the line. */
  problem: string
}

export type Item = Found | Refused

export const isRefused = (item: Item): item is Refused => 'problem' in item

/** The file can't be read at all. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
  readonly line: number

  /** @param line  0: the file as a whole */
  constructor(line: number, problem: string) {
    super(problem)
    this.line = line
  }
}
