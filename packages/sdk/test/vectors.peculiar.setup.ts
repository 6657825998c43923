/** Makes this a runtime without WebCrypto. */
Reflect.deleteProperty(globalThis, 'crypto')
