/** Runs a tool of the workshop and gives what it said. */

import { spawn } from 'node:child_process'

/** How a tool ended. */
export interface Ended {
  readonly ok: boolean
  /** Both streams as they came, without colours. */
  readonly output: string
}

/** Runs a program found on the PATH; one that cannot be started has ended badly, saying why. */
export function runTool(command: string, args: readonly string[], folder: string): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
    const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const take = (text: string): void => {
      output += text
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', (error) => resolve({ ok: false, output: `${command}: ${error.message}` }))
    child.on('close', (code) => resolve({ ok: code === 0, output: output.trim() }))
  })
}
