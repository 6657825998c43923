import { Halfkey } from '@halfkey/sdk'

const { HALFKEY_URL = 'http://127.0.0.1:8787' } = process.env
const client = new Halfkey({ baseUrl: HALFKEY_URL })
const secret = await client.createSecret('my first secret', { hours: 1, views: 1 })
console.log('Send this link:', secret.shareUrl)

const opened = await (await client.openLink(secret.shareUrl)).reveal()
console.log('It says:', opened.text)
await opened.done() // destroyed: nobody can open it again
