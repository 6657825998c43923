/**
 * A message that nobody took. Its own message says what the other side answered and never names an address, because it
 * is logged; the error that caused it isn't kept, because it does.
 */
export class NotDelivered extends Error {
  override readonly name = 'NotDelivered'
}

/** How long another server may keep a caller waiting. */
export const deliveryTimeoutMs = 10_000
