import { Command } from 'commander'
import type { Io } from '../io.ts'
import { deleteEntry } from './kms/delete.ts'
import { destroy } from './kms/destroy.ts'
import { events } from './kms/events.ts'
import { get } from './kms/get.ts'
import { list } from './kms/list.ts'
import { put } from './kms/put.ts'
import { reveal } from './kms/reveal.ts'
import { rollback } from './kms/rollback.ts'
import { versions } from './kms/versions.ts'

const examples = `
Examples:
  halfkey kms put prod/db < password.txt
  halfkey kms reveal prod/db
  halfkey kms list`

export function command(io: Io): Command {
  const kms = new Command('kms')
    .summary('named secrets for programs')
    .description(
      'Manages named secrets for programs: encrypted with the workspace key, versioned, and revealed only to allowed addresses.',
    )
    .addHelpText('after', examples)
  for (const make of [put, reveal, get, list, versions, events, rollback, destroy, deleteEntry])
    kms.addCommand(make(io))
  return kms
}
