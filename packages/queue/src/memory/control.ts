/** The control of the memory store. Pages walk over rolls: of all entries, of a group, of what is held. */

import type { GroupId } from '@postroad/envelope'
import { actionChanges, matchesFilter } from '../control-rules.ts'
import type {
  ApplyReport,
  Changes,
  ChangesRequest,
  ControlAction,
  EntryFilter,
  EntryState,
  EntryView,
  GroupCounts,
  Page,
  PageRequest,
  QueueControl,
} from '../control.ts'
import type { ChangeFeed } from './change-feed.ts'
import { countGroup } from './counts.ts'
import { readLabels } from './entry-table.ts'
import type { MemoryEntry } from './entry.ts'
import type { Group } from './lane.ts'
import type { Lifetime } from './lifetime.ts'
import type { MemoryQueue } from './queue.ts'

/** Control over a memory queue. */
export class MemoryControl<Job> implements QueueControl<Job> {
  readonly #queue: MemoryQueue<Job>
  readonly #feed: ChangeFeed<Job>
  readonly #lifetime: Lifetime

  constructor(queue: MemoryQueue<Job>, feed: ChangeFeed<Job>, lifetime: Lifetime) {
    this.#queue = queue
    this.#feed = feed
    this.#lifetime = lifetime
    lifetime.onEnd(() => feed.endAll())
  }

  async counts({ cursor, limit }: PageRequest): Promise<Page<GroupCounts>> {
    this.#lifetime.check()
    const { schedule } = this.#queue
    const now = this.#queue.now()
    const all = [...schedule.groups()].filter(({ id, entries }) => entries > 0 && (cursor === undefined || id > cursor))
    all.sort((a, b) => (a.id < b.id ? -1 : 1))
    const items = all.slice(0, limit).map(({ id }) => countGroup(schedule, id, now))
    return { items, cursor: all.length > limit ? items.at(-1)?.group : undefined }
  }

  async list(filter: EntryFilter, page: PageRequest): Promise<Page<EntryView<Job>>> {
    this.#lifetime.check()
    const { examined, cursor } = this.#page(filter, page)
    const items = examined
      .filter((entry) => this.#matches(entry, filter))
      .map((entry) => ({ ...this.#view(entry), job: readJob(entry) }))
    return { items, cursor }
  }

  async apply(
    action: ControlAction,
    filter: EntryFilter,
    page: PageRequest & { readonly dryRun?: boolean },
  ): Promise<ApplyReport> {
    this.#lifetime.check()
    const { examined, cursor } = this.#page(filter, page)
    const matched = examined.filter((entry) => this.#matches(entry, filter))
    const changing = matched.filter((entry) =>
      actionChanges(action, { state: this.#state(entry), group: entry.lane.group.id }),
    )
    const report = {
      matched: matched.length,
      changed: changing.length,
      leased: matched.filter(({ state }) => state === 'leased').length,
      cursor,
    }
    if (page.dryRun === true) return report
    for (const entry of changing) this.#change(action, entry)
    await this.#queue.changed()
    return report
  }

  async pause(group: GroupId, until: number): Promise<void> {
    await this.#steer(group, (group) => (group.pausedUntil = until))
  }

  async resume(group: GroupId): Promise<void> {
    await this.#steer(group, (group) => (group.pausedUntil = group.parkedUntil = 0))
  }

  async limit(group: GroupId, concurrency: number | undefined): Promise<void> {
    await this.#steer(group, (group) => {
      group.limit = concurrency
      group.window = undefined
    })
  }

  async changes(request: ChangesRequest): Promise<Changes> {
    this.#lifetime.check()
    return this.#feed.follow(request)
  }

  async #steer(id: GroupId, change: (group: Group<Job>) => void): Promise<void> {
    this.#lifetime.check()
    const { schedule } = this.#queue
    const now = this.#queue.now()
    schedule.steer(schedule.group(id, now), change, now)
    await this.#queue.changed()
  }

  /** The entries to examine for a page: those of the ids, or of the state and group, that the filter gives. */
  #page(
    { ids, state, group }: EntryFilter,
    { cursor, limit }: PageRequest,
  ): { readonly examined: readonly MemoryEntry<Job>[]; readonly cursor: string | undefined } {
    const from = cursor === undefined ? 0 : Number(cursor)
    const { table } = this.#queue
    if (ids !== undefined) {
      const unique = [...new Set(ids)]
      const examined = unique.slice(from, from + limit).map((id) => table.find(id))
      const next = from + limit < unique.length ? String(from + limit) : undefined
      return { examined: examined.filter((entry) => entry !== undefined), cursor: next }
    }
    const examined: MemoryEntry<Job>[] = []
    let last = from
    for (const [number, row] of this.#walk(state, group, from)) {
      const entry = table.at(row)
      if (state !== undefined && this.#state(entry) !== state) continue
      if (examined.length === limit) return { examined, cursor: String(last) }
      examined.push(entry)
      last = number
    }
    return { examined, cursor: undefined }
  }

  /** The rows of the fewest entries that a roll gives for a state and group, with their numbers, behind a number. */
  #walk(
    state: EntryState | undefined,
    group: GroupId | undefined,
    from: number,
  ): Iterable<readonly [number: number, row: number]> {
    const { roll, schedule } = this.#queue
    if (group !== undefined) return schedule.findGroup(group)?.roll.after(from) ?? []
    if (state === 'held') return schedule.held.after(from)
    if (state !== 'leased') return roll.after(from)
    const behind = schedule.leased().filter(({ serial }) => serial > from)
    return behind.map(({ serial, row }) => [serial, row] as const)
  }

  #state({ state, notBefore }: MemoryEntry<Job>): EntryState {
    if (state !== 'queued') return state
    return notBefore <= this.#queue.now() ? 'ready' : 'waiting'
  }

  /** Ids were looked up by `#page`. */
  #matches(entry: MemoryEntry<Job>, { ids: _ids, ...filter }: EntryFilter): boolean {
    return matchesFilter(this.#view(entry), filter)
  }

  #view(entry: MemoryEntry<Job>): Omit<EntryView<Job>, 'job'> {
    const { id, content, labels, heldFor, lastReply } = entry.record()
    return {
      id,
      state: this.#state(entry),
      group: entry.lane.group.id,
      content,
      priority: entry.lane.priority,
      labels: readLabels(labels),
      attempt: entry.leases,
      enqueuedAt: entry.enqueuedAt,
      notBefore: entry.notBefore,
      heldFor,
      lastReply,
    }
  }

  #change(action: ControlAction, entry: MemoryEntry<Job>): void {
    const { schedule } = this.#queue
    const now = this.#queue.now()
    switch (action.kind) {
      case 'hold':
        this.#queue.clear(entry)
        schedule.hold(entry, action.reason, now)
        return
      case 'release':
      case 'retry':
        this.#queue.clear(entry)
        schedule.withdraw(entry, now)
        entry.notBefore = now
        schedule.queue(entry, now)
        return
      case 'drop':
        this.#queue.remove(entry)
        return
      case 'reroute':
        if (entry.state === 'queued') schedule.withdraw(entry, now)
        this.#queue.move(entry, action.group)
        if (entry.state === 'queued') schedule.queue(entry, now)
    }
  }
}

/** `undefined` where it cannot be decoded: the reason it is held for says why. */
function readJob<Job>(entry: MemoryEntry<Job>): Job | undefined {
  try {
    return entry.readJob()
  } catch {
    return undefined
  }
}
