/** Loads the files beside the script-tag bundle, each when it is first needed. */
import { HalfkeyError } from '../errors.ts'

/** A script that hands over what it brings. */
export type PartsScript = HTMLScriptElement & { halfkey: (parts: unknown) => void }

/** Known only while the bundle is first run. */
const { src = '', nonce } = ((globalThis as Partial<typeof globalThis>).document?.currentScript ??
  {}) as Partial<HTMLScriptElement>

/** @param integrity  Subresource Integrity of the file */
export function scriptLoader<Parts>(file: string, integrity: () => string): () => Promise<Parts> {
  let loading: Promise<Parts> | undefined
  return () =>
    (loading ??= new Promise((resolve, reject) => {
      if (src === '') {
        throw new HalfkeyError('UNSUPPORTED', 'This bundle is for pages. Elsewhere, use the package @halfkey/sdk.')
      }
      const script = document.createElement('script') as PartsScript
      script.src = new URL(file, src).href
      script.integrity = integrity()
      script.crossOrigin = 'anonymous'
      if (nonce) script.nonce = nonce
      script.halfkey = (parts) => resolve(parts as Parts)
      script.onerror = () => {
        loading = undefined
        script.remove()
        reject(new HalfkeyError('NETWORK', `Can't load ${file}. Serve it beside halfkey.min.js, both of one version.`))
      }
      document.head.append(script)
    }))
}
