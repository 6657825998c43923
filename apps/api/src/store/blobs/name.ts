/** 32 hex digits and nothing else: a name is never a path, whatever a caller or a directory holds. */
export const isBlobName = (name: string): boolean => /^[0-9a-f]{32}$/.test(name)

export function requireBlobName(name: string): string {
  if (!isBlobName(name)) throw new TypeError('a blob’s name is 32 hex digits')
  return name
}
