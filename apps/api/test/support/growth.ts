/**
 * Holds that reading a text takes work in proportion to its length, whoever wrote it.
 *
 * A parser gets into the table of its package, `test/growth.test.ts`, by one line: what it is called, and what reads a
 * text with it. It is then fed long repetitions of all that parsers stumble over, with every beginning and end below. The
 * work for a text is compared with the work for one 32 times as short, done 32 times: a linear parser needs about as much
 * for both, a quadratic one 32 times as much. The line is drawn at 6. Work is CPU time of this thread alone, which other
 * programs on a busy machine don't add to.
 */
import { expect, test } from 'vitest'

export type Parser = (text: string) => unknown

export interface Fed {
  parse: Parser
  /** Repetitions of its own, beside those that all are fed. */
  units?: readonly (string | ((index: number) => string))[]
  /** Characters of the short text: fewer for what is slow or takes no long ones. Default: 1024. */
  length?: number
}

const times = 32
const maxGrowth = 9
const commonUnits = [
  ...Array.from(' \t\n\r.,:;/\\|\'"`#%&=?*+-_~@!$^<>()[]{}aA09zZé\u00a0\u0000\u200b\u202e\u2028😀'),
  ...[
    '\r\n',
    '""',
    '\\"',
    '\\\\',
    ': ',
    '; ',
    ', ',
    ' =',
    'a=',
    'a,',
    'a;',
    'a.',
    'a/',
    './',
    '../',
    '::',
    'a: ',
    'q=',
  ],
  ...[';q=1,', 'a@', '@a.', '%23', '&#35;', '&amp;', 'http://', 'https://', '1/', '1.', '1-', '*a', '**', '[]', '{}'],
  ...[
    '[[',
    '{"a":',
    '"a",',
    '<a>',
    '</a>',
    '<Error>',
    '<Code>',
    '<Contents>',
    'export ',
    'import ',
    "src='",
    '= ',
    '#1',
  ],
]
const beginnings = ['', '"']
const endings = ['', '!/']

/** Microseconds of this thread's CPU. What a parser throws is an answer too. */
async function workFor(parse: Parser, text: string): Promise<number> {
  const before = process.threadCpuUsage()
  try {
    await parse(text)
  } catch {
    // Refused.
  }
  const { user, system } = process.threadCpuUsage(before)
  return user + system
}

/** Less isn't told apart; a quadratic parser takes a thousand times that for the long text. */
const leastWork = 20

/** How much more work the long text is than as much text in short ones: the least of several tries. */
async function growthOf(parse: Parser, short: string, long: string): Promise<number> {
  const once = Math.max(await workFor(parse, short), leastWork)
  let least = (await workFor(parse, long)) / once / times
  for (let tries = 0; tries < 6 && least > maxGrowth; tries++) {
    let shorts = 0
    for (let i = 0; i < times; i++) shorts += await workFor(parse, short)
    least = Math.min(least, (await workFor(parse, long)) / Math.max(shorts, leastWork * times))
  }
  return least
}

const repeated = (unit: string | ((index: number) => string), size: number): string => {
  let text = ''
  for (let index = 0; text.length < size; index++) text += typeof unit === 'string' ? unit : unit(index)
  return text
}

/** A test for each parser of a package. */
export function testGrowth(parsers: Record<string, Parser | Fed>): void {
  test.each(Object.entries(parsers))('%s takes work in proportion to the length of what it reads', async (_, fed) => {
    const { parse, units = [], length = 1024 } = typeof fed === 'function' ? { parse: fed } : fed
    for (const unit of [...units, ...commonUnits]) {
      const [short, long] = [repeated(unit, length), repeated(unit, length * times)]
      for (const beginning of beginnings) {
        for (const ending of endings) {
          const growth = await growthOf(parse, beginning + short + ending, beginning + long + ending)
          const text = JSON.stringify(`${beginning}${repeated(unit, 1)}…${ending}`)
          expect(growth, `the work for ${text}, compared with as much text in short ones`).toBeLessThan(maxGrowth)
        }
      }
    }
  })
}
