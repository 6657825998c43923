import { Button } from '../ui/button.tsx'
import { Title } from '../ui/title.tsx'
import { usePage } from './page.ts'

export function Destroyed({ at, onAnother }: { at: Date; onAnother: () => void }) {
  const { words, formats } = usePage()
  return (
    <>
      <Title icon="done" text={words.destroyedTitle} focused />
      <p id="status">{words.destroyed(formats.moment(at))}</p>
      <Button kind="primary" onPress={onAnother}>
        {words.another}
      </Button>
    </>
  )
}
