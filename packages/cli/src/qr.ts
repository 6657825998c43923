/** QR codes as text, two modules a character: on a terminal of any colours, and on paper. */
import { encode } from 'uqr'

interface Screen {
  isTTY?: boolean
  columns?: number
}

/** Modules of light around it, as ISO/IEC 18004 asks for; fewer where the terminal is narrow, which readers forgive. */
const widestBorder = 4
const narrowestBorder = 1

/** Upper and lower module, 1 the drawn one. */
const blocks: Record<string, string> = { '00': ' ', '10': '▀', '01': '▄', '11': '█' }

function draw(dark: (x: number, y: number) => boolean, from: number, to: number, drawsDark: boolean): string[] {
  const lines: string[] = []
  for (let y = from; y < to; y += 2) {
    let line = ''
    for (let x = from; x < to; x++)
      line += blocks[`${Number(dark(x, y) === drawsDark)}${Number(dark(x, y + 1) === drawsDark)}`] ?? ''
    lines.push(line)
  }
  return lines
}

/**
 * The code of a text, a line end after each row; null if the terminal is too narrow for it.
 *
 * Black on white where there are colours. Otherwise a terminal is taken for one with light letters, and anything else
 * for paper.
 */
export function qrCode(text: string, screen: Screen, env: Record<string, string | undefined>): string | null {
  const { size, data } = encode(text, { border: 0 })
  const columns = screen.isTTY && screen.columns ? screen.columns : Infinity
  const border = Math.min(widestBorder, Math.floor((columns - size) / 2))
  if (border < narrowestBorder) return null
  const coloured = screen.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  const lines = draw((x, y) => data[y]?.[x] === true, -border, size + border, coloured || !screen.isTTY)
  return lines.map((line) => (coloured ? `\x1b[30;107m${line}\x1b[0m\n` : `${line}\n`)).join('')
}
