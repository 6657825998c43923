/** Formats a secret's details for output. */
import type { SecretDetails } from '@halfkey/sdk'

export const presentDetails = (details: SecretDetails) => ({
  slug: details.slug,
  status: details.status,
  description: details.description ?? null,
  message: details.message ?? null,
  creator: details.creator,
  maximum_views: details.maximumViews,
  current_views: details.currentViews,
  expiration: details.expiration.toISOString(),
  has_password: details.hasPassword,
  has_attachments: details.hasAttachments,
  attachments_count: details.attachmentsCount,
  attachments: details.attachments.map(({ name }) => name),
  captcha: details.captcha,
  otp_type: details.otpType,
  ip_whitelist: details.ipWhitelist.join(','),
  geolocation: details.geolocation.join(','),
  is_expired: details.isExpired,
  share_url: details.fragment === undefined ? details.shareUrl : `${details.shareUrl}#${details.fragment}`,
  created_at: details.createdAt.toISOString(),
  updated_at: details.updatedAt.toISOString(),
})

/** `1/3`, or `1/∞`. */
export const viewsOf = ({ currentViews, maximumViews }: SecretDetails): string =>
  `${currentViews}/${maximumViews ?? '∞'}`

/** Aligns columns, with two spaces between them. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return `${rows.map(line).join('\n')}\n`
}
