/** `npm test -- --long` repeats what is random, or kills a process, as often as one would before a release. */
export const isLong = process.env['HALFKEY_LONG'] === '1'

/** How often: `usual` in a run that somebody waits for. */
export const times = (usual: number, long: number): number => (isLong ? long : usual)
