import { useLayoutEffect, useRef } from 'preact/hooks'

/** Takes the focus if `focused`, so that a screen reader says what has become of the page. */
export function Heading({ text, focused = false }: { text: string; focused?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    if (focused) heading.current?.focus()
  }, [focused, text])
  return (
    <h1 id="title" ref={heading} tabIndex={-1} dir="auto">
      {text}
    </h1>
  )
}
