import type { SharedSecret, WireLimits } from '@halfkey/sdk'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { withFreeNames } from '../compose/files.ts'
import { useLeaveWarning } from '../compose/hooks.ts'
import type { Sending } from '../compose/sending.tsx'
import { followProgress } from '../compose/upload.ts'
import { Frame } from '../ui/frame.tsx'
import { Title } from '../ui/title.tsx'
import { Compose } from './compose.tsx'
import { Destroyed } from './destroyed.tsx'
import { EMPTY_DRAFT, isUnsent, optionsOf, type Draft } from './draft.ts'
import { Help } from './help.tsx'
import { usePage } from './page.ts'
import { findProblems, refusalOf, withoutChanged, type Problems, type Refusal } from './problems.ts'
import { createClient, fetchLimits } from '../compose/server.ts'
import { Shared } from './shared.tsx'

type State =
  | { at: 'compose'; refusal?: Refusal; sending?: Sending; isStopped?: boolean }
  | { at: 'shared'; secret: SharedSecret }
  | { at: 'destroyed'; destroyedAt: Date }

export function App() {
  const page = usePage()
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT)
  const [state, setState] = useState<State>({ at: 'compose' })
  const [isHandedOver, setHandedOver] = useState(false)
  const current = useRef<AbortController>(undefined)
  const { limits, readLimits } = useLimits()
  useLeaveWarning(state.at === 'compose' ? isUnsent(draft) : state.at === 'shared' && !isHandedOver)

  const change = (patch: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...patch }))
    forgive(patch)
  }

  const addFiles = (added: File[]): void => {
    setDraft((before) => ({ ...before, files: [...before.files, ...withFreeNames(added, before.files)] }))
    forgive({ files: added })
  }

  /** Takes back what was said of what is changed now. */
  const forgive = (patch: Partial<Draft>): void => {
    setState((before) =>
      before.at === 'compose' && before.refusal
        ? { at: 'compose', refusal: withoutChanged(before.refusal, patch) }
        : before,
    )
  }

  /** What is known to be wrong before anything is sealed, the token included. */
  const problemsOf = async (): Promise<Problems> => {
    try {
      return findProblems(draft, await readLimits(draft.token.trim()))
    } catch (error) {
      return { ...findProblems(draft, limits), ...(await refusalOf(error, draft)).problems }
    }
  }

  const share = async (): Promise<void> => {
    if (current.current) return
    const stop = new AbortController()
    current.current = stop
    const settle = (next: State): void => {
      if (current.current !== stop) return
      current.current = undefined
      setState(next)
    }
    const cancel = (): void => {
      stop.abort()
      settle({ at: 'compose', isStopped: true })
    }
    const show = (done: number, total: number): void => {
      if (current.current === stop) setState({ at: 'compose', sending: { done, total, cancel } })
    }
    show(0, 0)
    try {
      const problems = await problemsOf()
      if (Object.keys(problems).length > 0) {
        const others = await refusalOf(await failureOf(draft), draft)
        return settle({ at: 'compose', refusal: { problems: { ...others.problems, ...problems } } })
      }
      const secret = await send(draft, show, stop.signal)
      // Its last reply crossed with the click on «Cancel».
      if (stop.signal.aborted) return await destroy(secret)
      setHandedOver(false)
      // What the page needs no more, it forgets.
      setDraft({ ...draft, text: '', files: [], note: '' })
      settle({ at: 'shared', secret })
    } catch (error) {
      settle({ at: 'compose', refusal: await refusalOf(error, draft) })
    }
  }

  const startAnew = (): void => {
    const { token, workspaceKey } = draft
    setDraft({ ...EMPTY_DRAFT, token, workspaceKey })
    setState({ at: 'compose' })
  }

  if (!('subtle' in crypto)) {
    return (
      <Frame page={page}>
        <Title icon="stop" text={page.words.unsupported} />
        <p>{isSecureContext ? page.words.oldBrowser : page.words.insecure}</p>
      </Frame>
    )
  }
  return (
    <Frame page={page} footer={<Help />}>
      {state.at === 'compose' && (
        <Compose
          draft={draft}
          onChange={change}
          onFiles={addFiles}
          limits={limits}
          onToken={() => void readLimits(draft.token.trim()).catch(() => undefined)}
          refusal={state.refusal}
          sending={state.sending}
          isStopped={state.isStopped === true}
          onShare={share}
        />
      )}
      {state.at === 'shared' && (
        <Shared
          secret={state.secret}
          draft={draft}
          onHandedOver={() => setHandedOver(true)}
          onDestroy={async () => {
            await destroy(state.secret)
            setState({ at: 'destroyed', destroyedAt: new Date() })
          }}
          onAnother={startAnew}
        />
      )}
      {state.at === 'destroyed' && <Destroyed at={state.destroyedAt} onAnother={startAnew} />}
    </Frame>
  )
}

/** What the server lets the sender ask for, of the newest token that it took. */
function useLimits() {
  const [limits, setLimits] = useState<WireLimits>()
  const known = useRef<{ token: string; limits: WireLimits }>(undefined)
  const readLimits = useCallback(async (token: string): Promise<WireLimits | undefined> => {
    if (known.current?.token === token) return known.current.limits
    const found = await fetchLimits(token)
    if (found) known.current = { token, limits: found }
    setLimits(found)
    return found
  }, [])
  useEffect(() => {
    const read = (): void => void readLimits(known.current?.token ?? '').catch(() => undefined)
    read()
    addEventListener('online', read)
    return () => removeEventListener('online', read)
  }, [])
  return { limits, readLimits }
}

const destroy = ({ slug, manageKey }: SharedSecret): Promise<void> =>
  createClient({ token: '', workspaceKey: '' }).deleteSecret(slug, { manageKey })

/** What the SDK finds wrong by itself, so that all that is wrong shows at once: an aborted create sends nothing. */
async function failureOf(draft: Draft): Promise<unknown> {
  try {
    await send(draft, () => undefined, AbortSignal.abort())
    return undefined
  } catch (error) {
    return error
  }
}

/** @throws HalfkeyError as `createSecret` does. */
async function send(
  draft: Draft,
  show: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<SharedSecret> {
  const account = { token: draft.token.trim(), workspaceKey: draft.workspaceKey.trim() }
  const { fetch, start } = followProgress()
  return createClient(account, fetch).createSecret(draft.text, { ...optionsOf(draft), signal, onProgress: start(show) })
}
