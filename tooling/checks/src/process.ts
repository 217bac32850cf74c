/** Runs a tool of the workshop and gives what it said. */

import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

/** The workshop's programs, so that the checks also run where no package manager has set the PATH. */
const BIN = join(import.meta.dirname, '../../../node_modules/.bin')

/** How a tool ended. */
export interface Ended {
  readonly ok: boolean
  /** Both streams as they came, without colours. */
  readonly output: string
}

/** What is told of how a tool runs. */
export interface ToolOptions {
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** After this it is ended. Default: a quarter of an hour. */
  readonly limitMs?: number
}

/** Runs a program found on the PATH; one that cannot be started, or that takes too long, has ended badly, saying why. */
export function runTool(
  command: string,
  args: readonly string[],
  folder: string,
  { env: more = {}, limitMs = 900_000 }: ToolOptions = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const PATH = `${join(folder, 'node_modules/.bin')}${delimiter}${BIN}${delimiter}${process.env['PATH'] ?? ''}`
    const env = { ...process.env, ...more, PATH, NO_COLOR: '1', FORCE_COLOR: '0' }
    const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs })
    let output = ''
    const take = (text: string): void => {
      output += text
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', (error) => resolve({ ok: false, output: `${command}: ${error.message}` }))
    child.on('close', (code, signal) => {
      const late = signal === 'SIGTERM' ? `\n${command} was ended after ${limitMs / 1000} s` : ''
      resolve({ ok: code === 0, output: `${output}${late}`.trim() })
    })
  })
}
