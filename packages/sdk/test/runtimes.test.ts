import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { conformance } from './conformance.ts'
import { readVectors } from './vectors.ts'

/** Major version → the pinned binary. */
const RUNTIMES = {
  20: '../../../tools/runtimes/node_modules/node20/bin/node',
  22: '../../../tools/runtimes/node_modules/node22/bin/node',
  24: '../../../node_modules/node/bin/node',
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

interface Report {
  numFailedTests: number
  testResults: { assertionResults: { fullName: string; status: string }[] }[]
}

describe('every supported Node passes the same cases', () => {
  const expected = conformance(readVectors()).length

  test.each(Object.entries(RUNTIMES))('Node %s', { timeout: 180_000 }, async (major, path) => {
    const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
    const { stdout } = await promisify(execFile)(
      here(path),
      [vitest, 'run', 'test/vectors.test.ts', '--reporter=json'],
      { cwd: here('..'), maxBuffer: 2 ** 26 },
    )
    const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Report
    const passed = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status, fullName }) => status === 'passed' && fullName.startsWith(`Node ${major}.`)),
    )
    expect(passed).toHaveLength(expected)
    expect(report.numFailedTests).toBe(0)
  })
})
