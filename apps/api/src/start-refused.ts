/** A start that must not go on; its message is shown to the operator as it is. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
}
