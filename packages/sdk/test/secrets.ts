/** Secrets as a server would hand them out, sealed without the client. */
import { sealContent, sealNote } from '../src/protocol/content.ts'
import { b64, type Bytes } from '../src/protocol/encoding.ts'
import { stretchPassword } from '../src/protocol/keys.ts'
import { deriveLink, formatLink } from '../src/protocol/link.ts'
import { random } from '../src/provider.ts'
import type { WireLinkStatus, WireRevealed } from '../src/wire.ts'
import { success, type Recorded, type Step } from './scripted.ts'

export interface MadeSecret {
  keyB: Bytes
  slug: string
  access: Bytes
  proof: Bytes | undefined
  link: (base: string) => string
  status: WireLinkStatus
  revealed: WireRevealed
}

export async function makeSecret({
  text = 'content',
  password,
  note,
}: Record<string, string> = {}): Promise<MadeSecret> {
  const keyB = await random(32)
  const { slug, access } = await deriveLink(keyB)
  const stretched = password === undefined ? undefined : await stretchPassword(password, keyB, slug)
  const { keyA, envelope } = await sealContent({ keyB, slug, passwordKey: stretched?.key, payload: { text } })
  return {
    keyB,
    slug,
    access,
    proof: stretched?.proof,
    link: (base) => formatLink(base, slug, keyB),
    status: {
      password: stretched !== undefined,
      otp: null,
      captcha: false,
      challenge: null,
      note: note === undefined ? null : await sealNote(keyB, slug, note),
      expiration: '2030-01-02T03:04:05.678Z',
      views_left: 1,
      attempts_left: 10,
      files: [],
    },
    revealed: { key_a: b64(keyA), envelope, grant: b64(await random(32)) },
  }
}

/** Answers a recipient's calls about one secret; `more` may answer first. */
export function recipientScript(secret: MadeSecret, more?: (request: Recorded, index: number) => Step | undefined) {
  return (request: Recorded, index: number): Step => {
    const answer = more?.(request, index)
    if (answer) return answer
    if (request.path.endsWith('/status')) return success(secret.status)
    return success(request.path.endsWith('/reveal') ? secret.revealed : null)
  }
}
