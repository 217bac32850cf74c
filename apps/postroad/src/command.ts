/** Finds the command that was asked for; knows what there is and says so. */

import { config } from './commands/config.ts'
import { hashPassword } from './commands/hash-password.ts'
import { send } from './commands/send.ts'
import { start } from './commands/start.ts'
import { store } from './commands/store.ts'

/** One command. */
export interface Command {
  readonly name: string
  /** A sentence for the list. */
  readonly about: string
  /** Runs it; gives the exit code: 0 done, 1 it did not work, 64 used wrongly, and others of `sysexits.h`. */
  readonly run: (args: readonly string[]) => Promise<number>
}

const COMMANDS: readonly Command[] = [start, send, store, hashPassword, config]

/**
 * Runs what the command line names (`process.argv` without its first two), and prints what there is to say. Gives the exit
 * code: that of the command, 0 for `help`, 64 where there is no such command or none is named.
 */
export async function runCommand([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage())
    return name === undefined ? 64 : 0
  }
  const command = COMMANDS.find((known) => known.name === name)
  if (command !== undefined) return command.run(args)
  process.stderr.write(`postroad: there is no command ${JSON.stringify(name)}\n\n${usage()}`)
  return 64
}

function usage(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length))
  return [
    'Postroad: the whole road of Internet mail.',
    '',
    'usage: postroad COMMAND [options]',
    '',
    ...COMMANDS.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`),
    '',
    'postroad COMMAND --help tells more.',
    '',
  ].join('\n')
}
