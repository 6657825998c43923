/** The code blocks of a document, and what a comment before a block says of how it runs. */
import { read } from './stranger.ts'

export interface Snippet {
  document: string
  line: number
  language: string
  code: string
  /**
   * `<!-- serves -->`: a server that runs until it is stopped. `<!-- not run: … -->`: and why.
   * `<!-- run by FILE -->`: the test that runs it.
   */
  remark: string | undefined
}

const FENCE = /(?:^<!-- (?<remark>[^\n]*?) -->\n\n?)?^```(?<language>\w*)\n(?<code>[^]*?)^```$/gm

export function snippetsOf(document: string): Snippet[] {
  const text = read(document)
  return [...text.matchAll(FENCE)].map(({ index, groups = {} }) => ({
    document,
    line: text.slice(0, index).split('\n').length,
    language: groups['language'] ?? '',
    code: groups['code'] ?? '',
    remark: groups['remark'],
  }))
}
