/** A request's answers, opened with the workspace key: the list of the page at /collect/SLUG, in that page's words. */
import type { RequestDetails } from '@halfkey/sdk'
import type { ComponentChildren } from 'preact'
import { Answers } from '../collect/answers.tsx'
import { look } from '../collect/conversation.ts'
import { catalogues } from '../collect/page.ts'
import { PageContext } from '../i18n/page.tsx'
import { workerKem } from '../kem/kem.ts'
import { Failure } from './loaded.tsx'
import { useLoad, useOwner } from './owner.ts'
import { usePage } from './page.ts'

interface CollectedProps {
  request: RequestDetails
  /** What stands above the answers. `again` looks at the server at once. */
  children: (newest: RequestDetails, again: () => void) => ComponentChildren
}

export function Collected({ request, children }: CollectedProps) {
  const own = usePage()
  const { client } = useOwner()
  const { slug, description, message, hasSeed } = request
  const collecting = useLoad(
    async (signal) => {
      const collect = await client.collect(slug, { kem: workerKem, signal })
      return { collect, first: await look(collect, signal) }
    },
    [slug],
  )
  const spoken = useLoad(() => catalogues[own.language](), [own.language])
  const error = collecting.error ?? spoken.error
  const again = (): void => {
    if (collecting.error !== undefined) collecting.again()
    if (spoken.error !== undefined) spoken.again()
  }
  if (!collecting.value || !spoken.value) {
    return (
      <>
        {children(request, again)}
        <Failure error={error} onRetry={again} />
        {error === undefined && <p role="status">{own.words.loading}</p>}
      </>
    )
  }
  const { collect, first } = collecting.value
  return (
    <PageContext.Provider value={{ ...own, words: spoken.value.words }}>
      <Answers collect={collect} first={first}>
        {({ details }, lookAgain) => (
          <PageContext.Provider value={own}>
            {children({ ...details, description, message: message ?? details.message, hasSeed }, lookAgain)}
          </PageContext.Provider>
        )}
      </Answers>
    </PageContext.Provider>
  )
}
