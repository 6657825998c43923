/** Reads the QR code in what a command printed: the pixels of its block characters, as a camera would see them. */
import read from 'jsqr'

/** Upper and lower module; true is where the character draws. */
const drawn: Record<string, [boolean, boolean]> = {
  ' ': [false, false],
  '▀': [true, false],
  '▄': [false, true],
  '█': [true, true],
}

const pixelsPerModule = 4
const [light, dark] = [255, 0]

export interface QrLook {
  /** Letters are drawn dark on light, as ink on paper or with colours that say so. */
  inked: boolean
}

/** The lines of the code, white space around it included. */
export function qrLines(printed: string): string[] {
  const plain = printed.replaceAll(/\x1b\[[\d;]*m/g, '')
  return plain
    .replaceAll('\r', '')
    .split('\n')
    .filter((line) => /^[ ▀▄█]{23,}$/.test(line))
}

/** What it says; null if there is no code, or none that can be read. */
export function decodeQr(printed: string, { inked }: QrLook = { inked: true }): string | null {
  const modules = qrLines(printed).flatMap((line) => {
    const columns = Array.from(line, (character) => drawn[character] ?? [false, false])
    return [0, 1].map((half) => columns.map((column) => column[half] === inked))
  })
  const [width, height] = [(modules[0]?.length ?? 0) * pixelsPerModule, modules.length * pixelsPerModule]
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const isDark = modules[Math.floor(y / pixelsPerModule)]?.[Math.floor(x / pixelsPerModule)]
      pixels.fill(isDark ? dark : light, (y * width + x) * 4, (y * width + x) * 4 + 3)
    }
  if (width === 0) return null
  // CommonJS, whose default export is a member here.
  const decode = (read as unknown as { default?: typeof read }).default ?? read
  return decode(pixels, width, height, { inversionAttempts: 'dontInvert' })?.data ?? null
}
