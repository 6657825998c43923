/** What a page with unsent text watches of its browser. */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks'

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
