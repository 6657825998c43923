import type { Link } from '@halfkey/sdk/open'
import { useEffect, useState } from 'preact/hooks'
import { usePage } from './page.ts'
import { sizeOf } from './sizes.ts'

/** How often and how long the secret can be opened, what comes with it and what it asks for. */
export function Facts({ link }: { link: Link }) {
  const { words, formats } = usePage()
  const now = useMinutes()
  const { viewsLeft, expiration, files, needs } = link
  // A reveal that is continued after its secret ended: what is left is only to show it again.
  if (viewsLeft === 0) return null
  const asked = [
    needs.password === true && words.itsPassword,
    needs.otp && words.itsCode,
    needs.captcha && words.itsWork,
  ].filter((item) => typeof item === 'string')

  return (
    <dl class="facts">
      <dt>{words.views}</dt>
      <dd>{viewsLeft === null ? words.anyNumber : words.viewsLeft(viewsLeft)}</dd>
      <dt>{words.until}</dt>
      <dd>{words.moment(formats.moment(expiration), formats.relative(expiration, now))}</dd>
      {files.length > 0 && (
        <>
          <dt>{words.holds}</dt>
          <dd>{words.files(files.length, formats.size(sizeOf(files)))}</dd>
        </>
      )}
      {asked.length > 0 && (
        <>
          <dt>{words.asks}</dt>
          <dd>{words.together(asked)}</dd>
        </>
      )}
    </dl>
  )
}

/** The time, in milliseconds, anew every minute. */
function useMinutes(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
