/** What both sides of bench/bridge.ts do, and how it is timed. */

/** 1 KiB. */
export const text = 'x'.repeat(1024)

/** Does `work` `count` times, `concurrency` at once; how often a second, the first `warmUp` times left out. */
export async function repeat(
  work: () => Promise<void>,
  count: number,
  warmUp: number,
  concurrency: number,
): Promise<number> {
  let started = 0
  let done = 0
  let startedAt = 0
  const worker = async (): Promise<void> => {
    while (started++ < count) {
      await work()
      if (++done === warmUp) startedAt = performance.now()
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return ((count - warmUp) / (performance.now() - startedAt)) * 1000
}
