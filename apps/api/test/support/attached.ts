/** Secrets with files: random bytes of right sizes, and the calls that upload and fetch them. */
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { partLength, partSize } from '../../src/domain/secrets/attachment.ts'
import type { Call, Reply, Sealed, SealOptions } from './sender.ts'
import { conversation, newId, seal } from './sender.ts'

export interface TestFile {
  /** b64. */
  id: string
  bytes: Buffer
}

export interface Attached extends Sealed {
  files: TestFile[]
}

/** Two parts, of which the second is short. */
export const twoParts = partSize + 300_000

/** `sizes`: encrypted bytes of each file. */
export function sealWithFiles(sizes: number[] = [1000], { fields = {}, ...options }: SealOptions = {}): Attached {
  const files = sizes.map((size) => ({ id: newId(), bytes: randomBytes(size) }))
  const attachments = files.map(({ id, bytes }) => ({ id, size: bytes.length }))
  return { ...seal({ ...options, fields: { attachments, ...fields } }), files }
}

export const partOf = ({ bytes }: TestFile, part: number): Buffer => {
  const start = part * partSize
  return bytes.subarray(start, start + partLength(bytes.length, part))
}

export const partsOf = (file: TestFile): Buffer[] =>
  Array.from({ length: Math.ceil(file.bytes.length / partSize) }, (_, part) => partOf(file, part))

/** The first file of a secret that has one. */
export const firstFile = ({ files: [file] }: Attached): TestFile => file ?? expect.unreachable('there is no file')

/** The calls of attachments, by name. */
export function attachmentCalls(call: Call) {
  const { create, reveal } = conversation(call)
  const manage = ({ manageKey }: Sealed) => ({ 'Halfkey-Manage': manageKey })
  const path = ({ slug }: Sealed, { id }: Pick<TestFile, 'id'>) => `/api/v1/secrets/${slug}/files/${id}/parts`

  const put = (
    sealed: Attached,
    part: number | string = 0,
    body: Buffer = partOf(firstFile(sealed), Number(part)),
    file: Pick<TestFile, 'id'> = firstFile(sealed),
    headers: Record<string, string> = manage(sealed),
  ) => call('PUT', `${path(sealed, file)}/${part}`, body, { 'Content-Type': 'application/octet-stream', ...headers })
  const complete = (sealed: Sealed, headers: Record<string, string> = manage(sealed)) =>
    call('POST', `/api/v1/secrets/${sealed.slug}/complete`, undefined, headers)
  const fetchFile = (
    sealed: Attached,
    grant: string,
    headers: Record<string, string> = {},
    { id }: Pick<TestFile, 'id'> = firstFile(sealed),
    method = 'GET',
  ): Promise<Reply> =>
    call(method, `/api/v1/links/${sealed.slug}/files/${id}`, undefined, {
      'Halfkey-Access': sealed.access,
      'Halfkey-Grant': grant,
      ...headers,
    })

  return {
    put,
    complete,
    fetchFile,
    parts: (sealed: Attached, file = firstFile(sealed)) => call('GET', path(sealed, file), undefined, manage(sealed)),

    /** Creates it and uploads every part of every file; not yet completed. */
    upload: async (sealed: Attached, headers?: Record<string, string>): Promise<void> => {
      expect((await create(sealed, headers)).status).toBe(201)
      for (const file of sealed.files)
        for (const [part, bytes] of partsOf(file).entries())
          expect((await put(sealed, part, bytes, file)).status).toBe(200)
    },

    /** The grant of a reveal, which it spends a view for. */
    grantOf: async (sealed: Sealed, revealId = newId()): Promise<string> => {
      const { status, body } = await reveal(sealed, revealId)
      expect(status).toBe(200)
      return body.data.grant as string
    },
  }
}
