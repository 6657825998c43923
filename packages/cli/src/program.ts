/** The command tree. Each command is a file of its own, loaded only when it is needed. */
import { Command } from 'commander'
import type { Io } from './io.ts'

type Load = () => Promise<{ command: (io: Io) => Command }>

const commands: Record<string, Load> = {
  create: () => import('./commands/create.ts'),
  open: () => import('./commands/open.ts'),
  list: () => import('./commands/list.ts'),
  get: () => import('./commands/get.ts'),
  delete: () => import('./commands/delete.ts'),
  events: () => import('./commands/events.ts'),
  stats: () => import('./commands/stats.ts'),
  generate: () => import('./commands/generate.ts'),
  request: () => import('./commands/request.ts'),
  answer: () => import('./commands/answer.ts'),
  status: () => import('./commands/status.ts'),
  token: () => import('./commands/token.ts'),
  workspace: () => import('./commands/workspace.ts'),
  login: () => import('./commands/login.ts'),
  logout: () => import('./commands/logout.ts'),
  config: () => import('./commands/config.ts'),
  run: () => import('./commands/run.ts'),
  kms: () => import('./commands/kms.ts'),
  import: () => import('./commands/import.ts'),
  bridge: () => import('./commands/bridge.ts'),
  test: () => import('./commands/test.ts'),
  verify: () => import('./commands/verify.ts'),
  completion: () => import('./commands/completion.ts'),
  man: () => import('./commands/man.ts'),
}

const about = `Share secrets that the server can't read.

Environment:
  HALFKEY_URL            server address (default: http://127.0.0.1:8787)
  HALFKEY_TOKEN          your token; without one, secrets are anonymous
  HALFKEY_WORKSPACE_KEY  encrypts named secrets and descriptions; NEW,OLD in a rekey
  HALFKEY_MANAGE_KEY     manages one anonymous secret, as printed by create
  HALFKEY_PROFILE        saved profile to use; the variables above override it
  HALFKEY_SMTP_URL       for --send-to: smtp://user:password@host:587, or smtps:
  HALFKEY_MAIL_FROM      the sender address for --send-to`

const examples = `
Examples:
  echo 'correct horse' | halfkey create -
  halfkey open 'https://HOST/SLUG#KEY'
  halfkey list --status active
`

declare const HALFKEY_VERSION: string

/** The program with the command `name`, or with all commands if there is none of that name. */
export async function buildProgram(name: string | undefined, io: Io): Promise<Command> {
  const program = new Command('halfkey').description(about).version(HALFKEY_VERSION).enablePositionalOptions()
  const asked = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name]
  for (const load of asked ? [asked] : Object.values(commands)) {
    const { command } = await load()
    program.addCommand(command(io))
  }
  const { exitCodes } = await import('./failure.ts')
  return program.addHelpText('after', `${examples}\n${exitCodes}`)
}

/** The command and all its descendants. */
export const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)]
