import type { SecretEvent } from '@halfkey/sdk'
import { usePage, type OwnWords } from './page.ts'
import { Chip, type Tone } from './pieces.tsx'

/** An entry of any of the logs. */
export interface Event extends Omit<SecretEvent, 'type'> {
  type: string
  id?: number
  /** Of the workspace's log: the slug or handler that it is about. */
  about?: string | undefined
  /** This and the next are of named secrets alone. */
  version?: number | undefined
  /** The token's name. */
  token?: string | undefined
}

const toneOf = (type: string): Tone =>
  type.endsWith('denied') ? 'bad' : /opened|revealed/.test(type) ? 'good' : 'plain'

const nameOf = (type: string, { eventTypes }: OwnWords): string =>
  Object.hasOwn(eventTypes, type) ? eventTypes[type as keyof typeof eventTypes] : type

/** In words where there are some, else the server's own name of it. */
const reasonOf = (reason: string, { reasons }: OwnWords): string =>
  Object.hasOwn(reasons, reason) ? reasons[reason as keyof typeof reasons] : reason

/** Who did what, when and from where. */
export function EventList({ events }: { events: readonly Event[] }) {
  const { words, formats } = usePage()
  if (events.length === 0) return <p role="status">{words.noEvents}</p>
  return (
    <ul class="rows events">
      {events.map((event, index) => (
        <li key={event.id ?? index}>
          <div class="row">
            <Chip tone={toneOf(event.type)} text={nameOf(event.type, words)} />
            <time dateTime={event.at.toISOString()}>{formats.moment(event.at)}</time>
          </div>
          {event.reason !== null && <p>{reasonOf(event.reason, words)}</p>}
          <p class="hint parts">
            {event.about !== undefined && <code translate={false}>{event.about}</code>}
            {event.version !== undefined && <span>{words.version(String(event.version))}</span>}
            {event.token !== undefined && (
              <span>
                {words.byToken} <bdi translate={false}>{event.token}</bdi>
              </span>
            )}
            {event.ip !== null && <bdi translate={false}>{event.ip}</bdi>}
            {event.country !== null && <span>{event.country}</span>}
            {event.userAgent !== null && <bdi translate={false}>{event.userAgent}</bdi>}
          </p>
        </li>
      ))}
    </ul>
  )
}
