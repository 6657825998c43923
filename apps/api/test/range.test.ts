import { expect, test } from 'vitest'
import { parseRange } from '../src/http/range.ts'

const size = 1000

test.each([
  ['bytes=0-', { start: 0, end: 1000 }],
  ['bytes=0-0', { start: 0, end: 1 }],
  ['bytes=999-', { start: 999, end: 1000 }],
  ['bytes=999-999', { start: 999, end: 1000 }],
  ['bytes=200-299', { start: 200, end: 300 }],
  ['bytes=200-5000', { start: 200, end: 1000 }],
  ['bytes=-1', { start: 999, end: 1000 }],
  ['bytes=-1000', { start: 0, end: 1000 }],
  ['bytes=-5000', { start: 0, end: 1000 }],
  ['BYTES=1-2', { start: 1, end: 3 }],
  ['bytes= 1-2 ', { start: 1, end: 3 }],
  ['bytes=0-99999999999999999999999999', { start: 0, end: 1000 }],
])('one range of bytes, %s, is honoured (RFC 9110 section 14.1.2)', (header, range) => {
  expect(parseRange(header, size)).toEqual(range)
})

test.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=5000-', 'bytes=-0', 'bytes=99999999999999999999999999-'])(
  'a range that has no byte, %s, can’t be satisfied (section 15.5.17)',
  (header) => {
    expect(parseRange(header, size)).toBe('unsatisfiable')
  },
)

test.each([
  undefined,
  '',
  'bytes',
  'bytes=',
  'bytes=-',
  'bytes=a-b',
  'bytes=1',
  'bytes=2-1',
  'bytes=1-2,4-5',
  'bytes=1-2, 4-5',
  'bytes=0-,-1',
  'bytes=1.5-2',
  'bytes=+1-2',
  'bytes=--1',
  'bytes=0x1-2',
  'chunks=0-1',
  'bytes 0-1',
  'bytes=１-２',
])('what isn’t one range of bytes, %s, is ignored (section 14.2)', (header) => {
  expect(parseRange(header, size)).toBeNull()
})
