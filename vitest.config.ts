import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import projects from './vitest.workspace.ts'

// Much of what tests wait for is done by other processes: on two cores, Vitest's own choice is one worker.
export default defineConfig({
  test: {
    projects,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', './scripts/summary.mjs'],
  },
})
