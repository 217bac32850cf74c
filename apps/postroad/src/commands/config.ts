/** `postroad config`: checks, shows and explains the configuration. */

import { loadFrom } from '@postroad/assembly'
import { configJsonSchema, exampleConfig, formatConfig, formatProblem } from '@postroad/config'
import type { Command } from '../command.ts'
import { complain, readOptions } from '../options.ts'

const HELP = `Checks and shows the configuration.

usage: postroad config check [--config FILE]     every problem with its place; exit 78 if there is one
       postroad config show [--config FILE]      each value and where it came from; secrets masked
       postroad config example                   a file with every setting, its meaning and its default
       postroad config schema                    the JSON Schema, for editors

  -c, --config FILE  the configuration (TOML); default: postroad.toml in this folder, if there is one
`

/** The command. */
export const config: Command = {
  name: 'config',
  about: 'check, show or explain the configuration',
  async run(args) {
    const options = readOptions('config', HELP, args, {
      allowPositionals: true,
      options: { config: { type: 'string', short: 'c' } },
    })
    if (!options.ok) return options.exit
    const [action] = options.read.positionals
    if (action === 'example') return print(exampleConfig())
    if (action === 'schema') return print(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`)
    if (action !== 'check' && action !== 'show') return complain('config', 'check, show, example or schema?')

    const loaded = await loadFrom(options.read.values.config)
    if (!loaded.ok) {
      for (const problem of loaded.problems) process.stderr.write(`${formatProblem(problem)}\n`)
      return 78
    }
    return print(action === 'check' ? 'The configuration is right.\n' : formatConfig(loaded.config, loaded.origins))
  },
}

function print(text: string): number {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  return 0
}
