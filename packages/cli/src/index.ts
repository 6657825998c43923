/** The CLI as a function, for programs that embed it. */
export { run } from './run.ts'
export type { Io } from './io.ts'
