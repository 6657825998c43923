const CHUNK = 262_144
const OVERHEAD = 28

/** Bytes of a file once it is sealed, which is what servers limit: spec/protocol.md section 6. */
export const sealedSize = (size: number): number => size + OVERHEAD * Math.max(1, Math.ceil(size / CHUNK))

/** The largest file whose sealed size is at most `sealed`. */
export const plainSize = (sealed: number): number =>
  Math.max(0, sealed - OVERHEAD * Math.max(1, Math.ceil(sealed / (CHUNK + OVERHEAD))))
