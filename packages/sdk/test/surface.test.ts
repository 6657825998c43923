import { expect, expectTypeOf, test } from 'vitest'
import * as lazy from '../src/bundles/extras.cdn.ts'
import * as cdnRequests from '../src/bundles/requests.cdn.ts'
import * as extras from '../src/bundles/extras.ts'
import * as lazyParts from '../src/link/reveal-parts.lazy.ts'
import * as revealParts from '../src/link/reveal-parts.ts'
import * as index from '../src/index.ts'
import * as open from '../src/open.ts'
import * as lazyRequests from '../src/request/lazy.ts'
import * as requests from '../src/request/index.ts'
import * as parts from '../src/parts.ts'

const methods = [
  'audit',
  'collect',
  'createRequest',
  'createSecret',
  'deleteRequest',
  'deleteSecret',
  'getEvents',
  'getRequest',
  'getRequestStats',
  'getSecretDetails',
  'getStats',
  'getWorkspace',
  'kms',
  'listRequests',
  'listSecrets',
  'openLink',
  'patchRequest',
  'patchSecret',
  'rekey',
  'secrets',
  'sendNotice',
  'setWorkspaceCheck',
  'tokens',
  'verifyRekey',
  'webhooks',
  'workspaceCheck',
] as const

const methodsOf = (prototype: object) =>
  Object.getOwnPropertyNames(prototype)
    .filter((name) => name !== 'constructor')
    .sort()

test('the package exports these names and no others', () => {
  expect(Object.keys(index).sort()).toEqual([
    'Halfkey',
    'HalfkeyError',
    'openAsk',
    'openCollect',
    'openLink',
    'openReceipt',
    'parseLink',
    'solveCaptcha',
  ])
})

test('the opening half exports these names and no others, and they are the same', () => {
  expect(Object.keys(open).sort()).toEqual(['HalfkeyError', 'openLink', 'parseLink', 'solveCaptcha'])
  expect(index).toMatchObject(open)
})

test('the parts for packages of this repository are these', () => {
  expect(Object.keys(parts).sort()).toEqual([
    'HANDLER',
    'b58',
    'certificateProblem',
    'deriveLink',
    'formatLink',
    'hkdf',
    'isEmail',
    'loadKem',
    'nodeFetch',
    'openMailer',
    'openMetaJson',
    'parseWorkspaceKey',
    'presentSecret',
    'proxyVariable',
    'readEvents',
    'readPagination',
    'readSecret',
    'readSecrets',
    'readWorkspace',
    'request',
    'sealSecretWith',
    'stretchPassword',
    'trustLink',
    'unb58',
    'verifierOf',
    'workspaceCheck',
  ])
})

test('the client has these methods and no others, at run time as in its type', () => {
  expect(methodsOf(index.Halfkey.prototype)).toEqual(methods)
  expectTypeOf<keyof index.Halfkey>().toEqualTypeOf<(typeof methods)[number]>()
})

test('every export is declared as what it is', () => {
  expectTypeOf<keyof typeof index>().toEqualTypeOf<
    'Halfkey' | 'HalfkeyError' | 'openAsk' | 'openCollect' | 'openLink' | 'openReceipt' | 'parseLink' | 'solveCaptcha'
  >()
  expectTypeOf(index.openLink).returns.resolves.toEqualTypeOf<index.Link>()
  expectTypeOf<keyof index.Link>().toEqualTypeOf<
    | 'slug'
    | 'note'
    | 'expiration'
    | 'viewsLeft'
    | 'attemptsLeft'
    | 'needs'
    | 'files'
    | 'revealId'
    | 'reveal'
    | 'requestCode'
  >()
  expectTypeOf<keyof index.Opened>().toEqualTypeOf<'text' | 'bytes' | 'files' | 'done'>()
  expectTypeOf<keyof index.OpenedFile>().toEqualTypeOf<'name' | 'type' | 'size' | 'stream' | 'bytes' | 'save'>()
})

test('the script-tag bundle has everything that the package has, some of it loaded later', () => {
  expect(Object.keys(lazy).sort()).toEqual(Object.keys(extras).sort())
  for (const name of ['Audit', 'Kms', 'Tokens', 'Webhooks'] as const)
    expect(methodsOf(lazy[name].prototype), name).toEqual(methodsOf(extras[name].prototype))
})

test('the script-tag bundle has every call about requests, each loaded when one is used', () => {
  expect(Object.keys(cdnRequests).sort()).toEqual(Object.keys(requests).sort())
})

test('the library has every call about requests, each loaded when one is used', () => {
  expect(Object.keys(lazyRequests).sort()).toEqual(Object.keys(requests).sort())
})

test('the library has every part of a reveal, each loaded when it is needed', () => {
  expect(Object.keys(lazyParts).sort()).toEqual(Object.keys(revealParts).sort())
})

test('no public name takes an iv, a salt or a nonce', () => {
  // A captcha's salt is the server's: spec/captcha.md.
  const values = Object.values(index).filter((value) => value !== index.solveCaptcha)
  const source = values.map(String).join('\n')
  expect(source).not.toMatch(/\b(iv|salt|nonce)\b/i)
})
