import type { SharedRequest, WireLimits } from '@halfkey/sdk'
import { useEffect, useState } from 'preact/hooks'
import { useLeaveWarning } from '../compose/hooks.ts'
import { createClient, fetchLimits } from '../compose/server.ts'
import { workerKem } from '../kem/kem.ts'
import { Frame } from '../ui/frame.tsx'
import { Title } from '../ui/title.tsx'
import { Asked } from './asked.tsx'
import { EMPTY_DRAFT, optionsOf, type Draft } from './draft.ts'
import { Form } from './form.tsx'
import { usePage } from './page.ts'

export function App() {
  const page = usePage()
  const { words } = page
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT)
  const [limits, setLimits] = useState<WireLimits>()
  const [failure, setFailure] = useState<unknown>()
  const [isCreating, setCreating] = useState(false)
  const [asked, setAsked] = useState<SharedRequest>()
  const [isKept, setKept] = useState(false)
  useLeaveWarning(asked ? !isKept : draft.note !== '')

  const readLimits = async (): Promise<void> => {
    try {
      setLimits(await fetchLimits(draft.token.trim()))
    } catch (error) {
      setFailure(error)
    }
  }
  useEffect(() => {
    void readLimits()
  }, [])

  const create = async (): Promise<void> => {
    setFailure(undefined)
    setCreating(true)
    try {
      const client = createClient({ token: draft.token.trim(), workspaceKey: '' })
      setAsked(await client.createRequest({ ...optionsOf(draft, limits), kem: workerKem }))
    } catch (error) {
      setFailure(error)
    }
    setCreating(false)
  }

  if (!('subtle' in crypto)) {
    return (
      <Frame page={page}>
        <Title icon="stop" text={words.unsupported} />
        <p>{isSecureContext ? words.oldBrowser : words.insecure}</p>
      </Frame>
    )
  }
  const help = (
    <details class="help">
      <summary>{words.helpTitle}</summary>
      <p>{words.helpKeys}</p>
      <p>{words.helpServer}</p>
    </details>
  )
  return (
    <Frame page={page} footer={help}>
      {asked ? (
        <Asked
          asked={asked}
          onKept={() => setKept(true)}
          onAnother={() => {
            setDraft({ ...EMPTY_DRAFT, token: draft.token })
            setAsked(undefined)
            setKept(false)
          }}
        />
      ) : (
        <Form
          draft={draft}
          onChange={(patch) => {
            setDraft({ ...draft, ...patch })
            setFailure(undefined)
          }}
          limits={limits}
          onToken={() => void readLimits()}
          failure={failure}
          isCreating={isCreating}
          onCreate={create}
        />
      )}
    </Frame>
  )
}
