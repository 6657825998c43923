import { HalfkeyError, parseLink } from '@halfkey/sdk/open'
import { keep, recall, type Kept } from './kept.ts'

/**
 * The link that this page was opened with, which leaves the address bar, or what the tab kept of it before a reload.
 * A refused link stays in the bar, where it can be mended.
 *
 * @throws HalfkeyError LINK_*; UNSUPPORTED where the browser gives no WebCrypto.
 */
export async function takeLink(): Promise<Kept> {
  // What follows a link in a text, escaped by the browser (URL Standard, fragment percent-encode set).
  const shareUrl = location.href.replace(/%(?:20|22|3E)$/i, (escaped) => decodeURIComponent(escaped))
  try {
    const { base, slug } = await parseLink(shareUrl)
    history.replaceState(null, '', `${base}/${slug}`)
  } catch (error) {
    const kept = recall()
    if (kept && error instanceof HalfkeyError && error.code === 'LINK_NO_FRAGMENT') return kept
    throw error
  }
  const before = recall()
  const kept: Kept = { shareUrl, revealId: before === 'acked' ? undefined : before?.revealId }
  keep(kept)
  return kept
}

/** Whether the # came as %23, in the path, which browsers send to the server. */
export const reachedServer = (shareUrl: string): boolean => !shareUrl.includes('#')
