import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { useAction, useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { hrefOf, PARTS, useRoute, type PartName } from './route.ts'
import { Failure } from './loaded.tsx'

export interface PartProps {
  /** What of the part is looked at; undefined: its list. */
  item: string | undefined
  /** The heading takes the focus: somebody came here from elsewhere in the page. */
  focused: boolean
}

/** Each part is loaded when it is first looked at. */
const loaders: Record<PartName, () => Promise<{ Part: ComponentType<PartProps> }>> = {
  secrets: () => import('./secrets.tsx'),
  requests: () => import('./requests.tsx'),
  named: () => import('./named.tsx'),
  stats: () => import('./stats.tsx'),
  log: () => import('./log.tsx'),
  webhooks: () => import('./webhooks.tsx'),
  tokens: () => import('./tokens.tsx'),
}

/** What stands around every part: whose workspace it is, the way to the other parts, and the way out. */
export function Shell({ focused: focusedAtFirst }: { focused: boolean }) {
  const { words } = usePage()
  const { part, item } = useRoute()
  const focused = useMoved(part, item) || focusedAtFirst
  useEffect(() => {
    document.title = words.documentTitleOf(words.parts[part])
    return () => {
      document.title = words.documentTitle
    }
  }, [words, part])
  return (
    <>
      <Top />
      <nav aria-label={words.partsLabel}>
        {PARTS.map((name) => (
          <a key={name} href={hrefOf(name)} aria-current={name === part ? 'page' : undefined}>
            {words.parts[name]}
          </a>
        ))}
      </nav>
      <Notices />
      <Lazy key={part} name={part} item={item} focused={focused} />
    </>
  )
}

/** Whether the reader has gone anywhere since the page was loaded. */
function useMoved(part: PartName, item: string | undefined): boolean {
  const first = useRef(`${part}/${item ?? ''}`)
  const hasMoved = useRef(false)
  hasMoved.current ||= first.current !== `${part}/${item ?? ''}`
  return hasMoved.current
}

function Top() {
  const { words } = usePage()
  const { workspace, keeping, leave } = useOwner()
  return (
    <div class="top">
      <p>
        {workspace && <bdi translate={false}>{words.workspaceNamed(workspace.name)}</bdi>}{' '}
        <span class="hint">{words.keeping[keeping]}</span>
      </p>
      <Button kind="quiet" onPress={() => leave('forgotten')}>
        {words.forget}
      </Button>
    </div>
  )
}

function Notices() {
  const { words } = usePage()
  const { hasKey, workspace } = useOwner()
  if (!hasKey) {
    return (
      <Alert tone="note">
        <p>{words.noKey}</p>
      </Alert>
    )
  }
  if (workspace?.workspaceCheck === null) return <Unchecked />
  return workspace ? null : (
    <Alert tone="note">
      <p>{words.keyUnknown}</p>
    </Alert>
  )
}

/** The workspace has no check value yet, so any key is as good as another. */
function Unchecked() {
  const { words } = usePage()
  const { client } = useOwner()
  const { failure, run } = useAction()
  const [isSet, setSet] = useState(false)
  if (isSet) {
    return (
      <Alert tone="good">
        <p role="status">{words.keySet}</p>
      </Alert>
    )
  }
  const set = async (): Promise<void> => {
    if (await run(() => client.setWorkspaceCheck().then(() => undefined))) setSet(true)
  }
  return (
    <Alert tone="note">
      <p>{words.keyUnset}</p>
      <Failure error={failure} />
      <Button onPress={set}>{words.setKey}</Button>
    </Alert>
  )
}

function Lazy({ name, ...props }: PartProps & { name: PartName }) {
  const { words } = usePage()
  const [loaded, setLoaded] = useState<{ Part: ComponentType<PartProps> }>()
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    loaders[name]().then(setLoaded, setError)
  }, [name])
  // Browsers may remember that a script didn't come: only a reload asks for it again.
  if (error !== undefined) return <Failure error={error} text={words.partFailed} onRetry={() => location.reload()} />
  return loaded ? <loaded.Part {...props} /> : <p role="status">{words.loading}</p>
}
