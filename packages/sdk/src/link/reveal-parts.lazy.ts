/** `reveal-parts.ts` in the library: the same names, whose code is a chunk of its own, loaded when it is first used. */
import type * as Captcha from './captcha.ts'
import { HalfkeyError } from '../errors.ts'
import type * as OpenedFiles from './opened-file.ts'

/** @throws HalfkeyError NETWORK */
const loaded = async <T>(part: Promise<T>): Promise<T> => {
  try {
    return await part
  } catch (cause) {
    throw new HalfkeyError('NETWORK', "Can't load a part of this program. Try again.", { cause })
  }
}

const captcha = (): Promise<typeof Captcha> => loaded(import('./captcha.ts'))
const openedFiles = (): Promise<typeof OpenedFiles> => loaded(import('./opened-file.ts'))

export const freshChallenge: typeof Captcha.freshChallenge = async (...args) =>
  (await captcha()).freshChallenge(...args)

export const solveCaptcha: typeof Captcha.solveCaptcha = async (...args) => (await captcha()).solveCaptcha(...args)

export const openFiles: typeof OpenedFiles.openFiles = async (...args) => (await openedFiles()).openFiles(...args)

export const prepareFiles = async (): Promise<void> => {
  await openedFiles()
}
