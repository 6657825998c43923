import { parseLink } from '@halfkey/sdk/open'
import { keep, recall, type Finished, type Kept } from './kept.ts'

/** The link that this page was opened with, unchecked, or what the tab kept of it before a reload. */
export function readLink(): Kept | Finished {
  const shareUrl = location.href
  const before = recall()
  const hasFragment = /(?:#|%23)./.test(shareUrl)
  if (before && !hasFragment) return before
  return before && 'shareUrl' in before ? { ...before, shareUrl } : { shareUrl }
}

/**
 * Takes a link's fragment out of the address bar and the tab's history, for the tab alone to keep. A refused link stays
 * in the bar, where it can be mended.
 *
 * @throws HalfkeyError LINK_*; UNSUPPORTED where the browser gives no WebCrypto.
 */
export async function leaveAddress(kept: Kept): Promise<void> {
  const { base, slug } = await parseLink(kept.shareUrl)
  history.replaceState(null, '', `${base}/${slug}`)
  keep(kept)
}

/** Whether the # came as %23, in the path, which browsers send to the server. */
export const reachedServer = (shareUrl: string): boolean => !shareUrl.includes('#') && shareUrl.includes('%23')
