import type { Io } from '../io.ts'
import { printable, write } from '../io.ts'

/** A word on stderr, among what the program says there; a reader that went away ends neither of them. */
export const tell = ({ stderr }: Io, text: string): Promise<void> =>
  write(stderr, `halfkey: ${printable(text)}\n`).catch(() => undefined)
