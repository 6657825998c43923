/** Shares a secret with a file and opens it, in whatever this was built for. */
import { Halfkey, openLink } from '@halfkey/sdk'

/**
 * @param {string} baseUrl  of the Halfkey server
 * @returns {Promise<string>} what was read
 */
export async function roundTrip(baseUrl) {
  const client = new Halfkey({ baseUrl })
  const file = new Blob(['what its file holds'])
  const attachment = { name: 'file.txt', size: file.size, stream: () => file.stream() }
  const secret = await client.createSecret('what it says', { hours: 1, attachments: [attachment] })

  const link = await openLink(secret.shareUrl)
  const opened = await link.reveal()
  const bytes = await opened.files[0]?.bytes()
  await opened.done()
  return `${opened.text}, ${new TextDecoder().decode(bytes)}`
}
