/** The workspace's tokens: who may do what. */
import type { NewToken, RevokedTokens, Token, WireScope } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Field } from '../ui/field.tsx'
import { ahead, LONG } from './durations.ts'
import { concernsField, explain } from './explain.ts'
import { Heading } from './heading.tsx'
import { Loaded } from './loaded.tsx'
import { useLoad, useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { ActionForm, Ago, Chip, Choice, entriesOf, ShownOnce } from './pieces.tsx'
import { isOver, RevokeToken } from './revoke-token.tsx'
import type { PartProps } from './shell.tsx'

const SCOPES = [
  'secrets:read',
  'secrets:write',
  'kms:read',
  'kms:write',
  'kms:reveal',
  'requests:read',
  'requests:write',
  'audit:read',
  'tokens:admin',
] as const satisfies WireScope[]

export function Part({ focused }: PartProps) {
  const { words } = usePage()
  const { client } = useOwner()
  const tokens = useLoad((signal) => client.tokens.list({ signal }), [])
  const [made, setMade] = useState<NewToken>()
  const [said, setSaid] = useState('')
  const onRevoked = ({ revoked, validDescendants }: RevokedTokens): void => {
    const [taken, left] = [revoked.length - 1, validDescendants.length]
    setSaid(left > 0 ? words.madeStillWork(left) : taken > 0 ? words.madeRevoked(taken) : words.revoked)
    tokens.again()
  }
  return (
    <>
      <Heading text={words.parts.tokens} focused={focused} />
      <p class="said" role="status">
        {said}
      </p>
      {made && (
        <ShownOnce
          id="new-token"
          text={words.tokenMade(made.name)}
          secret={made.token}
          onClose={() => setMade(undefined)}
        />
      )}
      <Loaded of={tokens}>
        {(found) => (
          <ul class="rows">
            {found.map((token) => (
              <Row key={token.id} token={token} all={found} onRevoked={onRevoked} />
            ))}
          </ul>
        )}
      </Loaded>
      <New
        onMade={(token) => {
          setSaid('')
          setMade(token)
          tokens.again()
        }}
      />
    </>
  )
}

interface RowProps {
  token: Token
  all: readonly Token[]
  onRevoked: (reply: RevokedTokens) => void
}

function Row({ token, all, onRevoked }: RowProps) {
  const { words } = usePage()
  const { tokenId } = useOwner()
  const { id, name, scopes, handlers, ips, parentId, createdAt, expiresAt, revokedAt, lastUsedAt } = token
  const parent = all.find((one) => one.id === parentId)
  return (
    <li>
      <div class="row">
        <bdi translate={false} class="name">
          {name}
        </bdi>
        {id === tokenId && <Chip tone="good" text={words.thisToken} />}
        {isOver(token) && <Chip tone="plain" text={revokedAt ? words.tokenRevoked : words.statuses.expired} />}
      </div>
      <p class="scopes">
        {scopes.map((scope) => (
          <code translate={false} key={scope}>
            {scope}
          </code>
        ))}
      </p>
      <p class="hint parts">
        <code translate={false}>{id}</code>
        <span>
          {words.made} <Ago at={createdAt} />
        </span>
        {parentId !== null && (
          <span>
            {words.makerToken} {parent && <bdi translate={false}>{parent.name}</bdi>}{' '}
            <code translate={false}>{parentId}</code>
          </span>
        )}
        {expiresAt && (
          <span>
            {words.ends} <Ago at={expiresAt} />
          </span>
        )}
        <span>
          {words.lastUsed} {lastUsedAt ? <Ago at={lastUsedAt} /> : words.never}
        </span>
        {handlers.length > 0 && (
          <span>
            {words.onlyHandlers} <code translate={false}>{handlers.join(words.comma)}</code>
          </span>
        )}
        {ips.length > 0 && (
          <span>
            {words.onlyFrom} <bdi translate={false}>{ips.join(words.comma)}</bdi>
          </span>
        )}
      </p>
      <RevokeToken {...{ token, all, onRevoked }} />
    </li>
  )
}

function New({ onMade }: { onMade: (made: NewToken) => void }) {
  const { words, formats } = usePage()
  const { client } = useOwner()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<readonly WireScope[]>(['secrets:read'])
  const [handlers, setHandlers] = useState('')
  const [ips, setIps] = useState('')
  const [expiresIn, setExpiresIn] = useState('')

  const make = async (): Promise<void> => {
    const [patterns, networks] = [entriesOf(handlers), entriesOf(ips)]
    onMade(
      await client.tokens.create(name.trim(), {
        scopes: [...scopes],
        handlers: patterns.length > 0 ? patterns : undefined,
        ips: networks.length > 0 ? networks : undefined,
        expiresIn: expiresIn === '' ? undefined : Number(expiresIn),
      }),
    )
  }
  const explained = (error: unknown): string => {
    if (concernsField(error, 'scopes')) return words.scopesMissing
    if (concernsField(error, 'handlers')) return words.handlersWrong
    if (concernsField(error, 'ips')) return words.networksWrong
    return explain(error, words)
  }
  return (
    <section class="stack" aria-labelledby="new-title">
      <h2 id="new-title">{words.newToken}</h2>
      <p>{words.newTokenText}</p>
      <ActionForm label={words.makeToken} act={make} onDone={() => setName('')} explained={explained}>
        <Field id="token-name" label={words.name} value={name} onValue={setName} required maxLength={200} />
        <fieldset>
          <legend>{words.scopes}</legend>
          {SCOPES.map((scope) => (
            <label key={scope} class="check">
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={({ currentTarget }) =>
                  setScopes(SCOPES.filter((one) => (one === scope ? currentTarget.checked : scopes.includes(one))))
                }
              />
              <span>
                <code translate={false}>{scope}</code> <span class="hint">{words.scopeTexts[scope]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Field
          id="handlers"
          label={words.handlers}
          hint={words.handlersHint}
          value={handlers}
          onValue={setHandlers}
          dir="ltr"
        />
        <Field id="ips" label={words.networks} hint={words.networksHint} value={ips} onValue={setIps} dir="ltr" />
        <Choice
          id="expires-in"
          label={words.expiresAt}
          value={expiresIn}
          options={[['', words.asThisToken], ...ahead(LONG, formats)]}
          onValue={setExpiresIn}
        />
      </ActionForm>
    </section>
  )
}
