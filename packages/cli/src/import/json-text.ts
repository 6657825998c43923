/**
 * Parses JSON (RFC 8259) and keeps what JSON.parse drops: line numbers, duplicate members, and numbers as written. Its
 * errors don't quote the text, which is secret.
 */
import { Unreadable } from './item.ts'

export interface JsonObject {
  kind: 'object'
  line: number
  members: Member[]
}

export interface Member {
  line: number
  key: string
  value: Json
}

export type Json =
  | JsonObject
  | { kind: 'list'; line: number; items: Json[] }
  | { kind: 'text'; line: number; text: string }
  /** A number, true or false, as written. */
  | { kind: 'plain'; line: number; text: string }
  | { kind: 'null'; line: number }

const MAX_DEPTH = 100

const SPACE = /[ \t\n\r]*/y
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[^"\\\u0000-\u001f]*)*"/y
const PLAIN = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false)(?![\w.+-])/y
const NULL = /null(?!\w)/y

/** @throws Unreadable */
export function parseJson(text: string): Json {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.end()
  return value
}

class Reader {
  readonly #text: string
  #at = 0
  #line = 1

  constructor(text: string) {
    this.#text = text
  }

  value(level: number): Json {
    this.#take(SPACE)
    const line = this.#line
    if (level > MAX_DEPTH) throw new Unreadable(line, `is nested deeper than ${MAX_DEPTH} levels`)
    if (this.#skip('{')) return { kind: 'object', line, members: this.#list('}', () => this.#member(level)) }
    if (this.#skip('[')) return { kind: 'list', line, items: this.#list(']', () => this.value(level + 1)) }
    const string = this.#take(STRING)
    if (string !== null) return { kind: 'text', line, text: JSON.parse(string) as string }
    const plain = this.#take(PLAIN)
    if (plain !== null) return { kind: 'plain', line, text: plain }
    if (this.#take(NULL) !== null) return { kind: 'null', line }
    return this.#fail()
  }

  end(): void {
    this.#take(SPACE)
    if (this.#at < this.#text.length) this.#fail()
  }

  #member(level: number): Member {
    this.#take(SPACE)
    const line = this.#line
    const key = this.#take(STRING) ?? this.#fail()
    if (!this.#skip(':')) this.#fail()
    return { line, key: JSON.parse(key) as string, value: this.value(level + 1) }
  }

  #list<T>(close: string, read: () => T): T[] {
    const items: T[] = []
    if (this.#skip(close)) return items
    do items.push(read())
    while (this.#skip(','))
    return this.#skip(close) ? items : this.#fail()
  }

  #skip(character: string): boolean {
    this.#take(SPACE)
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const taken = pattern.exec(this.#text)?.[0]
    if (taken === undefined) return null
    this.#at += taken.length
    this.#line += linesIn(taken)
    return taken
  }

  #fail(): never {
    throw new Unreadable(this.#line, "isn't valid JSON")
  }
}

function linesIn(text: string): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  return lines
}
