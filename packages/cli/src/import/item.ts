/** The contents of an import file in any format: secrets, and problems. */

/** A secret under the name that the file gives it. */
export interface Found {
  /** From 1. */
  line: number
  key: string
  value: string
  /** Only if the file has one. */
  name?: string | undefined
}

/** An entry that can't be imported. Neither `problem` nor `key` contains a value. */
export interface Refused {
  /** 0: the file as a whole. */
  line: number
  key?: string | undefined
  /** The rest of a sentence that starts with the line. */
  problem: string
}

export type Item = Found | Refused

export const isRefused = (item: Item): item is Refused => 'problem' in item

/** The file as a whole can't be read. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
  readonly line: number

  /** @param line  0: the file as a whole */
  constructor(line: number, problem: string) {
    super(problem)
    this.line = line
  }
}
