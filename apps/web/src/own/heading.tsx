import { useLayoutEffect, useRef } from 'preact/hooks'

interface HeadingProps {
  text: string
  /** Takes the focus, so that a screen reader says what has become of the page. */
  focused?: boolean
  /** The text is an owner's, not the page's: it may be in any language, and isn't translated. */
  verbatim?: boolean
}

export function Heading({ text, focused = false, verbatim = false }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    if (focused) heading.current?.focus()
  }, [focused, text])
  return (
    <h1 id="title" ref={heading} tabIndex={-1} {...(verbatim && { dir: 'auto', translate: false })}>
      {text}
    </h1>
  )
}
