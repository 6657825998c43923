/** Workspaces, tokens and settings. */
import { describe, expect, test } from 'vitest'
import type { OpenStore } from './fixture.ts'
import { start, useStore } from './fixture.ts'

export function describeAccounts(open: OpenStore): void {
  const { store, rival, givenOwner } = useStore(open)

  describe('tokens', () => {
    test('a token is read back as it was stored, and only by its id', async () => {
      const { token } = await givenOwner()
      expect(await store().findToken(token.id)).toEqual(token)
      expect(await store().findToken(`${token.id}x`)).toBeUndefined()
    })

    test('a store knows whether any token was ever made', async () => {
      expect(await store().hasTokens()).toBe(false)
      await givenOwner()
      expect(await store().hasTokens()).toBe(true)
    })

    test('a workspace lists its tokens and nobody else’s', async () => {
      const { token, workspaceId } = await givenOwner()
      const { token: second } = await givenOwner()
      expect((await store().listTokens(workspaceId)).map(({ id }) => id).sort()).toEqual([token.id, second.id].sort())
      expect(await store().listTokens(workspaceId + 1)).toEqual([])
    })

    test('revoking keeps the first time, and another workspace can’t do it', async () => {
      const { token, workspaceId } = await givenOwner()
      expect(await store().revokeToken(workspaceId + 1, token.id, start)).toEqual([])
      expect((await store().findToken(token.id))?.revokedAt).toBeNull()
      expect(await store().revokeToken(workspaceId, token.id, start + 1)).toEqual([token.id])
      expect(await store().revokeToken(workspaceId, token.id, start + 2)).toEqual([token.id])
      expect((await store().findToken(token.id))?.revokedAt).toBe(start + 1)
    })

    test('revoking takes along what a token made, where that is asked for, and nothing else', async () => {
      const { token, workspaceId } = await givenOwner()
      const { token: other } = await givenOwner()
      const made = { ...token, id: 'made', parentId: token.id }
      await store().createToken(made)
      await store().createToken({ ...made, id: 'made by that', parentId: made.id })
      const revoked = await store().revokeToken(workspaceId, token.id, start, true)
      expect(revoked.sort()).toEqual([token.id, 'made', 'made by that'].sort())
      const valid = (await store().listTokens(workspaceId)).filter(({ revokedAt }) => revokedAt === null)
      expect(valid.map(({ id }) => id)).toEqual([other.id])
    })

    test('when tokens were last used is kept, and of one that there isn’t nothing', async () => {
      const { token, workspaceId } = await givenOwner()
      const { token: idle } = await givenOwner()
      await store().recordTokenUse(
        new Map([
          [token.id, start + 5],
          ['nobody’s', start],
        ]),
      )
      const used = (await store().listTokens(workspaceId)).map(({ id, lastUsedAt }) => [id, lastUsedAt])
      expect(Object.fromEntries(used)).toEqual({ [token.id]: start + 5, [idle.id]: null })
    })
  })

  describe('workspaces', () => {
    test('the first workspace is made once', async () => {
      const workspace = await store().firstWorkspace('default', start)
      expect(workspace).toMatchObject({ name: 'default', workspaceCheck: null })
      expect(await store().firstWorkspace('another', start)).toMatchObject({ id: workspace.id, name: 'default' })
      expect(await store().findWorkspace(workspace.id)).toMatchObject({ name: 'default' })
      expect(await store().findWorkspace(workspace.id + 1)).toBeUndefined()
    })

    test('the check value is set once, whoever comes first', async () => {
      const { id } = await store().firstWorkspace('default', start)
      const set = await Promise.all(['first', 'second', 'first'].map((check) => store().setWorkspaceCheck(id, check)))
      expect(set).toEqual(['first', 'first', 'first'])
      expect(await store().findWorkspace(id)).toMatchObject({ workspaceCheck: 'first' })
    })
  })

  describe('settings', () => {
    test('a setting is read back, replaced, and absent before it is written', async () => {
      expect(await store().readSetting('colour')).toBeUndefined()
      await store().writeSetting('colour', 'red')
      await store().writeSetting('colour', 'green')
      expect(await store().readSetting('colour')).toBe('green')
    })

    test('a store that works answers a ping', async () => {
      await expect(store().ping(start)).resolves.not.toThrow()
    })

    test('what was asked for before a store is closed is written, and another opens it', async () => {
      const other = rival()
      await other.writeSetting('colour', 'red')
      const written = store().writeSetting('colour', 'green')
      await store().close()
      await written
      expect(await other.readSetting('colour')).toBe('green')
    })
  })
}
