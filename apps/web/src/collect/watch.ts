import type { Collect } from '@halfkey/sdk'
import { useEffect, useRef, useState } from 'preact/hooks'
import { mayPass } from '../open/conversation.ts'
import { look, uploading, type Seen } from './conversation.ts'

/** Milliseconds between looks, which grow from the first to the last while nothing new comes. */
const FIRST_PAUSE = 2000
const LAST_PAUSE = 30_000

export interface Watched {
  seen: Seen
  /** Why the last look failed; undefined: it didn't. */
  error: unknown
  /** Looks at once. */
  again: () => void
}

const mayChange = (seen: Seen): boolean => seen.details.status === 'open' || uploading(seen) > 0

/** Looks for answers again and again while the page is visible, until no more can come. */
export function useWatch(collect: Collect, first: Seen): Watched {
  const [state, setState] = useState<Omit<Watched, 'again'>>({ seen: first, error: undefined })
  const again = useRef<() => void>(() => undefined)

  useEffect(() => {
    const stop = new AbortController()
    let last = first
    let pause = FIRST_PAUSE
    let timer: ReturnType<typeof setTimeout> | undefined
    let round = 0

    const lookAgain = async (): Promise<void> => {
      clearTimeout(timer)
      const own = ++round
      try {
        const seen = await look(collect, stop.signal)
        // Another look began meanwhile, and knows more.
        if (own !== round) return
        if (seen.answers.length > last.answers.length) pause = FIRST_PAUSE
        last = seen
        setState({ seen, error: undefined })
      } catch (error) {
        if (own !== round) return
        setState({ seen: last, error })
        if (!mayPass(error)) return
      }
      wait()
    }
    const wait = (): void => {
      clearTimeout(timer)
      if (document.hidden || !mayChange(last)) return
      timer = setTimeout(() => void lookAgain(), pause)
      pause = Math.min(pause * 2, LAST_PAUSE)
    }
    const follow = (): void => {
      clearTimeout(timer)
      if (document.hidden) return
      pause = FIRST_PAUSE
      void lookAgain()
    }
    again.current = follow
    document.addEventListener('visibilitychange', follow)
    addEventListener('online', follow)
    wait()
    return () => {
      round++
      stop.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', follow)
      removeEventListener('online', follow)
    }
  }, [collect])

  return { ...state, again: () => again.current() }
}
