import { HalfkeyError, type KmsRevealed, type KmsVersion } from '@halfkey/sdk'
import { useEffect, useState } from 'preact/hooks'
import { Alert } from '../ui/alert.tsx'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Exact } from '../ui/exact.tsx'
import { Failure, Loaded } from './loaded.tsx'
import { useAction, useLoad, useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { Ago, AskingButton, Chip, Pager } from './pieces.tsx'

const PER_PAGE = 10

interface VersionsProps {
  handler: string
  newest: number
  /** Counts changes, after which they are asked for again. */
  changes: number
  onChanged: (said: string) => void
}

/** The versions of a named secret, newest first; a click reveals one of them at a time. */
export function Versions({ handler, newest, changes, onChanged }: VersionsProps) {
  const { words } = usePage()
  const { client, hasKey } = useOwner()
  const [page, setPage] = useState(1)
  const versions = useLoad(
    (signal) => client.kms.versions(handler, { limit: PER_PAGE, page, signal }),
    [handler, changes, page],
  )
  const { failure, run } = useAction()
  const [revealed, setRevealed] = useState<KmsRevealed>()
  useEffect(() => setRevealed(undefined), [handler, changes])
  const reveal = async (version: number): Promise<void> => {
    setRevealed(undefined)
    await run(async () => setRevealed(await client.kms.reveal(handler, { version })))
  }
  const isRefused = failure instanceof HalfkeyError && failure.code === 'PERMISSION_DENIED'
  return (
    <section class="stack" aria-labelledby="versions-title">
      <h2 id="versions-title">{words.versions}</h2>
      <Failure error={failure} text={isRefused ? words.revealRefused : undefined} />
      {revealed && <Value key={revealed.version} revealed={revealed} onHide={() => setRevealed(undefined)} />}
      <Loaded of={versions}>
        {({ versions: found, pagination }) => (
          <>
            <ul class="rows">
              {found.map((version) => (
                <Row
                  key={version.version}
                  {...{ handler, version, hasKey, onChanged }}
                  isNewest={version.version === newest}
                  onReveal={() => reveal(version.version)}
                />
              ))}
            </ul>
            {pagination.lastPage > 1 && <Pager pagination={pagination} onPage={setPage} />}
          </>
        )}
      </Loaded>
    </section>
  )
}

interface RowProps {
  handler: string
  version: KmsVersion
  isNewest: boolean
  hasKey: boolean
  onReveal: () => Promise<void>
  onChanged: (said: string) => void
}

function Row({ handler, version: { version, ...known }, isNewest, hasKey, onReveal, onChanged }: RowProps) {
  const { words, formats } = usePage()
  const { client } = useOwner()
  const { createdAt, creator, expiresAt, destroyedAt } = known
  const name = words.version(formats.number(version))
  return (
    <li>
      <div class="row">
        <span class="name">{name}</span>
        {isNewest && <Chip tone="good" text={words.newest} />}
        {destroyedAt && <Chip tone="plain" text={words.versionDestroyed} />}
        {!destroyedAt && expiresAt && expiresAt.getTime() < Date.now() && (
          <Chip tone="plain" text={words.statuses.expired} />
        )}
      </div>
      <p class="hint parts">
        <span>
          {words.made} <Ago at={createdAt} />
        </span>
        <span>
          {words.madeBy} <bdi translate={false}>{creator}</bdi>
        </span>
        {expiresAt && (
          <span>
            {words.ends} <Ago at={expiresAt} />
          </span>
        )}
      </p>
      {!destroyedAt && (
        <div class="actions">
          {hasKey && (
            <Button aria-label={words.named(words.reveal, name)} onPress={onReveal}>
              {words.reveal}
            </Button>
          )}
          {hasKey && !isNewest && (
            <AskingButton
              label={words.rollBack}
              fullLabel={words.named(words.rollBack, name)}
              title={words.rollBackTitle(formats.number(version))}
              text={words.rollBackText}
              act={() => client.kms.rollback(handler, version).then(() => undefined)}
              onDone={() => onChanged(words.rolledBack)}
            />
          )}
          <AskingButton
            label={words.destroy}
            fullLabel={words.named(words.destroy, name)}
            title={words.destroyTitle(formats.number(version))}
            text={isNewest ? words.destroyNewestText : words.destroyText}
            act={() => client.kms.destroyVersion(handler, version)}
            onDone={() => onChanged(words.destroyed)}
          />
        </div>
      )}
    </li>
  )
}

/** The value, for as long as its owner looks at it. */
function Value({ revealed, onHide }: { revealed: KmsRevealed; onHide: () => void }) {
  const { words, formats } = usePage()
  const text = textOf(revealed)
  const label = words.valueOf(formats.number(revealed.version))
  return (
    <Alert tone="good">
      <div class="stack">
        <p role="status">{label}</p>
        {text !== null ? (
          <Exact id="revealed" dir="auto" aria-label={label} text={text} />
        ) : (
          <p>{words.notText(formats.size(revealed.bytes.length))}</p>
        )}
        <div class="actions">
          {text !== null && <CopyButton words={words} text={text} shownBy="revealed" kind="primary" secret />}
          <Button onPress={onHide}>{words.hide}</Button>
        </div>
      </div>
    </Alert>
  )
}

/** null: it isn't text. */
function textOf(revealed: KmsRevealed): string | null {
  try {
    return revealed.text
  } catch {
    return null
  }
}
