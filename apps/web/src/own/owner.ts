/** What every part of the page has at hand once somebody works here. */
import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import { isRefused, type Ending, type Session } from './session.ts'

export interface Owner extends Session {
  leave: (ending: Ending) => Promise<void>
}

export const OwnerContext = createContext<Owner | null>(null)

export function useOwner(): Owner {
  const owner = useContext(OwnerContext)
  if (!owner) throw new Error('nobody is signed in')
  return owner
}

export interface Loading<T> {
  /** The newest that came, also while it is asked for again. */
  value: T | undefined
  error: unknown
  isLoading: boolean
  again: () => void
}

/** Asks for something, anew whenever one of `inputs` changes or somebody wants it again. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Loading<T> {
  const { leave } = useOwner()
  const [round, setRound] = useState(0)
  const [state, setState] = useState<Omit<Loading<T>, 'again'>>({ value: undefined, error: undefined, isLoading: true })
  const again = (): void => setRound((before) => before + 1)

  useEffect(() => {
    const stop = new AbortController()
    setState(({ value }) => ({ value, error: undefined, isLoading: true }))
    load(stop.signal).then(
      (value) => {
        if (!stop.signal.aborted) setState({ value, error: undefined, isLoading: false })
      },
      (error: unknown) => {
        if (stop.signal.aborted) return
        if (isRefused(error)) void leave('refused')
        else setState(({ value }) => ({ value, error, isLoading: false }))
      },
    )
    return () => stop.abort()
  }, [round, ...inputs])

  useEffect(() => {
    if (state.error === undefined) return
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  }, [state.error])
  return { ...state, again }
}

/** Does something, and knows how it failed. `run` returns whether it succeeded. */
export function useAction(): { failure: unknown; run: (act: () => Promise<void>) => Promise<boolean> } {
  const { leave } = useOwner()
  const [failure, setFailure] = useState<unknown>()
  const run = async (act: () => Promise<void>): Promise<boolean> => {
    setFailure(undefined)
    try {
      await act()
      return true
    } catch (error) {
      if (isRefused(error)) await leave('refused')
      else setFailure(error)
      return false
    }
  }
  return { failure, run }
}
