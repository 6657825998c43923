#!/usr/bin/env node
import { run } from './run.ts'

const interrupted = new AbortController()
const interrupt = (signal: NodeJS.Signals): void => interrupted.abort(signal)
process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
// A reader that went away is told by the failed write; without a listener it would be a crash.
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)

const { stdin, stdout, stderr, env } = process
const { signal } = interrupted
const tidying = new Set<Promise<unknown>>()
const releaseSignals = (): void => void process.off('SIGINT', interrupt).off('SIGTERM', interrupt)

async function main(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, env, signal, tidying, releaseSignals })
  if (!signal.aborted) return
  // What an interrupted command was waiting for must not keep the process; what it left half done may, a moment.
  await Promise.race([Promise.allSettled(tidying), new Promise((resolve) => setTimeout(resolve, 3000))])
  process.exit()
}

void main()
