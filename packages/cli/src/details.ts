/** Formats the details of secrets and requests for output. */
import type { RequestDetails, RequestStats, SecretDetails, Stats } from '@halfkey/sdk'
import { printable } from './io.ts'

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

export const presentRequest = (details: RequestDetails) => ({
  slug: details.slug,
  status: details.status,
  description: details.description ?? null,
  message: details.message ?? null,
  creator: details.creator,
  maximum_answers: details.maximumAnswers,
  answers_count: details.answersCount,
  answers_left: details.answersLeft,
  expiration: details.expiration.toISOString(),
  answer_views: details.limits.maximumViews,
  answer_hours: details.limits.expiresIn / 3600,
  answer_bytes: details.limits.maximumBytes,
  answer_files: details.limits.maximumFiles,
  ask_url: details.askUrl,
  collect_url: details.collectUrl,
  has_seed: details.hasSeed,
  created_at: details.createdAt.toISOString(),
  updated_at: details.updatedAt.toISOString(),
  ended_at: details.endedAt?.toISOString() ?? null,
})

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

export const presentCounts = (counts: Stats | RequestStats): Record<string, number> =>
  Object.fromEntries(
    Object.entries(counts).map(([name, count]): [string, number] => [snakeCase(name), count as number]),
  )

/** To the minute, in UTC. */
export const minuteOf = (time: Date): string => time.toISOString().slice(0, 16).replace('T', ' ')

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

/** One line for each field that has a value: its name in words, and the value. */
export function fieldTable(fields: Record<string, string | number | boolean | string[] | null>): string {
  const rows = Object.entries(fields)
    .map(([name, value]) => [name.replaceAll('_', ' '), Array.isArray(value) ? value.join(', ') : String(value ?? '')])
    .filter(([, text]) => text !== '')
  return table(rows.map((row) => row.map(printable)))
}
