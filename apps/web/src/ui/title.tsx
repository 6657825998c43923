import { useLayoutEffect, useRef } from 'preact/hooks'
import { Icon, type IconName } from './icon.tsx'

interface TitleProps {
  text: string
  icon?: IconName
  /** Takes the focus, so that a screen reader says what has become of the page. */
  focused?: boolean
}

export function Title({ text, icon = 'lock', focused = false }: TitleProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    if (focused) heading.current?.focus()
  }, [focused, text])
  return (
    <div class="title">
      <Icon name={icon} />
      <h1 id="title" ref={heading} tabIndex={-1}>
        {text}
      </h1>
    </div>
  )
}
