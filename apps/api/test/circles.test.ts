import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../src', import.meta.url))

/** The files of ours that a file imports, for types alone too. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'))
  const ours = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'))
  return ours.map((name) => path.resolve(path.dirname(file), name))
}

/** Every file on a circle, with the one by which it was first entered. */
function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>()
  const circles: string[][] = []
  const walk = (file: string, trail: string[]): void => {
    const entered = trail.indexOf(file)
    if (entered >= 0) circles.push([...trail.slice(entered), file].map((one) => path.relative(root, one)))
    if (entered >= 0 || done.has(file)) return
    for (const next of graph.get(file) ?? []) walk(next, [...trail, file])
    done.add(file)
  }
  for (const file of graph.keys()) walk(file, [])
  return circles
}

test('no two files of the API import each other, on whatever way', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const graph = new Map(files.map((name) => [path.join(root, name), importsOf(path.join(root, name))]))
  expect(graph.size).toBeGreaterThan(100)
  expect(findCircles(graph)).toEqual([])
})
