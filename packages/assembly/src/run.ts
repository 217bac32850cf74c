/**
 * The life of a service process: configuration, parts, service, signals.
 *
 * SIGHUP reads the directory again. SIGTERM and SIGINT stop it gracefully; the same signal again ends it at once, which
 * loses nothing that was accepted.
 */

import { existsSync } from 'node:fs'
import { hostname as machineName } from 'node:os'
import { parseArgs } from 'node:util'
import { formatEndpoint, formatProblem, loadConfig, type Config, type ConfigResult } from '@postroad/config'
import { createLog } from '@postroad/observe'
import { systemClock } from '@postroad/runtime/system'
import { nodeProblem } from './node-version.ts'
import { openParts, type Parts } from './parts.ts'
import type { Service } from './service.ts'

/** What a process is made of. */
export interface Program {
  /** The command's name, for messages. */
  readonly name: string
  /** What it does, a sentence for `--help`. */
  readonly about: string
  /** Starts the services, in the order they are to be stopped. */
  readonly create: (config: Config, parts: Parts) => Promise<readonly Service[]>
}

/** What is read where no file is named. */
const DEFAULT_FILE = 'postroad.toml'

/** Exit codes (those of `sysexits.h`). */
const EXIT = { usage: 64, unavailable: 69, config: 78 } as const

/** How long sessions and attempts under way may take to end after a signal: all services together. */
const STOP_DEADLINE_MS = 30_000

/**
 * Reads the command line (`--config FILE`, `--help`), then `runConfigured`, whose exit code it gives; else 0 after help, 64
 * for a command line that is wrong, 78 for a configuration with problems, 69 where Node is too old.
 */
export async function runProgram(program: Program, args: readonly string[]): Promise<number> {
  const old = nodeProblem(process.versions.node)
  if (old !== undefined) return complain(program, EXIT.unavailable, [old])
  let values: { config?: string | undefined; help?: boolean | undefined }
  try {
    ;({ values } = parseArgs({
      args: [...args],
      options: { config: { type: 'string', short: 'c' }, help: { type: 'boolean', short: 'h' } },
    }))
  } catch (error) {
    return complain(program, EXIT.usage, [messageOf(error), `Try: ${program.name} --help`])
  }
  if (values.help === true) {
    process.stdout.write(
      `${program.about}\n\nusage: ${program.name} [--config FILE]\n\n` +
        '  -c, --config FILE  the configuration (TOML); default: postroad.toml in this folder, if there is one\n',
    )
    return 0
  }
  const config = await readConfig(program, values.config)
  return typeof config === 'number' ? config : runConfigured(program, config)
}

/** Loads the configuration (see `loadFrom`) and prints every problem; gives the exit code, 78, where there are any. */
export async function readConfig(program: Pick<Program, 'name'>, path: string | undefined): Promise<Config | number> {
  const loaded = await loadFrom(path)
  if (loaded.ok) return loaded.config
  return complain(program, EXIT.config, loaded.problems.map(formatProblem))
}

/**
 * Loads the file that is named, or `postroad.toml` in the current folder where there is one, or the defaults; over it the
 * environment of the process. The default of `hostname` is the machine's name.
 */
export async function loadFrom(path: string | undefined): Promise<ConfigResult> {
  const found = path ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined)
  return loadConfig({
    ...(found !== undefined && { path: found }),
    environment: process.env,
    defaultHostname: machineName(),
  })
}

/**
 * Opens the parts, starts the services and runs until SIGTERM or SIGINT. Gives the exit code, after what is wrong was
 * printed: 0 after a graceful stop, 69 where something cannot be opened, 78 where there is nothing to run.
 */
export async function runConfigured(program: Program, config: Config): Promise<number> {
  const log = createLog({ level: config.log.level, pretty: config.log.pretty })
  let parts: Parts
  let services: readonly Service[]
  try {
    parts = await openParts(config, log)
  } catch (error) {
    return complain(program, EXIT.unavailable, messageOf(error).split('\n'))
  }
  try {
    services = await program.create(config, parts)
  } catch (error) {
    await parts[Symbol.asyncDispose]()
    return complain(program, EXIT.unavailable, messageOf(error).split('\n'))
  }
  if (services.length === 0) {
    await parts[Symbol.asyncDispose]()
    return complain(program, EXIT.config, ['nothing to run: the configuration has every service at enabled = false'])
  }
  for (const { name, listening } of services) {
    for (const { purpose, endpoint } of listening) {
      log.info({ event: 'service.listening', service: name, purpose, endpoint: formatEndpoint(endpoint) }, 'listening')
    }
  }
  log.info({ event: 'service.ready', services: services.map(({ name }) => name), pid: process.pid }, 'ready')

  const hangUp = (): void => void reload(parts)
  process.on('SIGHUP', hangUp)
  const signal = await nextSignal()
  process.off('SIGHUP', hangUp)
  log.info({ event: 'service.stopping', signal }, 'stopping; the same signal again ends at once')
  void nextSignal().then(() => process.exit(1))
  const deadline = systemClock.monotonic() + STOP_DEADLINE_MS
  for (const service of services) {
    await service.stop({ deadlineMs: Math.max(0, deadline - systemClock.monotonic()) })
  }
  await parts[Symbol.asyncDispose]()
  log.info({ event: 'service.stopped' }, 'stopped')
  return 0
}

/** SIGHUP: the directory is read again; with problems it stays as it was, and the log names them. */
async function reload({ log, ...parts }: Parts): Promise<void> {
  try {
    await parts.reload()
    log.info({ event: 'service.reloaded' }, 'the directory was read again')
  } catch (error) {
    log.error({ event: 'service.reload.failed', error }, 'the directory stays as it was')
  }
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals = ['SIGTERM', 'SIGINT'] as const
    const heard = (signal: NodeJS.Signals): void => {
      for (const name of signals) process.off(name, heard)
      resolve(signal)
    }
    for (const name of signals) process.on(name, heard)
  })
}

function complain({ name }: Pick<Program, 'name'>, code: number, lines: readonly string[]): number {
  for (const line of lines) process.stderr.write(`${name}: ${line}\n`)
  return code
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
