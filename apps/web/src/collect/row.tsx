import { HalfkeyError, type Answer } from '@halfkey/sdk'
import type { State } from '../open/conversation.ts'
import { Button } from '../ui/button.tsx'
import { usePage, type CollectWords } from './page.ts'

interface RowProps {
  answer: Answer
  /** From 1: the oldest. */
  number: number
  /** What became of it in this tab; undefined: it wasn't opened here. */
  state: State | undefined
  onOpen: () => void
}

type Standing = keyof CollectWords['collect']['standings']

/** Where an answer stands, as far as this tab and the server know. */
function standingOf({ status, collectedAt }: Answer, state: State | undefined): Standing {
  const error = state?.at === 'failure' && state.error instanceof HalfkeyError ? state.error.code : ''
  if (['TAMPERED', 'MALFORMED', 'WRONG_KEY'].includes(error)) return 'broken'
  if (status === 'expired' || status === 'burned' || status === 'locked' || status === 'uploading') return status
  if (status === 'viewed') return 'viewed'
  return collectedAt ? 'opened' : 'fresh'
}

/** An answer in the list, which shows nothing of what is in it. */
export function AnswerRow({ answer, number, state, onOpen }: RowProps) {
  const { words, formats } = usePage()
  const { slug, createdAt, collectedAt, attachmentsCount, size } = answer
  const w = words.collect
  const standing = standingOf(answer, state)
  // What this tab has opened can be shown again, also when the server has destroyed it.
  const isHere = state?.at === 'secret' || state?.at === 'end'
  return (
    <li id={`answer-${slug}`} class={standing} tabIndex={-1}>
      <div class="about">
        <p>
          <span class="name">{w.answer(number)}</span>{' '}
          <span class={`chip ${standing === 'fresh' ? 'good' : standing === 'broken' ? 'bad' : 'plain'}`}>
            {w.standings[standing]}
          </span>
        </p>
        <p class="hint">
          <span>{w.sent(formats.moment(createdAt))}</span>
          {attachmentsCount > 0 && <span>{words.files(attachmentsCount, formats.size(size))}</span>}
          {collectedAt && <span>{w.openedOn(formats.moment(collectedAt))}</span>}
        </p>
      </div>
      {(isHere || answer.isSealed) && (
        <Button aria-label={isHere ? w.showNamed(number) : w.openNamed(number)} onPress={onOpen}>
          {isHere ? w.showAgain : w.open}
        </Button>
      )}
    </li>
  )
}
