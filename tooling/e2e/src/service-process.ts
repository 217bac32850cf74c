/**
 * A service of Postroad as a process of its own: started from source or from the build, its log read line by line,
 * killed and started again at will.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** One line of the log. */
export interface LogLine {
  readonly event: string
  readonly level: string
  readonly [field: string]: unknown
}

/** What to run. */
export interface ServiceCommand {
  /** Path of the entry. A TypeScript one runs from source. */
  readonly entry: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Told of every line, as it comes. */
  readonly onLine?: (line: LogLine) => void
}

/** Longest wait for a process to be ready or to end. */
const PATIENCE_MS = 30_000

/** A process that runs. */
export class ServiceProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #complaints = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#ended = once(child, 'exit')
  }

  /** Starts it; resolves when it says that it is ready. Rejects with what it wrote where it ends before. */
  static async start(command: ServiceCommand): Promise<ServiceProcess> {
    const source = command.entry.endsWith('.ts')
      ? ['--conditions=@postroad/source', '--no-warnings']
      : ['--no-warnings']
    const child = spawn(process.execPath, [...source, command.entry, ...command.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', ...command.environment },
    })
    const running = new ServiceProcess(child)
    const ready = running.#read(command.onLine)
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    const first = await Promise.race([ready, running.#ended.then(() => 'ended' as const)])
    clearTimeout(late)
    if (first === 'ended') throw new Error(`${command.entry} ended before it was ready:\n${running.#complaints}`)
    return running
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** Ends it at once, as a crash does, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  /** Asks it to stop and waits; gives its exit code. One that does not stop in time is killed: then -1. */
  async stop(): Promise<number> {
    if (this.#child.exitCode !== null) return this.#child.exitCode
    this.#child.kill('SIGTERM')
    const late = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS)
    await this.#ended
    clearTimeout(late)
    return this.#child.exitCode ?? -1
  }

  #read(onLine: ((line: LogLine) => void) | undefined): Promise<'ready'> {
    const { stdout, stderr } = this.#child
    if (stdout === null || stderr === null) throw new Error('the process has no output')
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-10_000)
    })
    return new Promise((resolve) => {
      createInterface({ input: stdout }).on('line', (text) => {
        const line = parseLine(text)
        if (line === undefined) this.#complaints += `${text}\n`
        else {
          if (line.level === 'error') this.#complaints = (this.#complaints + text).slice(-10_000)
          onLine?.(line)
          if (line.event === 'service.ready') resolve('ready')
        }
      })
    })
  }
}

function parseLine(text: string): LogLine | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isLogLine(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isLogLine(value: unknown): value is LogLine {
  return typeof value === 'object' && value !== null && 'event' in value && typeof value.event === 'string'
}
