import { describe, expect, test } from 'vitest'
import { StoreUnavailable } from '../src/store/store.ts'
import { listed, newName } from './contract/blobs.ts'
import { useScriptedBlobs } from './support/scripted-blobs.ts'
import type { Answer } from './support/scripted-s3.ts'
import { refusal, status } from './support/scripted-s3.ts'

const { server, open } = useScriptedBlobs()

describe('a listing', () => {
  const object = (key: string, size = 5): string =>
    `<Contents><Key>${key}</Key><LastModified>2025-03-01T12:00:00.000Z</LastModified>` +
    `<ETag>&quot;d41d8&quot;</ETag><Size>${size}</Size><Owner><ID>a&amp;b</ID></Owner></Contents>`
  const page = (objects: string[], next?: string): string =>
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    `<Name>bucket</Name><Prefix>prefix%2F</Prefix>${objects.join('')}<IsTruncated>${String(next !== undefined)}</IsTruncated>` +
    `${next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`}</ListBucketResult>`

  test('is followed over its pages, its entities and escapes read, strangers’ keys left out', async () => {
    const [one, two, three] = [newName(), newName(), newName()]
    const strangers = ['prefix%2Fping', `prefix%2Fdeeper%2F${one}`, one, `prefix%2F${one}%0A`, 'prefix%2Fa+b%26%3C']
    const token = '1/a+b== &amp;&#60;&#x2F;é'
    const blobs = await open([
      status(200, {}, page([object(`prefix%2F${one}`, 0), ...strangers.map((key) => object(key))], token)),
      refusal(503, 'SlowDown'),
      status(200, {}, page([object(`prefix/${two}`), object(`prefix&#x2f;${three}`, 8_389_504)])),
    ])
    const modifiedAt = Date.UTC(2025, 2, 1, 12)
    expect([...(await listed(blobs)).values()]).toEqual([
      { name: one, size: 0, modifiedAt },
      { name: two, size: 5, modifiedAt },
      { name: three, size: 8_389_504, modifiedAt },
    ])
    const queries = server().received.map(({ url }) => new URL(url, server().endpoint).searchParams)
    expect(Object.fromEntries(queries[0] ?? [])).toEqual({
      'list-type': '2',
      'encoding-type': 'url',
      'max-keys': '1000',
      prefix: 'prefix/',
    })
    for (const query of queries.slice(1)) expect(query.get('continuation-token')).toBe('1/a+b== &</é')
  })

  test.each([
    [
      'an entity of its own',
      page([object('&key;')]).replace('?>', '?><!DOCTYPE x [<!ENTITY key SYSTEM "file:///etc/passwd">]>'),
    ],
    ['an entity without an end', page([object('prefix%2F&amp')])],
    ['a character that Unicode lacks', page([object('&#x110000;')])],
    ['a key that isn’t percent-encoded', page([object('100%')])],
    ['an object without a size', page([object('a').replace(/<Size>.*<\/Size>/, '')])],
    ['more to come, but not where', page([]).replace('false', 'true')],
    ['a page that isn’t one', '<html></html>'],
    ['more than any listing has', 'x'.repeat(5_000_000)],
  ])('with %s is refused', async (_, document) => {
    const blobs = await open(Array<Answer>(5).fill(status(200, {}, document)))
    await expect(listed(blobs)).rejects.toThrow(StoreUnavailable)
  })
})
