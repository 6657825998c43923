import { Command } from 'commander'
import type { Io } from '../io.ts'
import { answers } from './request/answers.ts'
import { collect } from './request/collect.ts'
import { create } from './request/create.ts'
import { destroy } from './request/destroy.ts'
import { get } from './request/get.ts'
import { list } from './request/list.ts'
import { patch } from './request/patch.ts'
import { stats } from './request/stats.ts'
import { unlock } from './request/unlock.ts'
import { withdraw } from './request/withdraw.ts'

const examples = `
Examples:
  halfkey request create --message 'The database password, please'
  halfkey request collect 'https://HOST/collect/SLUG#KEY' --wait
  halfkey request list --status open`

export function command(io: Io): Command {
  const request = new Command('request')
    .summary('ask somebody for a secret')
    .description('Asks somebody for a secret, and collects the answers. Only you can read them: the server never can.')
    .addHelpText('after', examples)
  for (const make of [create, list, get, patch, answers, collect, unlock, destroy, withdraw, stats])
    request.addCommand(make(io))
  return request
}
