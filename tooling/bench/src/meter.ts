/**
 * CPU time of a contestant: of every process it started, of their children, and of those that ended.
 *
 * Where a cgroup (version 2) can be made, the contestant's processes are born in one of its own and the kernel keeps the
 * account, in microseconds, of whoever was in it. Elsewhere the process tree is read: exact to two clock ticks (10 ms
 * each) for each process. What an ended process used is then found in its parent's account once the parent has waited
 * for it; of one whose parent does not (a daemon that was handed to init, children that nobody waits for) what it used
 * when it was last seen counts, so up to `SAMPLE_MS` of its life may be missing, and one that lived between two looks is
 * missed.
 */

import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ProcessEntry, readProcesses, TICKS_PER_SECOND, treeOf } from './process-table.ts'

/** Keeps the account of a contestant's processes. */
export interface Meter {
  /** How it counts, for the head of the report. */
  readonly kind: 'cgroup' | 'process tree'
  /** The command that runs a command so that it counts from its first instruction; it keeps the pid. */
  readonly wrap: (command: string, args: readonly string[]) => readonly [string, readonly string[]]
  /** Counts a process, and what it starts from now on. What it used before counts where the meter is a process tree. */
  readonly add: (pid: number) => void
  /** User and system seconds until now, from an arbitrary start. Never falls. */
  readonly cpuSeconds: () => Promise<number>
  /** Those that run now. */
  readonly pids: () => Promise<readonly number[]>
  /** Kills those that run now, wherever they moved: daemons leave the group of who started them. */
  readonly kill: () => Promise<void>
  /** Forgets everything. The processes must have ended. */
  readonly close: () => Promise<void>
}

/** How often a process tree is looked at, in milliseconds. */
export const SAMPLE_MS = 100

/** A meter with a cgroup, or where none can be made with the process tree. */
export function createMeter(name: string): Meter {
  return createCgroupMeter(name) ?? createTreeMeter()
}

/** A meter with a cgroup of version 2; `undefined` where none can be made here. */
export function createCgroupMeter(name: string): Meter | undefined {
  const folder = makeCgroup(name)
  if (folder === undefined) return undefined
  return {
    kind: 'cgroup',
    wrap: (command, args) => ['sh', ['-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', folder, command, ...args]],
    add: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    cpuSeconds: async () => {
      const text = await readFile(join(folder, 'cpu.stat'), 'latin1')
      return Number(/^usage_usec (\d+)/m.exec(text)?.[1] ?? 0) / 1_000_000
    },
    pids: async () => {
      const text = await readFile(join(folder, 'cgroup.procs'), 'latin1')
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map(Number)
    },
    kill: async () => writeFileSync(join(folder, 'cgroup.kill'), '1'),
    close: async () => {
      // A process that was just killed may still be leaving.
      for (let attempt = 0; attempt < 100; attempt += 1) {
        try {
          return rmdirSync(folder)
        } catch {
          await sleep(20)
        }
      }
    },
  }
}

/** Makes a cgroup below the one this process is in; gives its folder if it keeps CPU time. */
function makeCgroup(name: string): string | undefined {
  try {
    const mount = readFileSync('/proc/self/mounts', 'latin1')
      .split('\n')
      .map((line) => line.split(' '))
      .find((fields) => fields[2] === 'cgroup2')?.[1]
    const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'latin1'))?.[1]
    if (mount === undefined || own === undefined) return undefined
    const folder = join(mount, own, name)
    mkdirSync(folder)
    try {
      // Threaded and some delegated groups can be made but take no processes.
      if (readFileSync(join(folder, 'cgroup.type'), 'latin1').trim() !== 'domain') throw new Error('not a domain')
      if (!readFileSync(join(folder, 'cpu.stat'), 'latin1').includes('usage_usec')) throw new Error('no CPU time')
      writeFileSync(join(folder, 'cgroup.procs'), '')
      return folder
    } catch {
      rmdirSync(folder)
      return undefined
    }
  } catch {
    return undefined
  }
}

/** A meter that reads the process tree. */
export function createTreeMeter(): Meter {
  /** Added since the last look. */
  const added = new Set<number>()
  const ledger = new TreeLedger()
  let reading: Promise<ReadonlyMap<number, ProcessEntry>> | undefined
  const look = async (): Promise<ReadonlyMap<number, ProcessEntry>> => {
    // What is added while the processes are read waits for the next look.
    const roots = [...added]
    added.clear()
    const processes = await readProcesses()
    const tree = treeOf(processes, [...roots, ...ledger.living(processes)])
    ledger.take(tree)
    return tree
  }
  /** One look at a time: an older one must not overwrite a newer. */
  const lookInTurn = (): Promise<ReadonlyMap<number, ProcessEntry>> => {
    reading = (reading ?? Promise.resolve()).then(look)
    return reading
  }
  const timer = setInterval(() => void lookInTurn().catch(() => {}), SAMPLE_MS)
  timer.unref()
  return {
    kind: 'process tree',
    wrap: (command, args) => [command, args],
    add: (pid) => void added.add(pid),
    cpuSeconds: async () => {
      await lookInTurn()
      return ledger.ticks / TICKS_PER_SECOND
    },
    pids: async () => [...(await lookInTurn()).keys()],
    kill: async () => {
      for (const pid of (await lookInTurn()).keys()) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It ended by itself.
        }
      }
    },
    close: async () => clearInterval(timer),
  }
}

/** Sums the time of a tree from look to look, so that what ended processes used is not lost. */
export class TreeLedger {
  #last: ReadonlyMap<number, ProcessEntry> = new Map()
  /** Time of ended processes that no living one has in its account. */
  #lost = 0
  #highest = 0

  /** The total until the last look, in clock ticks. Never falls. */
  get ticks(): number {
    return this.#highest
  }

  /**
   * Those of the last look that still live: one stays in the account also when it is handed to another parent, and
   * nobody comes into it who was given the pid of one that ended.
   */
  living(processes: ReadonlyMap<number, ProcessEntry>): readonly number[] {
    return [...this.#last.values()]
      .filter(({ pid, identity }) => processes.get(pid)?.identity === identity)
      .map(({ pid }) => pid)
  }

  /** Takes the tree as it is now. */
  take(tree: ReadonlyMap<number, ProcessEntry>): void {
    const isThere = ({ pid, identity }: ProcessEntry): boolean => tree.get(pid)?.identity === identity
    /** For each process, or 0 where nobody of the tree may have waited: what its children had when last seen. */
    const vanished = new Map<number, number>()
    for (const entry of this.#last.values()) {
      if (isThere(entry)) continue
      // Its parent may have ended too; then its own parent, if it waited, has the time of both.
      let parent = this.#last.get(entry.parent)
      while (parent !== undefined && !isThere(parent)) parent = this.#last.get(parent.parent)
      const heir = parent?.pid ?? 0
      vanished.set(heir, (vanished.get(heir) ?? 0) + entry.ownTicks + entry.endedTicks)
    }
    for (const [heir, ticks] of vanished) {
      const inherited = (tree.get(heir)?.endedTicks ?? 0) - (this.#last.get(heir)?.endedTicks ?? 0)
      this.#lost += Math.max(0, ticks - inherited)
    }
    this.#last = tree
    let total = this.#lost
    for (const entry of tree.values()) total += entry.ownTicks + entry.endedTicks
    this.#highest = Math.max(this.#highest, total)
  }
}
