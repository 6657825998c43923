import type { Ask } from '@halfkey/sdk'
import { plainSize } from '../compose/sizes.ts'
import { formatDuration } from '../i18n/duration.ts'
import { Alert } from '../ui/alert.tsx'
import { usePage } from './page.ts'

/** Who asks, what for, and what becomes of an answer. */
export function RequestFacts({ ask }: { ask: Ask }) {
  const { words, formats, language } = usePage()
  const { note, askedBy, expiration, limits } = ask
  const size = formats.size(plainSize(limits.maximumBytes))
  const { host } = location
  return (
    <>
      {note === '' ? (
        <p>{words.noNote}</p>
      ) : (
        <figure class="message">
          <figcaption>{words.noteFrom}</figcaption>
          <blockquote id="note-text" dir="auto" translate={false}>
            {note}
          </blockquote>
        </figure>
      )}
      <dl class="facts">
        <dt>{words.askedBy}</dt>
        <dd id="asked-by">
          {askedBy === 'anonymous' ? (
            words.anonymous(host)
          ) : (
            <>
              <bdi translate={false}>{askedBy}</bdi> <span class="hint">{words.onWord(host)}</span>
            </>
          )}
        </dd>
        <dt>{words.until}</dt>
        <dd>{words.moment(formats.moment(expiration), formats.relative(expiration))}</dd>
        <dt>{words.takes}</dt>
        <dd>{limits.maximumFiles === 0 ? words.takesText(size) : words.takesFiles(limits.maximumFiles, size)}</dd>
        <dt>{words.afterwards}</dt>
        <dd>{words.fate(limits.maximumViews, formatDuration(limits.expiresIn, language))}</dd>
      </dl>
      <Alert tone="note">
        <p>{words.warning}</p>
      </Alert>
    </>
  )
}
