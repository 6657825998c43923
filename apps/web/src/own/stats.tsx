/** The workspace's figures, with small plots. */
import { HalfkeyError, type Halfkey, type RequestStats, type Stats, type Workspace } from '@halfkey/sdk'
import { Button } from '../ui/button.tsx'
import { Heading } from './heading.tsx'
import { Loaded } from './loaded.tsx'
import { useLoad, useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { Facts } from './pieces.tsx'
import { Bars, Shares } from './plot.tsx'
import type { PartProps } from './shell.tsx'

const DAYS = 14
const DAY = 86_400_000

/** Entries of one type that are read for the plot at most. */
const MAX_ENTRIES = 10_000

interface Day {
  date: Date
  created: number
  opened: number
}

interface Overview {
  stats: Stats
  /** undefined: the token may not read them. */
  requests: RequestStats | undefined
  /** undefined: the token may not read it. */
  workspace: Workspace | undefined
  /** undefined: the token may not read the log, or there is too much of it. */
  days: Day[] | undefined
}

export function Part({ focused }: PartProps) {
  const { words, language } = usePage()
  const { client } = useOwner()
  const dayFormat = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const overview = useLoad((signal) => load(client, signal), [])
  return (
    <>
      <Heading text={words.parts.stats} focused={focused} />
      <Loaded of={overview}>
        {({ stats, requests, days, workspace }) => (
          <>
            <Figures stats={stats} />
            <section class="stack" aria-labelledby="shares-title">
              <h2 id="shares-title">{words.sharesTitle}</h2>
              <Shares label={words.sharesTitle} shares={sharesOf(stats, words)} />
            </section>
            <section class="stack" aria-labelledby="days-title">
              <h2 id="days-title">{words.daysTitle(DAYS)}</h2>
              {days ? (
                <Bars
                  label={words.daysTitle(DAYS)}
                  groupLabel={words.day}
                  names={[words.eventTypes.created, words.eventTypes.opened]}
                  groups={days.map(({ date, created, opened }) => ({
                    name: dayFormat.format(date),
                    values: [created, opened],
                  }))}
                />
              ) : (
                <p>{words.noDays}</p>
              )}
            </section>
            {requests && (
              <section class="stack" aria-labelledby="requests-title">
                <h2 id="requests-title">{words.parts.requests}</h2>
                <RequestFigures stats={requests} />
              </section>
            )}
            {workspace && (
              <section class="stack" aria-labelledby="usage-title">
                <h2 id="usage-title">{words.usageTitle}</h2>
                <Usage usage={workspace.usage} limits={workspace.limits} />
              </section>
            )}
            <div class="actions">
              <Button onPress={overview.again}>{words.refresh}</Button>
            </div>
          </>
        )}
      </Loaded>
    </>
  )
}

function Figures({ stats }: { stats: Stats }) {
  const { words } = usePage()
  return (
    <Tiles
      figures={[
        [words.figures.total, stats.totalSecrets],
        [words.figures.active, stats.activeSecrets],
        [words.figures.views, stats.totalViews],
        [words.figures.withPassword, stats.secretsWithPassword],
        [words.figures.today, stats.secretsCreatedToday],
        [words.figures.week, stats.secretsCreatedThisWeek],
        [words.figures.month, stats.secretsCreatedThisMonth],
      ]}
    />
  )
}

function RequestFigures({ stats }: { stats: RequestStats }) {
  const { figures, states } = usePage().words.requests
  return (
    <Tiles
      figures={[
        [figures.total, stats.totalRequests],
        [states.open, stats.openRequests],
        [states.answered, stats.answeredRequests],
        [states.expired, stats.expiredRequests],
        [states.withdrawn, stats.withdrawnRequests],
        [figures.answers, stats.totalAnswers],
        [figures.collected, stats.collectedAnswers],
      ]}
    />
  )
}

function Tiles({ figures }: { figures: readonly (readonly [label: string, value: number])[] }) {
  const { formats } = usePage()
  return (
    <dl class="figures">
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{formats.number(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

const sharesOf = (stats: Stats, { shares }: ReturnType<typeof usePage>['words']) => [
  { name: shares.active, value: stats.activeSecrets },
  { name: shares.ended, value: stats.expiredSecrets },
  { name: shares.uploading, value: Math.max(0, stats.totalSecrets - stats.activeSecrets - stats.expiredSecrets) },
]

interface UsageProps {
  usage: Record<string, number>
  limits: Record<string, number | null>
}

function Usage({ usage, limits }: UsageProps) {
  const { words, formats } = usePage()
  const used = (name: string, format: (value: number) => string): string => {
    const most = limits[name]
    const value = format(usage[name] ?? 0)
    return most === null || most === undefined ? value : words.ofMost(value, format(most))
  }
  return (
    <Facts
      facts={[
        [words.figures.active, used('active_secrets', formats.number)],
        [words.storedBytes, used('stored_bytes', formats.size)],
      ]}
    />
  )
}

async function load(client: Halfkey, signal: AbortSignal): Promise<Overview> {
  const [stats, requests, workspace, days] = await Promise.all([
    client.getStats({ signal }),
    ifAllowed(client.getRequestStats({ signal })),
    ifAllowed(client.getWorkspace({ signal })),
    ifAllowed(readDays(client, signal)),
  ])
  return { stats, requests, workspace, days }
}

/** undefined where the token lacks the scope. */
async function ifAllowed<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof HalfkeyError && error.code === 'PERMISSION_DENIED') return undefined
    throw error
  }
}

/** Of the last days in UTC, as the server's own figures are. */
async function readDays(client: Halfkey, signal: AbortSignal): Promise<Day[] | undefined> {
  const today = Math.floor(Date.now() / DAY) * DAY
  const days = Array.from({ length: DAYS }, (_, index): Day => ({
    date: new Date(today - (DAYS - 1 - index) * DAY),
    created: 0,
    opened: 0,
  }))
  const since = new Date(today - (DAYS - 1) * DAY)
  for (const type of ['created', 'opened'] as const) {
    let count = 0
    for await (const { at } of client.audit.entries({ type, since, signal })) {
      if (++count > MAX_ENTRIES) return undefined
      const day = days[Math.floor((at.getTime() - since.getTime()) / DAY)]
      if (day) day[type]++
    }
  }
  return days
}
