/** An app with everything that policies need outside of it, each remembering what it was asked to do. */
import { NotDelivered } from '../../src/adapters/delivery.ts'
import type { Mail } from '../../src/adapters/mail.ts'
import type { TestApp } from './app.ts'
import { openApp } from './app.ts'
import type { Challenge } from './captcha.ts'
import { solve } from './captcha.ts'
import type { Call, Reply, Sealed } from './sender.ts'
import { conversation, seal } from './sender.ts'

/** A network in the countries' database: 203.0.113.0/24 is in France, 198.51.100.0/24 in the United States. */
const countries: Record<string, string> = { '203.0.113': 'FR', '198.51.100': 'US' }
const proxy = '10.0.0.1'

export interface Sent {
  to: string
  text: string
}

export interface PolicyApp extends TestApp {
  mails: Mail[]
  texts: Sent[]
  /** The conversation as had from `address`; null: the proxy doesn't say. */
  from(address: string | null): ReturnType<typeof conversation>
  /** Has the token's owner create a secret. */
  given(fields: Record<string, unknown>, options?: { password?: boolean }): Promise<Sealed>
  owner(sealed: Sealed): Promise<Record<string, unknown>>
  /** From now on nothing is delivered. */
  breakDelivery(): void
}

export async function openPolicyApp(settings: Record<string, string> = {}): Promise<PolicyApp> {
  const [mails, texts]: [Mail[], Sent[]] = [[], []]
  let broken = false
  const deliver = <T>(list: T[], message: T): Promise<string> => {
    list.push(message)
    return broken ? Promise.reject(new NotDelivered('nobody answered')) : Promise.resolve('id')
  }
  const app = await openApp(
    { HALFKEY_TRUSTED_PROXIES: `${proxy}/32`, HALFKEY_RATE_LIMIT: 'off', HALFKEY_CAPTCHA_COST: '1000', ...settings },
    {
      peer: proxy,
      geo: { countryOf: (address) => countries[address.split('.').slice(0, 3).join('.')] ?? null },
      mailer: { send: (mail) => deliver(mails, mail) },
      sms: {
        async send(to, text) {
          await deliver(texts, { to, text })
        },
      },
    },
  )
  const callFrom =
    (address: string | null): Call =>
    (method, path, body, headers) =>
      app.call(method, path, body, { ...headers, ...(address !== null && { 'X-Forwarded-For': address }) })
  const authorization = { Authorization: `Bearer ${app.token}` }

  return {
    ...app,
    mails,
    texts,
    from: (address) => conversation(callFrom(address)),
    async given(fields, options = {}) {
      const sealed = seal({ ...options, fields })
      const { status, text } = await app.call('POST', '/api/v1/secrets', sealed.body, authorization)
      if (status !== 201) throw new Error(text)
      return sealed
    },
    async owner(sealed) {
      const reply = await app.call('GET', `/api/v1/secrets/${sealed.slug}`, undefined, authorization)
      return (reply.body as { data: Record<string, unknown> }).data
    },
    breakDelivery() {
      broken = true
    },
  }
}

export const solutionOf = ({ body }: Reply): string =>
  solve((body as { data: { challenge: Challenge } }).data.challenge)

export const outcomeOf = ({ status, body }: Reply): string =>
  status === 200 ? 'revealed' : (body as { error: { code: string } }).error.code

/** How often each outcome came. */
export const tally = (replies: Reply[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const reply of replies) counts[outcomeOf(reply)] = (counts[outcomeOf(reply)] ?? 0) + 1
  return counts
}
