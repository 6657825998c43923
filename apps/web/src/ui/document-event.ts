import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

/** Listens on the whole page, wherever the focus is. */
export function useDocumentEvent<Name extends keyof DocumentEventMap>(
  name: Name,
  listener: (event: DocumentEventMap[Name]) => void,
): void {
  const newest = useRef(listener)
  useLayoutEffect(() => {
    newest.current = listener
  })
  useEffect(() => {
    const listen = (event: DocumentEventMap[Name]): void => newest.current(event)
    document.addEventListener(name, listen)
    return () => document.removeEventListener(name, listen)
  }, [name])
}
