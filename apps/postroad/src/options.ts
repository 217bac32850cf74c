/** Reads the options of a command, and says what is wrong with them in one line. */

import { parseArgs, type ParseArgsConfig } from 'node:util'

/** Exit code for a command line that is wrong (`sysexits.h`). */
export const EXIT_USAGE = 64

/** What was read, or the exit code after help or a complaint was printed. */
export type OptionsRead<T extends ParseArgsConfig> =
  | { readonly ok: true; readonly read: ReturnType<typeof parseArgs<T>> }
  | { readonly ok: false; readonly exit: number }

/** Reads `args`; `--help` and `-h` print `help`. */
export function readOptions<const T extends ParseArgsConfig>(
  command: string,
  help: string,
  args: readonly string[],
  config: T,
): OptionsRead<T> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help)
    return { ok: false, exit: 0 }
  }
  try {
    return { ok: true, read: parseArgs<T>({ ...config, args: [...args] }) }
  } catch (error) {
    return { ok: false, exit: complain(command, error instanceof Error ? error.message : String(error)) }
  }
}

/** Prints what is wrong and where help is; gives the exit code. */
export function complain(command: string, problem: string): number {
  process.stderr.write(`postroad ${command}: ${problem}\nTry: postroad ${command} --help\n`)
  return EXIT_USAGE
}
