/**
 * Leases until it is killed: reads and compares content, renews with and without progress, settles in every way, alone
 * and in batches, spawns; now and then forgets a lease, or settles it too late.
 */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { ContentMissingError, type Lease, type NewEntry, QueueUnavailableError, type Settlement } from '@postroad/queue'
import { systemClock } from '@postroad/runtime/system'
import { insist, nextOp, sentenceOf } from '../calls.ts'
import { type ContentPlan, findDifference } from '../content.ts'
import { HELD_BY_RUN } from '../judge.ts'
import type { Job } from '../job.ts'
import { Dice, GROUPS, Names, nextSize, readPlan } from '../member.ts'
import { instantNow, type Settling, tell } from '../report.ts'
import { stageContent } from '../stage.ts'
import { openTarget } from '../target.ts'

/** An entry this often leased, or this far spawned, is done with. */
const MOST_ATTEMPTS = 6
const MOST_DEPTH = 2
const AWAY_MS = 20
const WAIT_MS = 200

const plan = readPlan()
const { leaseMs } = plan
const names = new Names(plan.process)
const store = await openTarget(plan.target)
tell({ kind: 'ready', pid: process.pid })

async function leaseSome(dice: Dice): Promise<readonly Lease<Job>[]> {
  const askedAt = instantNow()
  try {
    const leases = await store.queue.lease({ limit: 1 + dice.below(8), durationMs: leaseMs, waitMs: WAIT_MS })
    const given = leases.map(({ id, token, job, attempt }) => ({ id, token, version: job.version, attempt }))
    if (given.length > 0) tell({ kind: 'leased', askedAt, durationMs: leaseMs, leases: given })
    return leases
  } catch (error) {
    if (!(error instanceof QueueUnavailableError)) tell({ kind: 'fault', sentence: sentenceOf(error) })
    await systemClock.sleep(AWAY_MS)
    return []
  }
}

async function readContent({ id, token, content, job }: Lease<Job>): Promise<void> {
  if ((content === undefined) !== (job.content === null)) {
    tell({ kind: 'fault', sentence: `${id} has ${content === undefined ? 'lost its' : 'unexpected'} content` })
  }
  if (content === undefined || job.content === null) return
  try {
    const difference = await findDifference(job.content, store.spool.open(content))
    if (difference !== undefined) tell({ kind: 'fault', sentence: `${id}: ${difference}` })
  } catch (error) {
    if (error instanceof ContentMissingError) tell({ kind: 'unread', id, token })
    else if (!(error instanceof QueueUnavailableError)) tell({ kind: 'fault', sentence: sentenceOf(error) })
  }
}

/** Gives the job as it is now kept. */
async function renew({ id, token, job }: Lease<Job>, dice: Dice): Promise<Job> {
  const renewed = dice.chance(0.5) ? { ...job, version: names.next('v') } : undefined
  const op = nextOp()
  tell({ kind: 'renew', op, id, token, durationMs: leaseMs, ...(renewed && { version: renewed.version }) })
  const request = { durationMs: leaseMs, ...(renewed && { job: renewed }) }
  const result = await insist(op, () => store.queue.renew(token, request), 3)
  if (result !== undefined) tell({ kind: 'renewed', op, result })
  return renewed ?? job
}

/** Entries to spawn: with content of their own, with that of the lease, or with none. */
async function spawnOf({ token, content, job }: Lease<Job>, dice: Dice): Promise<readonly NewEntry<Job>[]> {
  const message = messageId(names.next('S'))
  const sizeBytes = nextSize(dice)
  const own: ContentPlan | null = sizeBytes === undefined ? null : { name: message, sizeBytes }
  const shares = content !== undefined && dice.chance(0.4)
  const held = shares
    ? { ref: content }
    : own === null
      ? undefined
      : await stageContent(store, own, token).catch(() => undefined)
  const spawned = held === undefined ? null : shares ? job.content : own
  return Array.from({ length: 1 + dice.below(2) }, (_, index) => ({
    id: createEntryId(message, index),
    job: { version: names.next('v'), content: spawned, depth: job.depth + 1 },
    group: groupId(dice.pick(...GROUPS)),
    priority: 0,
    notBefore: 0,
    labels: {},
    ...(held === undefined ? {} : { content: held }),
  }))
}

async function settlementOf(lease: Lease<Job>, job: Job, dice: Dice): Promise<Settlement<Job>> {
  const { token, attempt, group } = lease
  const spawn = job.depth < MOST_DEPTH && dice.chance(0.15) ? await spawnOf(lease, dice) : []
  const shared = {
    token,
    spawn,
    ...(dice.chance(0.3) ? { feedback: dice.pick('ok' as const, 'slow' as const, 'ok' as const) } : {}),
    ...(dice.chance(0.3) ? { record: { at: 0, event: 'kill-run.settled', detail: { attempt } } } : {}),
  }
  const roll = dice.fraction()
  if (attempt >= MOST_ATTEMPTS || roll < 0.6) return { ...shared, kind: 'done' }
  const kept = { ...job, version: names.next('v') }
  if (roll > 0.93) return { ...shared, kind: 'hold', job: kept, reason: HELD_BY_RUN }
  return {
    ...shared,
    kind: 'retry',
    job: kept,
    // 0 is due now by the store's clock.
    notBefore: plan.retryMs !== undefined && dice.chance(0.3) ? systemClock.now() + plan.retryMs : 0,
    group: dice.chance(0.3) ? groupId(dice.pick(...GROUPS)) : group,
  }
}

async function settle(batch: readonly Settlement<Job>[], leases: readonly Lease<Job>[]): Promise<void> {
  if (batch.length === 0) return
  const idOf = new Map(leases.map(({ token, id }) => [token, id]))
  const told = batch.map((settlement): Settling => {
    const { token, kind, spawn = [] } = settlement
    const born = spawn.map(({ id, job }) => ({ id, version: job.version }))
    const version = settlement.kind === 'done' ? {} : { version: settlement.job.version }
    return { id: idOf.get(token) ?? '', token, kind, ...version, spawn: born }
  })
  const op = nextOp()
  tell({ kind: 'settle', op, batch: told })
  const results = await insist(op, () => store.queue.settle(batch), 20)
  if (results !== undefined) tell({ kind: 'settled', op, results: results.map(({ kind }) => kind) })
}

async function releaseHeld(): Promise<void> {
  const op = nextOp()
  tell({ kind: 'release', op })
  const done = await insist(op, () => store.control.apply({ kind: 'release' }, { state: 'held' }, { limit: 100 }), 1)
  if (done !== undefined) tell({ kind: 'released', op })
}

async function turn(dice: Dice): Promise<void> {
  if (dice.chance(0.03)) await releaseHeld()
  const leases = await leaseSome(dice)
  const batch: Settlement<Job>[] = []
  for (const lease of leases) {
    await readContent(lease)
    const job = dice.chance(0.3) ? await renew(lease, dice) : lease.job
    const roll = dice.fraction()
    // Forgotten: its lease runs out.
    if (roll < 0.03) continue
    if (roll < 0.04) await systemClock.sleep(leaseMs)
    const settlement = await settlementOf(lease, job, dice)
    if (dice.chance(0.4)) await settle([settlement], leases)
    else batch.push(settlement)
  }
  await settle(batch, leases)
}

await Promise.all(
  Array.from({ length: plan.loops }, async (_, loop) => {
    const dice = new Dice(plan.seed + loop)
    for (;;) await turn(dice)
  }),
)
