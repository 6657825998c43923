/** generate: values that nobody guesses, shared at once. */
import { describe, expect, it } from 'vitest'
import { classes, drawCharacters, drawWords } from '../src/strong-values.ts'
import type { CharacterClass } from '../src/strong-values.ts'
import { useHalfkey } from './running.ts'

const { halfkey } = useHalfkey()

/**
 * Pearson's statistic of counts that should be equal, against its mean (the degrees of freedom) in units of its
 * standard deviation: below 6 but for one run in a hundred million.
 */
function deviation(counts: number[]): number {
  const expected = counts.reduce((total, count) => total + count, 0) / counts.length
  const statistic = counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0)
  const freedom = counts.length - 1
  return (statistic - freedom) / Math.sqrt(2 * freedom)
}

function count<T>(from: Iterable<T>, of: Iterable<T>): number[] {
  const counts = new Map([...of].map((each) => [each, 0]))
  for (const each of from) counts.set(each, (counts.get(each) ?? NaN) + 1)
  return [...counts.values()]
}

const all = Object.keys(classes) as CharacterClass[]

describe('a drawn value', () => {
  it.each(all)('of the class %s alone has each of its characters as often as any other', (name) => {
    expect(deviation(count(drawCharacters(200_000, [name]), classes[name]))).toBeLessThan(6)
  })

  it('of all classes has each character as often as any other, at its first place as anywhere', () => {
    const alphabet = Object.values(classes).join('')
    expect(deviation(count(drawCharacters(400_000, all), alphabet))).toBeLessThan(6)
    const firsts = Array.from({ length: 40_000 }, () => drawCharacters(24, ['lower', 'digits']).charAt(0))
    expect(deviation(count(firsts, classes.lower + classes.digits))).toBeLessThan(6)
  })

  it('that must have each class has it, and is still any such value as likely as another', () => {
    const values = Array.from({ length: 60_000 }, () => drawCharacters(2, ['lower', 'digits']))
    const pairs = Array.from(classes.lower).flatMap((letter) =>
      Array.from(classes.digits).flatMap((digit) => [letter + digit, digit + letter]),
    )
    expect(deviation(count(values, pairs))).toBeLessThan(6)
  })

  it('has no character twice in its alphabet, and none that a shell, JSON or a URL in quotes would lose', () => {
    const alphabet = Object.values(classes).join('')
    expect(new Set(alphabet).size).toBe(alphabet.length)
    expect(alphabet).toMatch(/^[!-~]+$/)
    expect(alphabet).not.toMatch(/["'`\\]/)
  })

  it('of words has each of the 2048 as often as any other', () => {
    const words = drawWords(200_000).split('-')
    const counts = new Map<string, number>()
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
    expect(counts.size).toBe(2048)
    expect(deviation([...counts.values()])).toBeLessThan(6)
  })
})

const json = async (...options: string[]): Promise<Record<string, string>> => {
  const { code, text, stderr } = await halfkey.run(['generate', '--json', ...options])
  expect(code, stderr).toBe(0)
  return JSON.parse(text) as Record<string, string>
}

describe('generate', () => {
  it('shares what it drew: the link opens it, once', async () => {
    const { share_url: link = '', value, maximum_views: views } = await json()
    expect([value, views]).toEqual([expect.stringMatching(/^[!-~]{24}$/), 1])
    expect((await halfkey.run(['open', link])).text).toBe(value)
    expect((await halfkey.run(['open', link])).code).toBe(4)
  })

  it('shows the value with --show alone, on stderr', async () => {
    const { text: link, stderr } = await halfkey.run(['generate', '--words', '5'])
    const { text: value } = await halfkey.run(['open', link])
    expect(value).toMatch(/^[a-z]+(-[a-z]+){4}$/)
    expect(stderr).not.toContain(value)
    const shown = await halfkey.run(['generate', '--show'])
    expect(shown.stderr).toContain(`Value: ${(await halfkey.run(['open', shown.text])).text}\n`)
  })

  it.each([
    [['--length', '40'], /^[!-~]{40}$/],
    [['--length', '16', '--classes', 'lower,digits'], /^(?=.*[a-z])(?=.*\d)[a-z\d]{16}$/],
    [['--classes', 'upper', '--length', '1'], /^[A-Z]$/],
    [['--length', '1024'], /^[!-~]{1024}$/],
    [['--words', '1'], /^[a-z]+$/],
  ])('%j', async (options, form) => {
    expect((await json(...options))['value']).toMatch(form)
  })

  it('--hours and --views', async () => {
    const { expiration = '', created_at: created = '', ...made } = await json('--hours', '2', '--views', 'unlimited')
    expect([(Date.parse(expiration) - Date.parse(created)) / 3_600_000, made['maximum_views']]).toEqual([2, null])
  })

  it.each([
    [['--length', '0'], '--length must be a whole number from 1 to 1024'],
    [['--length', '1025'], '--length must be a whole number'],
    [['--length', '3'], '--length must be at least 4, so that each class occurs'],
    [['--length', 'x'], '--length must be a number'],
    [['--classes', 'greek'], '--classes: unknown class greek. Use any of: lower, upper, digits, symbols'],
    [['--classes', ''], '--classes'],
    [['--words', '129'], '--words must be a whole number from 1 to 128'],
    [['--words', '6', '--length', '20'], 'not both'],
    [['--url', 'http://127.0.0.1:1'], 'HALFKEY_URL'],
  ])('%j is refused by name, and nothing is shown', async (options, words) => {
    const { code, text, stderr } = await halfkey.run(['generate', '--show', ...options])
    expect([code === 0, text, stderr]).toEqual([false, '', expect.stringContaining(words)])
    expect(stderr).not.toContain('Value:')
  })
})
