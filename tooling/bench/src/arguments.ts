/** What stands after `pnpm bench`. */

import { parseArgs } from 'node:util'

/** A request that was understood, or the sentence that says why it was not. */
export type Request =
  | { readonly kind: 'list' }
  | {
      readonly kind: 'run'
      readonly name: string
      readonly quick: boolean
      readonly rounds: number | undefined
      /** Part of a case's name, in any case of letters. */
      readonly case: string | undefined
      readonly json: string | undefined
    }
  | { readonly kind: 'wrong'; readonly message: string }

/** Reads the arguments. */
export function readArguments(args: readonly string[]): Request {
  try {
    const { values, positionals } = parseArgs({
      // `pnpm bench -- NAME` passes the dashes on.
      args: args[0] === '--' ? args.slice(1) : [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        case: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const [name, ...more] = positionals
    if (values.help) return { kind: 'list' }
    if (more.length > 0) return { kind: 'wrong', message: `one benchmark at a time, not also "${more.join(' ')}"` }
    if (name === undefined) {
      const given = args.some((arg) => arg.startsWith('--') && arg !== '--')
      return given ? { kind: 'wrong', message: 'which benchmark?' } : { kind: 'list' }
    }
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1 && rounds <= 1_000)) {
      return { kind: 'wrong', message: '--rounds takes a number from 1 to 1000' }
    }
    return { kind: 'run', name, quick: values.quick, rounds, case: values.case, json: values.json }
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) }
  }
}
