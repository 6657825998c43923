/* eslint-disable @typescript-eslint/no-non-null-assertion -- every index is within its table */
/** SHAKE256 (FIPS 202), which WebCrypto lacks: the plaintexts of the file vectors. */
import type { Bytes } from '../src/protocol/encoding.ts'

const RATE = 136
const ROUNDS = 24

/** Lanes as pairs of 32-bit halves, low first. */
type State = Uint32Array

const [roundConstants, rotations, targets] = tables()
const parity = new Uint32Array(10)
const moved = new Uint32Array(50)

export function shake256(input: Uint8Array, length: number): Bytes {
  const state = new Uint32Array(50)
  const bytes = new Uint8Array(state.buffer)
  if (input.length >= RATE) throw new Error('Only one block is absorbed here.')
  input.forEach((byte, i) => (bytes[i] = byte))
  bytes[input.length] = 0x1f
  bytes[RATE - 1] = (bytes[RATE - 1] ?? 0) | 0x80
  const output = new Uint8Array(length)
  for (let offset = 0; offset < length; offset += RATE) {
    permute(state)
    output.set(bytes.subarray(0, Math.min(RATE, length - offset)), offset)
  }
  return output
}

/** Keccak-f[1600], section 3.3. */
function permute(s: State): void {
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 10; i++) parity[i] = s[i]! ^ s[i + 10]! ^ s[i + 20]! ^ s[i + 30]! ^ s[i + 40]!
    for (let x = 0; x < 10; x += 2) {
      const left = (x + 8) % 10
      const right = (x + 2) % 10
      const low = parity[left]! ^ half(parity[right]!, parity[right + 1]!, 1)
      const high = parity[left + 1]! ^ half(parity[right + 1]!, parity[right]!, 1)
      for (let i = x; i < 50; i += 10) {
        s[i] = s[i]! ^ low
        s[i + 1] = s[i + 1]! ^ high
      }
    }
    for (let i = 0; i < 25; i++) {
      const by = rotations[i]!
      const low = s[2 * i + (by >> 5)]!
      const high = s[2 * i + 1 - (by >> 5)]!
      moved[2 * targets[i]!] = half(low, high, by & 31)
      moved[2 * targets[i]! + 1] = half(high, low, by & 31)
    }
    for (let y = 0; y < 50; y += 10) {
      for (let i = 0; i < 10; i++) {
        s[y + i] = moved[y + i]! ^ (~moved[y + ((i + 2) % 10)]! & moved[y + ((i + 4) % 10)]!)
      }
    }
    s[0] = s[0]! ^ roundConstants[round]![0]
    s[1] = s[1]! ^ roundConstants[round]![1]
  }
}

/** The half of a rotated lane that `half` becomes; `by` is 0 … 31. */
function half(half: number, other: number, by: number): number {
  return by === 0 ? half : (half << by) | (other >>> (32 - by))
}

/** Round constants (algorithm 5), rotations and targets of ρ and π (sections 3.2.2 and 3.2.3). */
function tables(): [[number, number][], number[], number[]] {
  const rotations = new Array<number>(25).fill(0)
  const targets = new Array<number>(25).fill(0)
  for (let t = 0, x = 1, y = 0; t < 24; t++) {
    rotations[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64
    ;[x, y] = [y, (2 * x + 3 * y) % 5]
  }
  for (let x = 0; x < 5; x++) for (let y = 0; y < 5; y++) targets[x + 5 * y] = y + 5 * ((2 * x + 3 * y) % 5)
  let register = 1
  const constants = Array.from({ length: ROUNDS }, (): [number, number] => {
    const halves: [number, number] = [0, 0]
    for (let j = 0; j < 7; j++) {
      const bit = 2 ** j - 1
      if (register & 1) halves[bit >> 5] = (halves[bit >> 5] ?? 0) | (1 << (bit & 31))
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0)
    }
    return halves
  })
  return [constants, rotations, targets]
}
