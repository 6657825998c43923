/** What a page with unsent text watches of its browser. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Has the browser ask before the page is left, from the moment on when there is something to lose. */
export function useLeaveWarning(isNeeded: boolean): void {
  useLayoutEffect(() => {
    if (!isNeeded) return
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isNeeded])
}

export function useOnline(): boolean {
  const [isOnline, setOnline] = useState(navigator.onLine)
  useEffect(() => {
    const look = (): void => setOnline(navigator.onLine)
    for (const name of ['online', 'offline']) addEventListener(name, look)
    return () => {
      for (const name of ['online', 'offline']) removeEventListener(name, look)
    }
  }, [])
  return isOnline
}

/** Takes whoever writes to the first control that is wrong, once a refusal comes. */
export function useFirstError(form: { current: HTMLFormElement | null }, refusal: object | undefined): void {
  const seen = useRef<object>(undefined)
  useEffect(() => {
    const isNew = refusal !== undefined && seen.current === undefined
    seen.current = refusal
    if (isNew) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [refusal])
}
