/** Runs operations against a store and the model, and faults at the first answer that the port does not allow. */

import type { GroupId, LeaseToken } from '@postroad/envelope'
import {
  type AttemptRecord,
  ContentMissingError,
  cutReply,
  InvalidEntryError,
  type JournalRecord,
  type NewEntry,
  type Settlement,
  type SettleResult,
  type Store,
} from '../index.ts'
import { apply, checkChanges, checkCounts, checkList, filterOf } from './model-control.ts'
import { fault, formatData, same } from './model-fault.ts'
import { checkLeases } from './model-lease.ts'
import { type ModelOperation, REPLIES, type SettlementPlan } from './model-operation.ts'
import { isReadable, type ModelEntry } from './model-state.ts'
import type { ModelWorld } from './model-world.ts'

/** What a run may do to the store from outside. */
export interface ModelHands {
  /** Moves the store's clock. */
  setTime(now: number): void
  /** Opens the store again, as after a crash; left out where it keeps nothing. */
  readonly crash?: () => Promise<Store<string>>
}

/** The longest a run lasts by the store's clock: feedback of an empty group may be forgotten after an hour. */
const RUN_MS = 3_300_000

/** Runs one operation. */
export async function runOperation(world: ModelWorld, operation: ModelOperation, hands: ModelHands): Promise<void> {
  const before = signatures(world)
  await perform(world, operation, hands)
  if (operation.op === 'advance') return
  const after = signatures(world)
  for (const group of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(group) !== after.get(group)) world.feed.changed.add(group)
  }
}

async function perform(world: ModelWorld, operation: ModelOperation, hands: ModelHands): Promise<void> {
  const { state, store, limits } = world
  switch (operation.op) {
    case 'enqueue':
      return enqueue(world, await world.plan(operation.entries, true))
    case 'enqueue-invalid':
      return enqueueInvalid(world, operation.rule)
    case 'stage':
      await world.stage(operation.sizeBytes, operation.ttlMs)
      return
    case 'lease':
      return lease(world, operation.limit, operation.durationMs)
    case 'renew':
      return renew(world, operation)
    case 'settle':
      return settle(world, operation.batch)
    case 'advance':
      if (world.elapsedMs + operation.ms > RUN_MS) return
      state.now += operation.ms
      hands.setTime(state.now)
      state.refresh()
      return
    case 'apply':
      // Whoever is to be held as poison may be so already, or not yet: a lease decides it.
      if ([...state.entries.values()].some((entry) => state.standing(entry) === 'doomed')) {
        await lease(world, 1, 1_005)
        await world.shown()
      }
      return apply(world, operation)
    case 'pause':
      await store.control.pause(world.group(operation.group), state.now + operation.ms)
      state.group(world.group(operation.group)).pausedUntil = state.now + operation.ms
      state.refresh()
      return
    case 'resume':
      await store.control.resume(world.group(operation.group))
      Object.assign(state.group(world.group(operation.group)), { pausedUntil: 0, parkedUntil: 0 })
      state.refresh()
      return
    case 'limit':
      await store.control.limit(world.group(operation.group), operation.concurrency)
      Object.assign(state.group(world.group(operation.group)), { limit: operation.concurrency, window: undefined })
      state.refresh()
      return
    case 'list':
      return checkList(world, filterOf(world, operation.filter), operation.limit)
    case 'counts':
      return checkCounts(world, operation.limit)
    case 'changes':
      return checkChanges(world, operation.limit)
    case 'take':
      return limits.take(store, operation.keys, operation.cost, operation.ttlMs, state.now)
    case 'give':
      return limits.give(store, operation.permit)
    case 'extend':
      return limits.extend(store, operation.permit, operation.ttlMs, state.now)
    case 'mark':
      return limits.mark(store, operation.key, operation.ttlMs, state.now)
    case 'write': {
      const message = world.message(operation.message)
      const record: JournalRecord = { message, ...attempt(state.now, operation.event) }
      await store.journal.write([record])
      world.record(message, record)
      return
    }
    case 'journal':
      return checkJournal(world, operation.message)
    case 'read': {
      const content = world.content(operation.content)
      if (content !== undefined) await world.checkContent(content)
      return
    }
    case 'sweep':
      return sweep(world)
    case 'crash':
      return crash(world, hands)
  }
}

async function enqueue(world: ModelWorld, entries: readonly NewEntry<string>[]): Promise<void> {
  const misses = world.missesContent(entries)
  const missing = await refusal(world.store.queue.enqueue(entries), ContentMissingError)
  if (missing && misses === 'no') fault('enqueue missed content that is there')
  if (!missing && misses === 'yes') fault('enqueue took an entry that names content that is not there')
  if (!missing) await world.added(entries)
}

async function enqueueInvalid(world: ModelWorld, rule: 'two messages' | 'priority' | 'instant'): Promise<void> {
  const plan = { message: 0, index: 0, job: 0, group: 0, priority: 0, delayMs: 0, labels: 0 } as const
  const [good] = await world.plan([{ ...plan, content: { kind: 'none' } }], true)
  if (good === undefined) return fault('one entry was planned')
  const bad = {
    ...good,
    id: world.id(rule === 'two messages' ? 1 : 0, 1),
    priority: rule === 'priority' ? 10 : 0,
    notBefore: rule === 'instant' ? Infinity : 0,
  }
  if (!(await refusal(world.store.queue.enqueue([good, bad]), InvalidEntryError))) fault(`enqueue took ${rule}`)
}

async function lease(world: ModelWorld, limit: number, durationMs: number): Promise<void> {
  const { state } = world
  state.notice()
  const unreadable = state.due().filter((entry) => !isReadable(entry))
  const leases = await world.store.queue.lease({ limit, durationMs, waitMs: 0 })
  const disturbed = new Set<GroupId>()
  let met = 0
  const found = unreadable.length === 0 ? new Map() : await world.look(unreadable.map(({ id }) => id))
  for (const entry of unreadable) {
    const view = found.get(entry.id)
    if (view?.state !== 'held') continue
    disturbed.add(entry.group)
    met += 1
    state.hold(entry, true)
    // A store may have leased it for a moment.
    if (view.attempt === entry.attempt + 1) entry.attempt += 1
  }
  checkLeases(state, leases, { limit, durationMs, disturbed, met })
}

async function renew(world: ModelWorld, operation: ModelOperation & { readonly op: 'renew' }): Promise<void> {
  const { state, store } = world
  const token = world.token(operation.token)
  const job = operation.job === undefined ? undefined : world.job(operation.job)
  const { durationMs } = operation
  const seen = await store.queue.renew(token, { durationMs, ...(job === undefined ? {} : { job }) })
  const entry = follow(world, token, 'renew', seen === 'renewed')
  if (entry === undefined) return
  if (job !== undefined) entry.job = job
  state.renew(entry, durationMs)
}

/** The entry of a token, where the store let it through; faults where it must not have, or must have. */
function follow({ state }: ModelWorld, token: LeaseToken, what: string, through: boolean): ModelEntry | undefined {
  const entry = state.holder(token)
  if (entry === undefined) return through ? fault(`${what} let a token through that is lost`, token) : undefined
  if (through) return entry
  // What died too often alone is held at some moment after that.
  if (entry.isRightOpen) entry.token = undefined
  else if (state.standing(entry) === 'doomed') state.hold(entry, true)
  else fault(`${what} says lost for the lease of ${entry.id}, which is ${state.standing(entry)}`)
  return undefined
}

async function settle(world: ModelWorld, plans: readonly SettlementPlan[]): Promise<void> {
  // Whether content is there may change within a batch: then nothing could be said of the others.
  const isPlain = plans.every(({ spawn }) =>
    spawn.every(({ content }) => content.kind === 'none' || content.kind === 'fresh'),
  )
  for (const batch of isPlain ? [plans] : plans.map((plan) => [plan])) {
    const settlements: Settlement<string>[] = []
    for (const plan of batch) settlements.push(await settlementOf(world, plan))
    const misses = world.missesContent(settlements.flatMap(({ spawn }) => spawn ?? []))
    const [first] = settlements
    let results: readonly SettleResult[] = []
    const settling = world.store.queue.settle(settlements).then((answer) => {
      results = answer
    })
    if (await refusal(settling, ContentMissingError)) {
      if (misses === 'no') fault('settle missed content that is there')
      if (first !== undefined && world.state.holder(first.token) !== undefined) continue
      // A store may look at content before it looks at the lease.
      continue
    }
    same('settle gave another number of results', results.length, settlements.length)
    for (const [n, settlement] of settlements.entries()) {
      const result = results[n]
      if (result?.kind === 'settled') same('a store of its own spool released content', result.released, [])
      await settled(world, settlement, result?.kind === 'settled', misses === 'yes')
    }
  }
}

async function settled(
  world: ModelWorld,
  settlement: Settlement<string>,
  through: boolean,
  misses: boolean,
): Promise<void> {
  const { state } = world
  const entry = follow(world, settlement.token, 'settle', through)
  if (entry === undefined) return
  if (misses) fault('settle spawned an entry that names content that is not there')
  const { group } = entry
  // One that had run out leaves its lane first, and the turn that the lane waited for.
  state.withdraw(entry)
  if (settlement.spawn !== undefined) await world.added(settlement.spawn)
  if (settlement.kind === 'done') state.end(entry)
  else {
    entry.job = settlement.job
    if (settlement.reply !== undefined) entry.lastReply = cutReply(settlement.reply)
    if (settlement.kind === 'hold') state.hold(entry, settlement.reason)
    else {
      if (settlement.group !== undefined) state.move(entry, settlement.group)
      state.requeue(entry, settlement.notBefore)
    }
  }
  if (settlement.feedback !== undefined) state.feed(group, settlement.feedback)
  const { record } = settlement
  if (record !== undefined) {
    const message = world.messageOf(entry)
    world.record(message, { message, entry: entry.id, ...record })
  }
}

async function settlementOf(world: ModelWorld, plan: SettlementPlan): Promise<Settlement<string>> {
  const token = world.token(plan.token)
  const { now } = world.state
  const common = {
    token,
    ...(plan.spawn.length === 0 ? {} : { spawn: await world.plan(plan.spawn, false, token) }),
    ...(plan.record === undefined ? {} : { record: attempt(now, plan.record) }),
    ...(plan.feedback === undefined ? {} : { feedback: plan.feedback }),
  }
  if (plan.kind === 'done') return { ...common, kind: 'done' }
  const reply = plan.reply === undefined ? {} : { reply: REPLIES[plan.reply % REPLIES.length] ?? '' }
  const job = world.job(plan.job)
  if (plan.kind === 'hold') return { ...common, kind: 'hold', job, reason: 'looks odd', ...reply }
  const group = plan.group === undefined ? {} : { group: world.group(plan.group) }
  return { ...common, kind: 'retry', job, notBefore: now + plan.delayMs, ...group, ...reply }
}

function attempt(at: number, n: number): AttemptRecord {
  return { at, event: `event.${n}`, detail: { n, text: 'ünï' } }
}

async function checkJournal(world: ModelWorld, n: number): Promise<void> {
  const message = world.message(n)
  const kept = world.journal.get(message)
  const seen = await world.store.journal.read(message)
  if (kept?.unsure !== true) return same(`the journal of ${message} is another`, seen, kept?.records ?? [])
  // The last ones may be missing; then some that they had pushed out may be there.
  const known = new Set(kept.records.map(formatData))
  kept.records = seen.filter((record) => known.has(formatData(record)))
  kept.unsure = false
}

async function sweep(world: ModelWorld): Promise<void> {
  const { examined, removed } = await world.store.spool.sweep(async () => new Set())
  if (removed > examined) fault(`sweep removed ${removed} of ${examined}`)
  for (const content of world.state.contents.values()) {
    if (content.state === 'staged' && content.expiresAt < world.state.now) content.state = 'gone'
  }
}

async function crash(world: ModelWorld, hands: ModelHands): Promise<void> {
  if (hands.crash === undefined) return
  world.store = await hands.crash()
  world.limits.restart()
  world.feed.crashed = true
  for (const content of world.state.contents.values()) if (content.state === 'staged') content.lostByCrash = true
  for (const kept of world.journal.values()) kept.unsure = true
  // Whose turn it is need not survive: all that are ready begin to wait anew.
  world.state.excuse(new Set([...world.state.entries.values()].map(({ group }) => group)))
  await checkList(world, {}, 100)
}

/** Whether a call was refused with this error; any other error is thrown. */
async function refusal(call: Promise<void>, type: new (message: string) => Error): Promise<boolean> {
  try {
    await call
    return false
  } catch (error) {
    if (error instanceof type) return true
    throw error
  }
}

/** What the feed of changes tells of each group. What time alone changes is left out. */
function signatures(world: ModelWorld): ReadonlyMap<GroupId, string> {
  const { state } = world
  const counts = new Map<GroupId, Record<string, number>>()
  for (const entry of state.entries.values()) {
    const ofGroup = counts.get(entry.group) ?? { queued: 0, leased: 0, held: 0 }
    // What the store holds as poison was leased, as far as anybody has told.
    const shown = entry.poisoned ? 'leased' : entry.state
    ofGroup[shown] = (ofGroup[shown] ?? 0) + 1
    counts.set(entry.group, ofGroup)
  }
  const groups = [...counts].map(([group, ofGroup]) => [group, JSON.stringify([ofGroup, state.group(group)])] as const)
  return new Map(groups)
}
