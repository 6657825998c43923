import { usePage } from './page.ts'
import { Title } from '../ui/title.tsx'

interface EndProps {
  finishedAt: Date
  isLast: boolean
  focused: boolean
}

/** The reader let the secret go, now or before a reload. */
export function EndView({ finishedAt, isLast, focused }: EndProps) {
  const { words, formats } = usePage()
  const at = formats.moment(finishedAt)
  return (
    <>
      <Title icon="done" text={isLast ? words.destroyedTitle : words.doneTitle} focused={focused} />
      <p id="status">{isLast ? words.destroyed(at) : words.done(at)}</p>
    </>
  )
}
