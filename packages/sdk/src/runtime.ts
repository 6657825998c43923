/** Defined by the browser bundle. */
declare const __HALFKEY_BROWSER__: true | undefined

export function isNode(): boolean {
  if (typeof __HALFKEY_BROWSER__ !== 'undefined') return false
  const { process } = globalThis as { process?: { versions?: { node?: string } } }
  return process?.versions?.node !== undefined
}
