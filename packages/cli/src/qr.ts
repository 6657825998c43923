/** QR codes as text, two modules per character, for terminals of any color scheme and for paper. */
import { encode } from 'uqr'

interface Screen {
  isTTY?: boolean
  columns?: number
}

/** Width of the quiet zone (ISO/IEC 18004). Narrow terminals get less, which readers tolerate. */
const maxBorder = 4
const minBorder = 1

/** Upper and lower module; 1 is drawn. */
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
 * The QR code of a text, with a line break after each row; null if the terminal is too narrow.
 *
 * Black on white where colors are available. Otherwise a terminal is assumed to be dark, and anything else to be paper.
 */
export function qrCode(text: string, screen: Screen, env: Record<string, string | undefined>): string | null {
  const { size, data } = encode(text, { border: 0 })
  const columns = screen.isTTY && screen.columns ? screen.columns : Infinity
  const border = Math.min(maxBorder, Math.floor((columns - size) / 2))
  if (border < minBorder) return null
  const colored = screen.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  const lines = draw((x, y) => data[y]?.[x] === true, -border, size + border, colored || !screen.isTTY)
  return lines.map((line) => (colored ? `\x1b[30;107m${line}\x1b[0m\n` : `${line}\n`)).join('')
}
