import { Button } from '../ui/button.tsx'
import { Title } from '../ui/title.tsx'
import { explain, mayPass } from './explain.ts'
import { usePage } from './page.ts'

/** Why the request can't be answered. */
export function Failure({ error }: { error: unknown }) {
  const page = usePage()
  const { title, text } = explain(error, page, page.words.offlineFirst)
  return (
    <>
      <Title icon="stop" text={title} />
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
