import { Control, type ControlProps } from './field.tsx'

interface TextAreaProps extends ControlProps {
  value: string
  onValue: (value: string) => void
  rows?: number
  dir?: 'auto' | 'ltr'
}

export function TextArea({ value, onValue, rows = 2, dir = 'auto', ...control }: TextAreaProps) {
  return (
    <Control {...control}>
      {(attributes) => (
        <textarea
          {...attributes}
          rows={rows}
          dir={dir}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Control>
  )
}
