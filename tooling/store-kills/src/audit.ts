/**
 * The end of a run: everybody is dead, and the store is looked through. Each entry is found as its history says, each is
 * leased again and settled, and then nothing is left, neither entries nor content.
 */

import type { Lease, Store } from '@postroad/queue'
import { systemClock } from '@postroad/runtime/system'
import { findDifference } from './content.ts'
import type { Found } from './history.ts'
import type { Job } from './job.ts'
import { judge, judgeSpawned, type Rules } from './judge.ts'
import type { Ledger } from './ledger.ts'
import { findDamage, findLeftovers } from './leftovers.ts'
import { TTL_MS } from './stage.ts'
import { noDuplicates, type Tally } from './tally.ts'
import { openTarget, type Target } from './target.ts'

/** What was found out. */
export type Audit = Pick<
  Tally,
  'acknowledged' | 'unanswered' | 'lost' | 'duplicates' | 'stuck' | 'poisoned' | 'orphans' | 'faults'
> & {
  /** Entries that came only after `laterMs`. */
  readonly delayed: number
}

/** How to look. */
export interface AuditOptions {
  readonly ledger: Ledger
  readonly target: Target
  readonly rules?: Rules
  /** So long, in milliseconds, nothing more comes to be leased before what is left counts as stuck. */
  readonly patienceMs: number
  /** A clock was stepped by so much: what was leased and does not come back in time must once that has passed. */
  readonly laterMs?: number
  /** How far off the machine's clock that of the store is now; default 0. */
  readonly aheadMs?: number
}

const MOST_FAULTS = 20

/** Judges every entry, drains the store, sweeps it, and counts. */
export async function audit(options: AuditOptions): Promise<Audit> {
  const { ledger, target, rules = {}, patienceMs, laterMs, aheadMs = 0 } = options
  const faults = [...ledger.faults, ...(await findDamage(target))]
  let found: ReadonlyMap<string, Found>
  let stuck: readonly string[]
  {
    await using store = await openTarget(target, aheadMs)
    found = await findAll(store)
    stuck = await drain(store, found, new Set(found.keys()), patienceMs, faults)
  }
  const delayed = laterMs === undefined ? 0 : stuck.length
  if (laterMs !== undefined && stuck.length > 0) {
    for (const id of stuck) {
      // Only how long a lease holds is for the clock to say: no entry was given a later time.
      if (found.get(id)?.state !== 'leased') faults.push(`${id} waited for the clock: ${JSON.stringify(found.get(id))}`)
    }
    await using store = await openTarget(target, aheadMs + laterMs)
    stuck = await drain(store, found, new Set(stuck), patienceMs, faults)
  }
  const counts = judgeAll(ledger, found, rules, faults)
  const orphans = await sweep(target, faults, aheadMs + (laterMs ?? 0))
  for (const id of stuck.slice(0, MOST_FAULTS)) faults.push(`${id} is stuck: ${JSON.stringify(found.get(id))}`)
  return {
    ...counts,
    stuck: stuck.length,
    delayed,
    orphans,
    faults: faults.slice(0, MOST_FAULTS),
  }
}

function judgeAll(
  ledger: Ledger,
  found: ReadonlyMap<string, Found>,
  rules: Rules,
  faults: string[],
): Omit<Audit, 'stuck' | 'delayed' | 'orphans' | 'faults'> {
  const duplicates = noDuplicates()
  const seen = new Map<string, boolean>()
  let lost = 0
  let poisoned = 0
  const diedAt = ledger.diedAt.bind(ledger)
  for (const history of ledger.histories.values()) {
    const verdict = judge(history, found.get(history.id), { releases: ledger.releases, diedAt, rules })
    seen.set(history.id, verdict.wasSeen)
    for (const cause of verdict.duplicates) duplicates[cause] += 1
    if (verdict.isLost) lost += 1
    if (verdict.isPoisoned) poisoned += 1
    for (const fault of verdict.faults) faults.push(`${history.id}: ${fault}\n${JSON.stringify(history)}`)
  }
  // Only now is known of every settlement whether it was done.
  for (const history of ledger.histories.values()) {
    const fault = judgeSpawned(history, seen.get(history.id) ?? false)
    if (fault === undefined) continue
    if (fault.startsWith('lost')) lost += 1
    if (rules.lossIsCounted !== true) faults.push(`${history.id}: ${fault}\n${JSON.stringify(history)}`)
  }
  for (const id of found.keys()) {
    if (!ledger.histories.has(id)) faults.push(`${id} is in the store, but nobody added it`)
  }
  const { acknowledged, unanswered } = ledger
  return { acknowledged, unanswered, lost, duplicates, poisoned }
}

async function findAll(store: Store<Job>): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>()
  let cursor: string | undefined
  do {
    const page = await store.control.list({}, { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) })
    for (const { id, state, job, heldFor, attempt } of page.items) {
      found.set(id, { state, version: job?.version ?? 'unreadable', heldFor, attempt })
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  return found
}

/** Leases and settles what is left; gives what cannot be leased. */
async function drain(
  store: Store<Job>,
  found: ReadonlyMap<string, Found>,
  left: Set<string>,
  patienceMs: number,
  faults: string[],
): Promise<readonly string[]> {
  let deadline = systemClock.monotonic() + patienceMs
  while (left.size > 0 && systemClock.monotonic() < deadline) {
    let cursor: string | undefined
    do {
      const page = { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) }
      cursor = (await store.control.apply({ kind: 'release' }, { state: 'held' }, page)).cursor
    } while (cursor !== undefined)
    const leases = await store.queue.lease({ limit: 50, durationMs: 60_000, waitMs: 100 })
    for (const lease of leases) {
      if (left.delete(lease.id)) deadline = systemClock.monotonic() + patienceMs
      const wanted = found.get(lease.id)?.version
      if (wanted !== lease.job.version)
        faults.push(`${lease.id} was listed as ${wanted}, leased as ${lease.job.version}`)
      const wrong = await checkContent(store, lease)
      if (wrong !== undefined) faults.push(`${lease.id}: ${wrong}`)
    }
    const results = await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' as const })))
    for (const [index, { kind }] of results.entries()) {
      if (kind === 'lost') faults.push(`${leases[index]?.id} was lost while it was leased`)
    }
  }
  if (left.size > 0) return [...left]
  const rest = await findAll(store)
  if (rest.size > 0)
    faults.push(`${rest.size} entries came back after they were settled: ${[...rest.keys()].slice(0, 5).join(', ')}`)
  const { items } = await store.control.counts({ limit: 1_000 })
  for (const { group, ready, waiting, leased, held } of items) {
    if (ready + waiting + leased + held > 0)
      faults.push(`group ${group} counts what is not there: ${JSON.stringify({ ready, waiting, leased, held })}`)
  }
  return []
}

async function checkContent(store: Store<Job>, { content, job }: Lease<Job>): Promise<string | undefined> {
  if (content === undefined) return job.content === null ? undefined : 'its content is not named any more'
  if (job.content === null) return 'it has content that nobody gave it'
  try {
    return await findDifference(job.content, store.spool.open(content))
  } catch (error) {
    return `its content cannot be read: ${String(error)}`
  }
}

/** Sweeps with the time passed in, and counts what is left in a store that has no entries. */
async function sweep(target: Target, faults: string[], aheadMs: number): Promise<number> {
  {
    await using store = await openTarget(target, 3 * TTL_MS + aheadMs)
    await store.spool.sweep(async () => new Set())
  }
  const { orphans, faults: wrong } = await findLeftovers(target)
  faults.push(...wrong)
  return orphans
}
