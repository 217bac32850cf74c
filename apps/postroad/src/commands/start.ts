/** `postroad start`: every service in one process, or those that `--role` names. */

import { CannotOpenError, readConfig, runConfigured } from '@postroad/assembly'
import { createServices, ROLES, type Role } from '../create-services.ts'
import { prepareFirstStart, type FirstStart } from '../first-start.ts'
import type { Command } from '../command.ts'
import { complain, readOptions } from '../options.ts'

/** Exit codes of `sysexits.h`. */
const EXIT_UNAVAILABLE = 69
const EXIT_CONFIG = 78

const HELP = `Runs the mail system: submission, border, relay and delivery in one process.

usage: postroad start [--config FILE] [--role ROLE]...

  -c, --config FILE  the configuration (TOML); default: postroad.toml in this folder, if there is one
      --role ROLE    run only this role: msa, mta, relay or mda; may be given several times

Without a configuration everything is kept in ./postroad-data, made at the first start with a directory to fill in
and a self-signed certificate. SIGTERM and SIGINT stop it gracefully.
`

/** The command. */
export const start: Command = {
  name: 'start',
  about: 'run the mail system: every service in one process',
  async run(args) {
    const options = readOptions('start', HELP, args, {
      options: { config: { type: 'string', short: 'c' }, role: { type: 'string', multiple: true } },
    })
    if (!options.ok) return options.exit
    const { config: path, role: roles } = options.read.values
    const strange = roles?.find((role) => !isRole(role))
    if (strange !== undefined)
      return complain('start', `there is no role ${JSON.stringify(strange)}: ${ROLES.join(', ')}`)

    const program = { name: 'postroad start', about: this.about }
    const config = await readConfig(program, path)
    if (typeof config === 'number') return config
    const off = roles?.filter(isRole).find((role) => !config[role].enabled)
    if (off !== undefined) {
      process.stderr.write(`postroad start: --role ${off}: the configuration says enabled = false in [${off}]\n`)
      return EXIT_CONFIG
    }
    let prepared: FirstStart
    try {
      prepared = await prepareFirstStart(config)
    } catch (error) {
      if (!(error instanceof CannotOpenError)) throw error
      process.stderr.write(`postroad start: ${error.message}\n`)
      return EXIT_UNAVAILABLE
    }
    for (const note of prepared.notes) process.stderr.write(`postroad start: ${note}\n`)
    return runConfigured(
      { ...program, create: (loaded, parts) => createServices(loaded, parts, roles?.filter(isRole)) },
      prepared.config,
    )
  },
}

function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text)
}
