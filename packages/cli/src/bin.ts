#!/usr/bin/env node
import { run } from './run.ts'

const interrupted = new AbortController()
const interrupt = (signal: NodeJS.Signals): void => interrupted.abort(signal)
process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
// A closed pipe shows up as a failed write. Without a listener, the error event would crash the process.
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)

const { stdin, stdout, stderr, env } = process
const { signal } = interrupted
const tidying = new Set<Promise<unknown>>()
const releaseSignals = (): void => void process.off('SIGINT', interrupt).off('SIGTERM', interrupt)

async function main(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, env, signal, tidying, releaseSignals })
  if (!signal.aborted) return
  // Pending requests must not keep an interrupted process alive, but its cleanup may, for up to three seconds.
  await Promise.race([Promise.allSettled(tidying), new Promise((resolve) => setTimeout(resolve, 3000))])
  process.exit()
}

void main()
