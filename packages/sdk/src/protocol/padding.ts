import { HalfkeyError } from '../errors.ts'
import type { Bytes } from './encoding.ts'

const MINIMUM = 256

/**
 * Length in bytes of `pad(x)` for an x of `length` bytes: Padmé (Nikitin et al., PETS 2019) over `length + 1`, at least
 * 256. It leaks O(log log length) bits, and adds at most 12 %.
 */
export function paddedLength(length: number): number {
  const marked = length + 1
  if (marked <= MINIMUM) return MINIMUM
  const exponent = bitLength(marked) - 1
  const bucket = 2 ** (exponent - bitLength(exponent))
  return Math.ceil(marked / bucket) * bucket
}

/** Exact up to 2^53, where `Math.log2` rounds and `Math.clz32` wraps. */
function bitLength(value: number): number {
  return value.toString(2).length
}

/** `bytes ‖ 0x80 ‖ 0x00…` to `paddedLength` (ISO/IEC 7816-4). */
export function pad(bytes: Uint8Array): Bytes {
  const padded = new Uint8Array(paddedLength(bytes.length))
  padded.set(bytes)
  padded[bytes.length] = 0x80
  return padded
}

/** Undoes `pad`. @throws HalfkeyError MALFORMED if there is no 0x80 before the trailing zeros. */
export function unpad(padded: Bytes): Bytes {
  let end = padded.length - 1
  while (padded[end] === 0) end--
  if (padded[end] !== 0x80) throw new HalfkeyError('MALFORMED', 'The padding is malformed.')
  return padded.slice(0, end)
}
