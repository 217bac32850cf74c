/** What Linux tells about processes: parents, CPU time, memory. Processes that end while they are read are left out. */

import { readdir, readFile } from 'node:fs/promises'

/** One process. */
export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  /** Pid and start time: a pid may be given again, this not. */
  readonly identity: string
  /** User and system time of its own, in clock ticks. */
  readonly ownTicks: number
  /** User and system time of the children that ended and were waited for, theirs included, in clock ticks. */
  readonly endedTicks: number
}

/** Clock ticks a second in `/proc`: USER_HZ, 100 on every architecture that Node runs on. */
export const TICKS_PER_SECOND = 100

/** All processes of the machine. */
export async function readProcesses(): Promise<ReadonlyMap<number, ProcessEntry>> {
  const names = await readdir('/proc')
  const entries = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name))))
  return new Map(entries.filter((entry) => entry !== undefined).map((entry) => [entry.pid, entry]))
}

async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined)
  return text === undefined ? undefined : parseStat(text)
}

/** Reads a line of `/proc/PID/stat`; the name in it may hold blanks and parentheses. `undefined` where it is none. */
export function parseStat(text: string): ProcessEntry | undefined {
  const close = text.lastIndexOf(')')
  const pid = Number.parseInt(text, 10)
  if (close === -1 || Number.isNaN(pid)) return undefined
  const fields = text.slice(close + 2).split(' ')
  // Numbered as in proc(5), where the state is the third.
  const field = (number: number): number => Number(fields[number - 3] ?? 0)
  return {
    pid,
    parent: field(4),
    identity: `${pid}:${field(22)}`,
    ownTicks: field(14) + field(15),
    endedTicks: field(16) + field(17),
  }
}

/** The processes that descend from the roots, the roots included, as far as they are there. */
export function treeOf(
  processes: ReadonlyMap<number, ProcessEntry>,
  roots: Iterable<number>,
): ReadonlyMap<number, ProcessEntry> {
  const children = new Map<number, ProcessEntry[]>()
  for (const entry of processes.values()) {
    const siblings = children.get(entry.parent)
    if (siblings === undefined) children.set(entry.parent, [entry])
    else siblings.push(entry)
  }
  const tree = new Map<number, ProcessEntry>()
  const waiting = [...roots].map((pid) => processes.get(pid)).filter((entry) => entry !== undefined)
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    if (tree.has(entry.pid)) continue
    tree.set(entry.pid, entry)
    waiting.push(...(children.get(entry.pid) ?? []))
  }
  return tree
}

/** Bytes of memory that the processes have for themselves, with their share of what they share (PSS). */
export async function readPss(pids: Iterable<number>): Promise<number> {
  return sumOf(pids, 'smaps_rollup', /^Pss:\s+(\d+) kB/m)
}

/** Bytes of memory that the processes have resident (RSS); what two of them share counts twice. Cheap to read. */
export async function readRss(pids: Iterable<number>): Promise<number> {
  return sumOf(pids, 'status', /^VmRSS:\s+(\d+) kB/m)
}

async function sumOf(pids: Iterable<number>, file: string, line: RegExp): Promise<number> {
  const sizes = await Promise.all(
    [...pids].map(async (pid) => {
      const text = await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '')
      return Number(line.exec(text)?.[1] ?? 0) * 1_024
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
