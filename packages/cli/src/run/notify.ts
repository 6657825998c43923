import type { Io } from '../io.ts'
import { printable, write } from '../io.ts'

/** Prints a message on stderr, which the program also uses. A closed pipe is ignored. */
export const notify = ({ stderr }: Io, text: string): Promise<void> =>
  write(stderr, `halfkey: ${printable(text)}\n`).catch(() => undefined)
