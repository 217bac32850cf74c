/**
 * The stage of one contestant: its folder, its processes, its account of CPU time.
 *
 * Every process is the leader of a group of its own and dies with its group when the stage is closed; the folder goes
 * after them. That happens also when the contestant failed, on SIGINT, SIGTERM and SIGHUP (the runner closes the
 * stages), and on `process.exit`.
 */

import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createMeter, type Meter } from './meter.ts'

/** The repository's root. */
export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url))

/** Where contestants keep their data: on the repository's own disk, never in a `/tmp` that is memory. */
const DATA = join(ROOT, '.cache/bench')

/** How a process is started. */
export interface SpawnOptions {
  /** Its CPU time and memory are the contestant's. Default true; false for load generators and sinks. */
  readonly counted?: boolean
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly stdio?: StdioOptions
}

/** How long one of the endings may take, in milliseconds. */
const END_WITHIN_MS = 10_000

let stages = 0

/** Stages that are open: what they started and wrote does not outlive a `process.exit`. */
const open = new Set<Stage>()
process.once('exit', () => {
  for (const stage of open) stage.abandon()
})

/** What a contestant is started on. */
export class Stage implements AsyncDisposable {
  /** Empty at first, on disk, removed with the stage. */
  readonly folder: string
  readonly meter: Meter
  /** Tells what a long set-up is at. */
  readonly tell: (text: string) => void
  readonly #children = new Set<ChildProcess>()
  readonly #endings: (() => Promise<void>)[] = []
  #closing: Promise<void> | undefined

  private constructor(folder: string, meter: Meter, tell: (text: string) => void) {
    this.folder = folder
    this.meter = meter
    this.tell = tell
    open.add(this)
  }

  static async open(tell: (text: string) => void = () => {}, meter?: Meter): Promise<Stage> {
    await mkdir(DATA, { recursive: true })
    await removeLeft()
    const folder = await mkdtemp(join(DATA, `stage-${process.pid}-`))
    stages += 1
    return new Stage(folder, meter ?? createMeter(`postroad-bench-${process.pid}-${stages}`), tell)
  }

  /** Starts a process. It is killed, with the group it leads, when the stage is closed. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    if (this.#closing !== undefined) throw new Error('The stage is closed.')
    const { counted = true, stdio = ['ignore', 'ignore', 'inherit'], ...rest } = options
    const [file, all] = counted ? this.meter.wrap(command, args) : [command, args]
    const child = spawn(file, [...all], { ...rest, stdio, detached: true })
    child.on('error', () => {})
    if (child.pid === undefined) return child
    this.#children.add(child)
    // Others of the group may outlive its leader; now, while no other process can have got its pid.
    child.once('exit', () => {
      killGroup(child)
      this.#children.delete(child)
    })
    if (counted) this.meter.add(child.pid)
    return child
  }

  /** Counts a process that something else started, with what it starts from now on. */
  adopt(pid: number): void {
    this.meter.add(pid)
  }

  /** Has something ended with the stage, before its processes are killed; the last one first. */
  onClose(end: () => Promise<void>): void {
    this.#endings.push(end)
  }

  /** Ends everything. Never rejects. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Kills and removes at once, without waiting for anything. For the end of this process. */
  abandon(): void {
    this.#killAll()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #close(): Promise<void> {
    for (const end of this.#endings.toReversed()) {
      await Promise.race([end().catch(() => {}), sleep(END_WITHIN_MS, undefined, { ref: false })])
    }
    const gone = [...this.#children].map((child) => once(child, 'exit').catch(() => {}))
    this.#killAll()
    await this.meter.kill().catch(() => {})
    await Promise.all(gone)
    await this.meter.close()
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => {})
    open.delete(this)
  }

  #killAll(): void {
    for (const child of this.#children) killGroup(child)
  }
}

/** Removes the data of runs that were killed before they could; it may be large. */
async function removeLeft(): Promise<void> {
  for (const name of await readdir(DATA)) {
    const pid = Number(/^stage-(\d+)-/.exec(name)?.[1])
    if (pid > 0 && !existsSync(`/proc/${pid}`)) await rm(join(DATA, name), { recursive: true, force: true })
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
}
