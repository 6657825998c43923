/** Chance that can be had again: every draw follows from a seed. */
export interface Random {
  /** 0 … n − 1. */
  below(n: number): number
  /** true in `share` of the draws. */
  chance(share: number): boolean
  pick<T>(items: readonly T[]): T
  /** A key, as often as its weight says. */
  weighted<Key extends string>(weights: Record<Key, number>): Key
}

export const newSeed = (): number => Math.floor(Math.random() * 2 ** 32)

/** mulberry32: 32 bits of state, enough to choose test steps. */
export function seeded(seed: number): Random {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(next() * n)
  return {
    below,
    chance: (share) => next() < share,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
    weighted<Key extends string>(weights: Record<Key, number>): Key {
      const entries = Object.entries(weights) as [Key, number][]
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
      const [last] = entries.at(-1) as [Key, number]
      return entries.find(([, weight]) => (left -= weight) < 0)?.[0] ?? last
    },
  }
}
