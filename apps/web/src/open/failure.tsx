import { Button } from '../ui/button.tsx'
import { mayPass } from './conversation.ts'
import { explainEnd } from './explain.ts'
import { usePage } from './page.ts'
import { Title } from '../ui/title.tsx'

interface FailureProps {
  error: unknown
  resumed: boolean
  focused: boolean
}

/** Why the secret can't be had. */
export function FailureView({ error, resumed, focused }: FailureProps) {
  const page = usePage()
  const { title, text } = explainEnd(error, page, resumed)
  return (
    <>
      <Title icon="stop" text={title} focused={focused} />
      <p id="status" role="status">
        {text}
      </p>
      {mayPass(error) && (
        <Button kind="primary" onPress={() => location.reload()}>
          {page.words.retry}
        </Button>
      )}
    </>
  )
}
