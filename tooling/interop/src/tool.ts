/** Runs a program of others to its end, within a bound of time. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** How it ended. */
export interface ToolResult {
  /** Exit status; `undefined` where it was killed, for having taken too long too. */
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** What differs from running it plainly. */
export interface ToolOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Standard input; absent: empty. */
  readonly input?: string | Uint8Array
  /** Default 20 seconds. */
  readonly withinMs?: number
}

/** Runs it. Rejects only where it cannot be started. */
export async function runTool(
  program: string,
  args: readonly string[],
  { env = process.env, input = '', withinMs = 20_000 }: ToolOptions = {},
): Promise<ToolResult> {
  const child = spawn(program, args, { env, timeout: withinMs, killSignal: 'SIGKILL' })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8')
  })
  // A program may end before it has read everything.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  await once(child, 'close')
  return { status: child.exitCode ?? undefined, stdout, stderr }
}
