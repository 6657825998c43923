/** Defined by the browser bundles: there is no way to hide a member from a page's console. */
declare const __HALFKEY_BROWSER__: true | undefined

/**
 * Has Node's console.log and util.inspect show a credential as `[hidden]`; the member itself and JSON.stringify keep it,
 * for programs that store it.
 */
export function hideInLogs<T extends object>(value: T, name: keyof T): T {
  if (typeof __HALFKEY_BROWSER__ !== 'undefined' || value[name] === undefined) return value
  const shown = () => ({ ...value, [name]: '[hidden]' })
  return Object.defineProperty(value, Symbol.for('nodejs.util.inspect.custom'), { value: shown })
}
