/** What policies need outside the server: a mail server, a gateway for text messages, a database of countries. */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { buildMmdb } from './mmdb.ts'
import type { TestSmtpServer } from './smtp.ts'
import { makeCertificate, startSmtpServer } from './smtp.ts'

export interface OutsideServices {
  smtp: TestSmtpServer
  /** Every text message, in the form of HALFKEY_SMS_BODY's default. */
  texts: { to: string; text: string }[]
  /** Of a server that uses all of it. */
  settings: Record<string, string>
  close: () => Promise<void>
}

interface SmtpSettings {
  HALFKEY_SMTP_URL: string
  NODE_EXTRA_CA_CERTS?: string
}

async function startMail(directory: string, tls: boolean): Promise<[TestSmtpServer, SmtpSettings]> {
  if (!tls) {
    const smtp = await startSmtpServer({ disabledCommands: ['STARTTLS'] })
    return [smtp, { HALFKEY_SMTP_URL: `smtp://127.0.0.1:${smtp.port}` }]
  }
  const certificate = makeCertificate()
  const authority = path.join(directory, 'cert.pem')
  writeFileSync(authority, certificate.cert)
  const smtp = await startSmtpServer(certificate)
  const url = `smtp://halfkey:p%40ss%2Fword@127.0.0.1:${smtp.port}`
  return [smtp, { HALFKEY_SMTP_URL: url, NODE_EXTRA_CA_CERTS: authority }]
}

/**
 * By the database, 203.0.113.0/24 and this machine are in France. `tls`: mail goes over STARTTLS and AUTH, which only a
 * process of its own can be told to trust.
 */
export async function startOutside(directory: string, { tls = false } = {}): Promise<OutsideServices> {
  const [smtp, smtpSettings] = await startMail(directory, tls)
  const texts: OutsideServices['texts'] = []
  const gateway = createServer((request, response) => {
    void text(request).then((body) => {
      texts.push(JSON.parse(body) as (typeof texts)[number])
      response.end()
    })
  })
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  const countries = path.join(directory, 'countries.mmdb')
  const inFrance = { country: { iso_code: 'FR' } }
  writeFileSync(countries, buildMmdb({ '203.0.113.0/24': inFrance, '127.0.0.0/8': inFrance }))
  return {
    smtp,
    texts,
    settings: {
      ...smtpSettings,
      HALFKEY_MAIL_FROM: 'halfkey@sender.example',
      HALFKEY_SMS_URL: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/`,
      HALFKEY_GEO_DB: countries,
    },
    async close() {
      gateway.closeAllConnections()
      gateway.close()
      await smtp.close()
    },
  }
}
