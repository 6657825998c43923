import { usePage } from './page.ts'

export function Help() {
  const { words } = usePage()
  return (
    <details class="help">
      <summary>{words.helpTitle}</summary>
      <p>{words.helpKeys}</p>
      <p>{words.helpServer}</p>
    </details>
  )
}
