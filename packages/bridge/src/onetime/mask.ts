/** Masks `foo@example.com` as `fo***@e***.com`. */
export function maskEmail(address: string): string {
  const at = address.lastIndexOf('@')
  const [local, host] = [address.slice(0, at), address.slice(at + 1)]
  return `${Array.from(local).slice(0, 2).join('')}***@${Array.from(host)[0] ?? ''}***.${suffixOf(host)}`
}

/** The last label, or the last two for second-level country domains such as `co.uk`. */
function suffixOf(host: string): string {
  const labels = host.toLowerCase().split('.')
  const [second = '', top = ''] = labels.slice(-2)
  const isTwofold = labels.length > 2 && top.length === 2 && /^(ac|co|com|edu|gob|gov|gouv|ne|net|or|org)$/.test(second)
  return isTwofold ? `${second}.${top}` : top
}
