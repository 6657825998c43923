interface ProgressProps {
  label: string
  done: number
  total: number
  /** Said beside the bar, such as «3 of 10 MB». */
  text?: string
}

export function Progress({ label, done, total, text }: ProgressProps) {
  return (
    <div class="progress" translate={false}>
      <progress aria-label={label} value={done} max={Math.max(1, total)} />
      {text !== undefined && <span>{text}</span>}
    </div>
  )
}
