/** The command line as a function, for programs that embed it. */
export { run } from './run.ts'
export type { Io } from './io.ts'
