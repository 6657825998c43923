/**
 * What only some reveals need: captchas and files. The library loads it when it is first used, so that a page which opens
 * links starts without it (reveal-parts.lazy.ts).
 */
export { freshChallenge, solveCaptcha } from './captcha.ts'
export { openFiles } from './opened-file.ts'

/** Settles when files can be opened; awaited before a view is spent. */
export const prepareFiles = (): Promise<void> => Promise.resolve()
