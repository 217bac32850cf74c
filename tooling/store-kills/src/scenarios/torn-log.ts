/**
 * What a power loss leaves of a SQLite store: the process is stopped, its files are copied, the copy's log is cut at a
 * byte, with zeros or garbage behind, and the copy is opened.
 *
 * What holds at any cut: a call whose answer came before the log was that long is in it, and nothing else was invented.
 * What holds at a cut that a power loss can make, which is behind all that was synced: nothing acknowledged is missing,
 * each entry that is there has its content whole, and what came back are plain `done`s, counted.
 *
 * Bugs: a real power loss may also reorder what lies between two syncs within a file; the garbage stands for that.
 */

import { randomBytes } from 'node:crypto'
import { cp, mkdir, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Crew, type Member } from '../crew.ts'
import { findDifference } from '../content.ts'
import { Ledger } from '../ledger.ts'
import { Dice } from '../member.ts'
import type { Report } from '../report.ts'
import type { RunOptions, Scenario } from '../scenario.ts'
import { moment } from '../storm.ts'
import { noDuplicates, type Tally } from '../tally.ts'
import { databaseIn, openTarget } from '../target.ts'

/** Cuts logs. */
export const tornLog: Scenario = {
  name: 'torn-log',
  sentence:
    'a SQLite process stopped at a random moment, its files copied, the log cut at random bytes and opened again',
  rounds: 10,
  run: async (options) => [await runCuts(options)],
}

/** What the program keeps beside its folder. */
type Phase =
  | { readonly kind: 'durable' | 'ended' }
  /** Only plain `done`s are under way: all that is synced lies before `syncedBytes`. */
  | { readonly kind: 'lazy'; readonly syncedBytes: number }

/** Looks at one process before it is killed and another begins on a new folder. */
const LOOKS = 4
const CUTS = 2
const MOST_FAULTS = 20

/** What was heard of the entries, with the length of the log at each answer. */
class Heard {
  readonly enqueued = new Map<string, number>()
  readonly begun = new Set<string>()
  readonly doneBegun = new Set<string>()
  readonly done = new Map<string, number>()
  readonly #ops = new Map<number, readonly string[]>()

  add(report: Report): void {
    if (report.kind === 'enqueue') {
      const ids = report.entries.map(({ id }) => id)
      for (const id of ids) this.begun.add(id)
      this.#ops.set(report.op, ids)
    } else if (report.kind === 'settle') {
      const ids = report.batch.map(({ id }) => id)
      for (const id of ids) this.doneBegun.add(id)
      this.#ops.set(report.op, ids)
    } else if (report.kind === 'enqueued') {
      for (const id of this.#ops.get(report.op) ?? []) this.enqueued.set(id, report.logBytes ?? Infinity)
    } else if (report.kind === 'settled') {
      for (const id of this.#ops.get(report.op) ?? []) this.done.set(id, report.logBytes ?? Infinity)
    }
  }
}

interface Counts {
  cuts: number
  acknowledged: number
  lost: number
  doneCut: number
  readonly faults: string[]
}

async function runCuts({ rounds, seed, onRound }: RunOptions): Promise<Tally> {
  const parent = await mkdtemp(join(tmpdir(), 'postroad-kills-torn-'))
  const dice = new Dice(seed)
  const ledger = new Ledger()
  const counts: Counts = { cuts: 0, acknowledged: 0, lost: 0, doneCut: 0, faults: [] }
  try {
    await using crew = await Crew.open(ledger)
    for (let round = 0; round < rounds; round += 1) {
      const folder = join(parent, `store-${round}`)
      const heard = new Heard()
      await mkdir(folder)
      const target = { kind: 'sqlite', folder } as const
      const member = crew.start({ role: 'tail', plan: { target, seed: dice.below(2 ** 31), leaseMs: 0, loops: 1 } })
      const end = crew.listen((report) => heard.add(report))
      await member.ready
      for (let look = 0; look < LOOKS; look += 1) {
        await moment(crew, dice, 15)
        await lookAt(member, folder, heard, dice, counts)
      }
      await crew.kill(member)
      end()
      counts.acknowledged += heard.enqueued.size
      await rm(folder, { recursive: true })
      onRound?.(round)
    }
    const duplicates = { ...noDuplicates(), cut: counts.doneCut }
    const faults = [...ledger.faults, ...counts.faults].slice(0, MOST_FAULTS)
    const { acknowledged, lost } = counts
    const rest = { unanswered: ledger.unanswered, duplicates, stuck: 0, poisoned: 0, orphans: 0, faults }
    const notes = [`${counts.cuts} cuts`]
    return { scenario: 'torn-log', seed, rounds, kills: rounds, acknowledged, lost, ...rest, notes }
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}

/** Stops the process, copies its files, and opens the copy with its log cut; then the process goes on. */
async function lookAt(member: Member, folder: string, heard: Heard, dice: Dice, counts: Counts): Promise<void> {
  const copy = `${folder}.copy`
  member.signal('SIGSTOP')
  await stopped(member.pid)
  const kept = await readFile(`${folder}.phase`, 'utf8').catch(() => '')
  // Empty while it is being written: nothing is assumed then.
  const phase: Phase = kept === '' ? { kind: 'durable' } : JSON.parse(kept)
  await cp(folder, copy, { recursive: true })
  const { size } = await stat(`${databaseIn(copy)}-wal`).catch(() => ({ size: 0 }))
  for (let cut = 0; cut < CUTS; cut += 1) {
    // In the lazy phase half of the cuts are such as a power loss makes.
    const synced = phase.kind === 'lazy' && dice.chance(0.7) ? phase.syncedBytes : undefined
    const from = synced ?? 0
    const at = from + dice.below(Math.max(1, size - from + 1))
    const torn = `${folder}.torn`
    await cp(copy, torn, { recursive: true })
    await cutLog(torn, at, size, dice)
    await judgeCut(torn, { at, isPossible: synced !== undefined }, heard, counts)
    counts.cuts += 1
    await rm(torn, { recursive: true })
  }
  await rm(copy, { recursive: true })
  // Only now: what was heard must be of the time of the copy.
  member.signal('SIGCONT')
}

/** Resolves once the kernel says that all of the process stands still. */
async function stopped(pid: number): Promise<void> {
  for (;;) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8')
    if (/^\d+ \(.*\) [Tt]/.test(status)) return
  }
}

async function cutLog(folder: string, at: number, size: number, dice: Dice): Promise<void> {
  // Its index belongs to the process that died.
  await rm(`${databaseIn(folder)}-shm`, { force: true })
  const log = await open(`${databaseIn(folder)}-wal`, 'r+').catch(() => undefined)
  if (log === undefined) return
  try {
    await log.truncate(at)
    const behind = dice.pick('nothing' as const, 'zeros' as const, 'garbage' as const)
    const length = Math.min(size - at, 1 + dice.below(100_000))
    if (behind === 'nothing' || length <= 0) return
    await log.write(behind === 'zeros' ? Buffer.alloc(length) : randomBytes(length), 0, length, at)
  } finally {
    await log.close()
  }
}

async function judgeCut(
  folder: string,
  { at, isPossible }: { readonly at: number; readonly isPossible: boolean },
  heard: Heard,
  counts: Counts,
): Promise<void> {
  const { enqueued, begun, doneBegun, done } = heard
  const fault = (sentence: string): void =>
    void counts.faults.push(`cut at ${at}${isPossible ? ', behind the sync' : ''}: ${sentence}`)
  const found = new Set<string>()
  {
    await using store = await openTarget({ kind: 'sqlite', folder })
    let cursor: string | undefined
    do {
      const page = await store.control.list({}, { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) })
      for (const { id, job, content } of page.items) {
        found.add(id)
        if (!begun.has(id)) fault(`${id} is there, and nobody added it`)
        if (!isPossible) continue
        const plan = job?.content ?? undefined
        if (plan === undefined || content === undefined) fault(`${id} has lost its content`)
        else {
          const wrong = await findDifference(plan, store.spool.open(content)).catch(String)
          if (wrong !== undefined) fault(`${id}: ${wrong}`)
        }
      }
      cursor = page.cursor
    } while (cursor !== undefined)
  }
  const database = new DatabaseSync(databaseIn(folder), { readOnly: true })
  const integrity = Object.values(database.prepare('PRAGMA integrity_check').get() ?? {})[0]
  database.close()
  if (integrity !== 'ok') fault(`integrity_check: ${String(integrity)}`)
  for (const [id, logBytes] of enqueued) {
    if (found.has(id) || doneBegun.has(id)) continue
    if (!isPossible && logBytes > at) continue
    counts.lost += 1
    fault(`${id} is lost; it was acknowledged when the log had ${logBytes} bytes`)
  }
  for (const [id, logBytes] of done) {
    if (!found.has(id)) continue
    if (logBytes <= at) fault(`${id} is there; it was done when the log had ${logBytes} bytes`)
    else if (isPossible) counts.doneCut += 1
  }
}
