/** For Node, Bun and Deno, which also read and write files by path: `program.js URL FILE FOLDER`. */
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { Halfkey, openLink } from '@halfkey/sdk'
import { roundTrip } from './round-trip.js'

const [baseUrl = '', file = '', folder = ''] = process.argv.slice(2)
console.log(await roundTrip(baseUrl))

const secret = await new Halfkey({ baseUrl }).createSecret('', { hours: 1, attachments: [file] })
const opened = await (await openLink(secret.shareUrl)).reveal()
console.log(await readFile((await opened.files[0]?.save(folder)) ?? '', 'utf8'))
