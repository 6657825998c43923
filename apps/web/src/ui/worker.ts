/** Starts the build's own workers, which pages allow by name alone (Trusted Types, W3C). */

/** TypeScript's DOM doesn't know it yet. */
interface TrustedTypes {
  createPolicy: (
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ) => { createScriptURL: (url: string) => string }
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
/** One for all, because a page may make it only once; nothing outside of this file can use it. */
const policy = trustedTypes?.createPolicy('halfkey', { createScriptURL: (url) => url })

/** @param url  what `import … from './name.worker.ts?worker&url'` gives */
export const startWorker = (url: string): Worker => new Worker(policy?.createScriptURL(url) ?? url, { type: 'module' })
