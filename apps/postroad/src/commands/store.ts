/** `postroad store`: checks the store of the queue. */

import { CannotOpenError, checkStore, loadFrom, type StoreCheck } from '@postroad/assembly'
import { formatProblem } from '@postroad/config'
import type { Command } from '../command.ts'
import { complain, readOptions } from '../options.ts'

const HELP = `Looks at the store of the queue.

usage: postroad store check [--config FILE] [--json]

check verifies what must be true of the store: pages, counters, content and its files. It changes nothing and runs
beside the services. Exit 0: all is well, or only leftovers; 1: something is damaged; 69: the store cannot be read.

  -c, --config FILE  the configuration (TOML); default: postroad.toml in this folder, if there is one
      --json         one JSON object instead of text
`

/** The command. */
export const store: Command = {
  name: 'store',
  about: 'check the store of the queue',
  async run(args) {
    const options = readOptions('store', HELP, args, {
      allowPositionals: true,
      options: { config: { type: 'string', short: 'c' }, json: { type: 'boolean', default: false } },
    })
    if (!options.ok) return options.exit
    const { positionals, values } = options.read
    if (positionals.length !== 1 || positionals[0] !== 'check')
      return complain('store', 'check what? `check` is all there is')

    const loaded = await loadFrom(values.config)
    if (!loaded.ok) {
      for (const problem of loaded.problems) process.stderr.write(`${formatProblem(problem)}\n`)
      return 78
    }
    try {
      const check = await checkStore(loaded.config)
      process.stdout.write(values.json ? `${JSON.stringify(check)}\n` : describe(check))
      return check.findings.some(({ severity }) => severity === 'damage') ? 1 : 0
    } catch (error) {
      if (!(error instanceof CannotOpenError)) throw error
      process.stderr.write(`postroad store: ${error.message}\n`)
      return 69
    }
  },
}

function describe({ place, findings }: StoreCheck): string {
  if (findings.length === 0) return `${place}: all is well.\n`
  const damages = findings.filter(({ severity }) => severity === 'damage').length
  const lines = findings.map(({ severity, what, where, advice }) => `${severity}: ${where}: ${what}\n    ${advice}\n`)
  return `${lines.join('')}${place}: ${damages} damaged, ${findings.length - damages} left over.\n`
}
