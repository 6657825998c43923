/** How a token, and the tokens that it made, are revoked. */
import type { RevokedTokens, Token } from '@halfkey/sdk'
import { useState } from 'preact/hooks'
import { Button } from '../ui/button.tsx'
import { useOwner } from './owner.ts'
import { usePage } from './page.ts'
import { AskingButton, Confirm } from './pieces.tsx'

export const isOver = ({ revokedAt, expiresAt }: Token): boolean =>
  revokedAt !== null || (expiresAt !== null && expiresAt.getTime() < Date.now())

/** Whether a token made another, or made one that did, and so on. */
function hasMade(makerId: string, id: string, all: readonly Token[]): boolean {
  const parents = new Map(all.map((token) => [token.id, token.parentId]))
  const seen = new Set<string>()
  for (let parent = parents.get(id); parent && !seen.has(parent); parent = parents.get(parent)) {
    if (parent === makerId) return true
    seen.add(parent)
  }
  return false
}

interface RevokeProps {
  token: Token
  /** As the list has them. */
  all: readonly Token[]
  onRevoked: (reply: RevokedTokens) => void
}

/** What can still be revoked: the token with what it made, or of a revoked one what it made. */
export function RevokeToken({ token, all, onRevoked }: RevokeProps) {
  const { words } = usePage()
  const { client } = useOwner()
  const { id, name } = token
  const [isAsking, setAsking] = useState(false)
  if (isOver(token)) {
    if (!all.some((one) => !isOver(one) && hasMade(id, one.id, all))) return null
    return (
      <div class="actions">
        <AskingButton
          label={words.revokeRest}
          fullLabel={words.named(words.revokeRest, name)}
          title={words.revokeRestTitle}
          text={words.revokeRestText}
          act={async () => onRevoked(await client.tokens.revoke(id, { descendants: true }))}
          onDone={() => undefined}
        />
      </div>
    )
  }
  return (
    <div class="actions">
      <Button aria-label={words.named(words.revoke, name)} onPress={() => setAsking(true)}>
        {words.revoke}
      </Button>
      {isAsking && <Dialog {...{ token, all, onRevoked }} onClose={() => setAsking(false)} />}
    </div>
  )
}

/** The list may be older than a token that a thief has just made: the choice is there for whatever may make tokens. */
function Dialog({ token, all, onRevoked, onClose }: RevokeProps & { onClose: () => void }) {
  const { words } = usePage()
  const { client, tokenId } = useOwner()
  const { id, scopes } = token
  const [descendants, setDescendants] = useState(false)
  return (
    <Confirm
      title={words.revokeTitle}
      text={id === tokenId ? words.revokeThisText : words.revokeText}
      label={words.revoke}
      act={async () => onRevoked(await client.tokens.revoke(id, { descendants }))}
      onDone={onClose}
      onClose={onClose}
    >
      {scopes.includes('tokens:admin') && (
        <label class="check">
          <input
            type="checkbox"
            checked={descendants}
            onChange={({ currentTarget }) => setDescendants(currentTarget.checked)}
          />
          <span>{words.revokeMade}</span>
        </label>
      )}
      {descendants && hasMade(id, tokenId, all) && <p role="status">{words.revokeMadeToo}</p>}
    </Confirm>
  )
}
