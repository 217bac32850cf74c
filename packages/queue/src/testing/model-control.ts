/** What control shows and does, beside the model. Filters are written anew from the comments of `control.ts`. */

import type { EntryId, GroupId } from '@postroad/envelope'
import type { ControlAction, EntryFilter, EntryState, EntryView, GroupCounts } from '../index.ts'
import { fault, same } from './model-fault.ts'
import { type FilterPlan, LABELS, type ModelOperation } from './model-operation.ts'
import { isReadable, type ModelEntry } from './model-state.ts'
import type { ModelWorld } from './model-world.ts'

/** More pages than any run can fill: a cursor that does not end is a fault. */
const MOST_PAGES = 5_000
const MINUTE_MS = 60_000

/** Every page, one after the other. */
async function collect<Item>(
  limit: number,
  page: (request: { readonly limit: number; readonly cursor?: string }) => Promise<{
    readonly items: readonly Item[]
    readonly cursor: string | undefined
  }>,
): Promise<readonly Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  for (let n = 0; n < MOST_PAGES; n += 1) {
    const found = await page(cursor === undefined ? { limit } : { limit, cursor })
    if (found.items.length > limit) fault(`a page of ${limit} has ${found.items.length} items`)
    items.push(...found.items)
    if (found.cursor === undefined) return items
    cursor = found.cursor
  }
  return fault('pages do not end')
}

/** Lists by a filter over pages, and compares every field. */
export async function checkList(world: ModelWorld, filter: EntryFilter, limit: number): Promise<void> {
  const shown = await world.shown()
  const seen = await collect(limit, (page) => world.store.control.list(filter, page))
  const byId = new Map<EntryId, EntryView<string>>()
  for (const view of seen) {
    if (byId.has(view.id)) fault(`list gave ${view.id} twice`)
    byId.set(view.id, view)
  }
  const expected = [...shown].filter(([entry, state]) => matches(entry, state, filter))
  same('list gave other entries', [...byId.keys()].toSorted(), expected.map(([{ id }]) => id).toSorted())
  for (const [entry, state] of expected) {
    const view = byId.get(entry.id)
    if (view !== undefined) same(`list shows ${entry.id} otherwise`, view, viewOf(entry, state, view))
  }
}

/** Counts over pages. Groups without entries may be left out. */
export async function checkCounts(world: ModelWorld, limit: number): Promise<void> {
  const expected = countAll(await world.shown())
  const seen = new Set<GroupId>()
  for (const counts of await collect(limit, (page) => world.store.control.counts(page))) {
    if (seen.has(counts.group)) fault(`counts gave ${counts.group} twice`)
    seen.add(counts.group)
    checkGroup(world, counts, expected)
  }
  for (const group of expected.keys()) if (!seen.has(group)) fault(`counts left out ${group}, which has entries`)
}

/** Follows the feed of changes from where it was left. */
export async function checkChanges(world: ModelWorld, limit: number): Promise<void> {
  const { feed, state } = world
  const expected = countAll(await world.shown())
  const { cursor } = feed
  const request = { limit, waitMs: 0, ...(cursor === undefined ? {} : { cursor }) }
  const { groups, cursor: next, restarted } = await world.store.control.changes(request)
  const mayRestart = cursor === undefined || feed.crashed || state.now - feed.askedAt >= MINUTE_MS
  if (restarted && !mayRestart) fault('changes began anew while somebody followed')
  if (!restarted && cursor === undefined) fault('changes did not say that it begins')
  if (restarted && groups.length > 0) fault('changes gave groups where it began anew')
  if (groups.length > limit) fault(`changes gave ${groups.length} groups, more than ${limit}`)
  const seen = new Set<GroupId>()
  for (const counts of groups) {
    if (seen.has(counts.group)) fault(`changes gave ${counts.group} twice`)
    seen.add(counts.group)
    checkGroup(world, counts, expected)
  }
  if (restarted) feed.changed.clear()
  for (const group of seen) feed.changed.delete(group)
  if (groups.length < limit && feed.changed.size > 0) fault('changes left out groups', [...seen], [...feed.changed])
  feed.cursor = next
  feed.askedAt = state.now
  feed.crashed = false
}

/**
 * Applies an action over pages, and follows what it did.
 *
 * An expired lease that nobody took may be seen as leased or as ready, and by `apply` otherwise than by `list`: then the
 * numbers have a range, and a look afterwards tells. There must be no entry that is to be held as poison.
 */
export async function apply(world: ModelWorld, plan: ModelOperation & { readonly op: 'apply' }): Promise<void> {
  const { state } = world
  const filter = filterOf(world, plan.filter)
  const action = actionOf(world, plan)
  const certain: ModelEntry[] = []
  const open: ModelEntry[] = []
  const least = { matched: 0, changed: 0, leased: 0 }
  const most = { matched: 0, changed: 0, leased: 0 }
  for (const entry of state.entries.values()) {
    const outcomes = state.shownStates(entry).map((shown) => {
      const matched = matches(entry, shown, filter) ? 1 : 0
      return {
        matched,
        changed: isChanged(action, entry, shown) ? matched : 0,
        leased: shown === 'leased' ? matched : 0,
      }
    })
    for (const key of ['matched', 'changed', 'leased'] as const) {
      least[key] += Math.min(...outcomes.map((outcome) => outcome[key]))
      most[key] += Math.max(...outcomes.map((outcome) => outcome[key]))
    }
    if (outcomes.every(({ changed }) => changed === 1)) certain.push(entry)
    else if (outcomes.some(({ changed }) => changed === 1)) open.push(entry)
  }
  const sum = { matched: 0, changed: 0, leased: 0 }
  await collect(plan.limit, async (page) => {
    const { cursor, ...report } = await world.store.control.apply(action, filter, { ...page, dryRun: plan.dryRun })
    if (report.matched > plan.limit) fault(`apply examined ${report.matched}, more than ${plan.limit}`)
    sum.matched += report.matched
    sum.changed += report.changed
    sum.leased += report.leased
    return { items: [], cursor }
  })
  // What an action moves may come a second time, on a later page, and is not changed again.
  if (!plan.dryRun && action.kind !== 'drop') most.matched = Math.max(most.matched, sum.matched)
  for (const key of ['matched', 'changed', 'leased'] as const) {
    if (sum[key] < least[key] || sum[key] > most[key]) fault('apply tells otherwise', sum, { least, most })
  }
  if (plan.dryRun) return
  const found = await world.look(open.map(({ id }) => id))
  const done = open.filter(({ id }) => {
    const view = found.get(id)
    return view === undefined || view.state === 'held' || (action.kind === 'reroute' && view.group === action.group)
  })
  for (const entry of [...certain, ...done]) {
    if (action.kind === 'hold') state.hold(entry, action.reason)
    else if (action.kind === 'drop') state.end(entry)
    else if (action.kind === 'reroute') state.move(entry, action.group)
    else state.requeue(entry, state.now)
  }
}

/** A filter from its plan. */
export function filterOf(world: ModelWorld, plan: FilterPlan): EntryFilter {
  const { ids, state, group, labels, olderMs, attemptsAtLeast, lastReply } = plan
  return {
    ...(ids === undefined ? {} : { ids: ids.map(([message, index]) => world.id(message, index)) }),
    ...(state === undefined ? {} : { state }),
    ...(group === undefined ? {} : { group: world.group(group) }),
    ...(labels === undefined ? {} : { labels: LABELS[labels % LABELS.length] ?? {} }),
    ...(olderMs === undefined ? {} : { enqueuedBefore: world.state.now - olderMs }),
    ...(attemptsAtLeast === undefined ? {} : { attemptsAtLeast }),
    ...(lastReply === undefined ? {} : { lastReply }),
  }
}

function actionOf(world: ModelWorld, plan: ModelOperation & { readonly op: 'apply' }): ControlAction {
  if (plan.action === 'hold') return { kind: 'hold', reason: 'by hand' }
  if (plan.action === 'reroute') return { kind: 'reroute', group: world.group(plan.group) }
  return { kind: plan.action }
}

function isChanged(action: ControlAction, entry: ModelEntry, shown: EntryState): boolean {
  if (shown === 'leased') return false
  if (action.kind === 'hold') return shown !== 'held'
  if (action.kind === 'release') return shown === 'held'
  if (action.kind === 'retry') return shown === 'waiting'
  return action.kind === 'drop' || entry.group !== action.group
}

function matches(entry: ModelEntry, shown: EntryState, filter: EntryFilter): boolean {
  if (filter.ids !== undefined && !filter.ids.includes(entry.id)) return false
  if (filter.state !== undefined && filter.state !== shown) return false
  if (filter.group !== undefined && filter.group !== entry.group) return false
  if (filter.enqueuedBefore !== undefined && entry.enqueuedAt >= filter.enqueuedBefore) return false
  if (filter.attemptsAtLeast !== undefined && entry.attempt < filter.attemptsAtLeast) return false
  if (filter.lastReply !== undefined && entry.lastReply?.includes(filter.lastReply) !== true) return false
  return Object.entries(filter.labels ?? {}).every(([name, text]) => entry.labels[name] === text)
}

/** What the list must show; where the port leaves a field open, what it does show. */
function viewOf(entry: ModelEntry, state: EntryState, seen: EntryView<string>): EntryView<string> {
  const { id, group, content, priority, labels, enqueuedAt, attempt, heldFor, lastReply } = entry
  const isQueued = state === 'ready' || state === 'waiting'
  return {
    id,
    state,
    group,
    content,
    priority,
    labels,
    enqueuedAt,
    lastReply,
    job: isReadable(entry) ? entry.job : undefined,
    attempt,
    notBefore: isQueued ? entry.notBefore : seen.notBefore,
    heldFor: heldFor === true && seen.heldFor !== '' ? seen.heldFor : heldFor === true ? 'a reason' : heldFor,
  }
}

/** The counts of every group that has entries. */
function countAll(
  shown: ReadonlyMap<ModelEntry, EntryState>,
): ReadonlyMap<GroupId, Readonly<Record<EntryState, number>>> {
  const counts = new Map<GroupId, Record<EntryState, number>>()
  for (const [{ group }, state] of shown) {
    const ofGroup = counts.get(group) ?? { ready: 0, waiting: 0, leased: 0, held: 0 }
    ofGroup[state] += 1
    counts.set(group, ofGroup)
  }
  return counts
}

function checkGroup(
  world: ModelWorld,
  counts: GroupCounts,
  expected: ReadonlyMap<GroupId, Readonly<Record<EntryState, number>>>,
): void {
  const { group, concurrency, pausedUntil, ...seen } = counts
  const ofGroup = expected.get(group)
  same(`counts of ${group} are others`, seen, ofGroup ?? { ready: 0, waiting: 0, leased: 0, held: 0 })
  if (ofGroup === undefined) return
  const { state } = world
  const pace = state.group(group)
  const closedUntil = Math.max(pace.pausedUntil, pace.parkedUntil)
  const allowed = {
    concurrency: state.concurrency(group),
    pausedUntil: closedUntil > state.now ? closedUntil : undefined,
  }
  same(`the pace of ${group} is another`, { concurrency, pausedUntil }, allowed)
}
