/** One request: what is known of it, its answers, and what its owner may do. */
import { HalfkeyError, type RequestDetails } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Collected } from './collected.tsx'
import { ahead, SHORT } from './durations.ts'
import { explain } from './explain.ts'
import { Heading } from './heading.tsx'
import { Failure, Loaded } from './loaded.tsx'
import { useLoad, useOwner, type Owner } from './owner.ts'
import { usePage } from './page.ts'
import { ActionForm, AskingButton, Choice, Facts, Moment } from './pieces.tsx'
import { RequestChip } from './request-chip.tsx'
import { hrefOf } from './route.ts'

/** With `metaError` where the workspace key doesn't open what was noted. */
async function load({ client, plain }: Owner, slug: string, signal: AbortSignal): Promise<RequestDetails> {
  try {
    return await client.getRequest(slug, { signal })
  } catch (error) {
    if (!(error instanceof HalfkeyError && ['WRONG_KEY', 'MALFORMED'].includes(error.code))) throw error
    return { ...(await plain.getRequest(slug, { signal })), metaError: true }
  }
}

export function Request({ slug, focused }: { slug: string; focused: boolean }) {
  const { words } = usePage()
  const owner = useOwner()
  const found = useLoad((signal) => load(owner, slug, signal), [slug])
  const [said, setSaid] = useState('')
  const request = found.value
  const top = (
    <>
      <p>
        <a href={hrefOf('requests')}>{words.requests.back}</a>
      </p>
      <Heading text={request?.description ?? slug} focused={focused} verbatim />
      <p class="said" role="status">
        {said}
      </p>
    </>
  )
  if (!request) {
    return (
      <>
        {top}
        <Loaded of={found}>{() => null}</Loaded>
      </>
    )
  }
  const about = (newest: RequestDetails, again: () => void) => {
    const refresh = (): void => {
      found.again()
      again()
    }
    const changed = (text: string): void => {
      setSaid(text)
      refresh()
    }
    return (
      <>
        {top}
        <Failure error={found.error} onRetry={refresh} />
        <Details request={newest} />
        <div class="actions">
          <Button onPress={refresh}>{words.refresh}</Button>
        </div>
        <Actions request={newest} onChanged={changed} />
      </>
    )
  }
  return owner.hasKey && request.hasSeed ? (
    <Collected request={request}>{about}</Collected>
  ) : (
    <>
      {about(request, () => undefined)}
      <p class="hint">{words.requests.elsewhere}</p>
    </>
  )
}

function Details({ request }: { request: RequestDetails }) {
  const { words, formats } = usePage()
  const { status, message, limits, endedAt } = request
  const w = words.requests
  return (
    <>
      {request.metaError && (
        <Alert tone="bad">
          <p>{words.sealedOtherwise}</p>
        </Alert>
      )}
      <Facts
        facts={[
          [words.status, <RequestChip status={status} />],
          [words.slug, <code translate={false}>{request.slug}</code>],
          [words.creator, <bdi translate={false}>{request.creator}</bdi>],
          [words.createdAt, <Moment at={request.createdAt} />],
          endedAt ? [w.endedAt, <Moment at={endedAt} />] : [words.expiresAt, <Moment at={request.expiration} />],
          [w.answers, w.answersOf(formats.number(request.answersCount), formats.number(request.maximumAnswers))],
          [
            w.eachAnswer,
            w.limitsOf(
              formats.number(limits.maximumViews),
              formats.size(limits.maximumBytes),
              formats.number(limits.maximumFiles),
            ),
          ],
          message !== undefined &&
            message !== '' && [
              w.message,
              <span class="note" dir="auto" translate={false}>
                {message}
              </span>,
            ],
        ]}
      />
    </>
  )
}

interface ActionsProps {
  request: RequestDetails
  /** Called with what to say of what was done. */
  onChanged: (said: string) => void
}

function Actions({ request, onChanged }: ActionsProps) {
  const { words } = usePage()
  const { plain } = useOwner()
  const { slug, status } = request
  const w = words.requests
  return (
    <section class="stack" aria-labelledby="actions-title">
      <h2 id="actions-title">{words.actionsTitle}</h2>
      {status === 'open' && <Tighten request={request} onChanged={onChanged} />}
      <div class="actions">
        {status === 'open' && (
          <AskingButton
            label={w.withdraw}
            title={w.withdrawTitle}
            text={w.withdrawText}
            act={() => plain.deleteRequest(slug)}
            onDone={() => onChanged(w.withdrawn)}
          />
        )}
        {status !== 'open' && (
          <AskingButton
            label={words.purge}
            title={words.purgeTitle}
            text={w.purgeText}
            act={() => plain.deleteRequest(slug, { purge: true })}
            explained={(error) =>
              error instanceof HalfkeyError && error.code === 'CONFLICT' ? w.purgeEarly : explain(error, words)
            }
            onDone={() => {
              location.hash = hrefOf('requests')
            }}
          />
        )}
      </div>
    </section>
  )
}

function Tighten({ request, onChanged }: ActionsProps) {
  const { words, formats } = usePage()
  const { plain } = useOwner()
  const { slug, expiration, answersCount, maximumAnswers } = request
  const w = words.requests
  const left = (expiration.getTime() - Date.now()) / 1000
  const choices = ahead(
    SHORT.filter((seconds) => seconds < left - 60),
    formats,
  )
  const [seconds, setSeconds] = useState('')
  const [answers, setAnswers] = useState('')
  const chosen = choices.some(([value]) => value === seconds) ? seconds : (choices.at(-1)?.[0] ?? '')
  const fewest = Math.max(1, answersCount)
  const most = maximumAnswers - 1
  return (
    <>
      {choices.length > 0 && (
        <ActionForm
          inline
          label={words.shorten}
          act={() => plain.patchRequest(slug, { hours: Number(chosen) / 3600 }).then(() => undefined)}
          onDone={() => onChanged(w.shortened)}
        >
          <Choice id="expires" label={words.newEnd} value={chosen} options={choices} onValue={setSeconds} />
        </ActionForm>
      )}
      {most >= fewest && (
        <ActionForm
          inline
          label={w.lower}
          act={() => plain.patchRequest(slug, { answers: Number(answers) }).then(() => undefined)}
          onDone={() => {
            setAnswers('')
            onChanged(w.lowered)
          }}
        >
          <Field
            id="answers"
            type="number"
            inputMode="numeric"
            label={w.answersTaken}
            hint={words.fromTo(formats.number(fewest), formats.number(most))}
            min={fewest}
            max={most}
            required
            value={answers}
            onValue={setAnswers}
          />
        </ActionForm>
      )}
    </>
  )
}
