/**
 * A message couldn't be delivered. The error message contains the other side's reply but never an address, because it is
 * logged. The cause isn't kept, because it may contain one.
 */
export class NotDelivered extends Error {
  override readonly name = 'NotDelivered'
}

/** Time limit for a reply from another server. */
export const deliveryTimeoutMs = 10_000
