/** The control of the memory store. Pages walk over the entries in the order of their arrival. */

import type { GroupId } from '@postroad/envelope'
import { actionChanges } from '../control-rules.ts'
import type {
  ApplyReport,
  ControlAction,
  EntryFilter,
  EntryState,
  EntryView,
  GroupCounts,
  Page,
  PageRequest,
  QueueControl,
} from '../control.ts'
import { closedUntil, concurrencyOf } from '../pace.ts'
import type { MemoryEntry } from './entry.ts'
import type { Lifetime } from './lifetime.ts'
import type { MemoryQueue } from './queue.ts'

/** Control over a memory queue. */
export class MemoryControl<Job> implements QueueControl<Job> {
  readonly #queue: MemoryQueue<Job>
  readonly #lifetime: Lifetime

  constructor(queue: MemoryQueue<Job>, lifetime: Lifetime) {
    this.#queue = queue
    this.#lifetime = lifetime
  }

  async counts({ cursor, limit }: PageRequest): Promise<Page<GroupCounts>> {
    this.#lifetime.check()
    const { schedule } = this.#queue
    const now = this.#queue.now()
    const all = [...schedule.groups()].filter(({ id, entries }) => entries > 0 && (cursor === undefined || id > cursor))
    all.sort((a, b) => (a.id < b.id ? -1 : 1))
    const items = all.slice(0, limit).map((group) => {
      let ready = 0
      for (const { entries } of group.lanes.values()) {
        for (const { notBefore } of entries.values()) if (notBefore <= now) ready += 1
      }
      return {
        group: group.id,
        ready,
        waiting: group.entries - group.leased - group.held - ready,
        leased: group.leased,
        held: group.held,
        pausedUntil: closedUntil(group, now) || undefined,
        concurrency: concurrencyOf(group, schedule.groupConcurrency, now),
      }
    })
    return { items, cursor: all.length > limit ? items.at(-1)?.group : undefined }
  }

  async list(filter: EntryFilter, page: PageRequest): Promise<Page<EntryView<Job>>> {
    this.#lifetime.check()
    const { examined, cursor } = this.#page(filter, page)
    const items = examined.filter((entry) => this.#matches(entry, filter)).map((entry) => this.#view(entry))
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
    if (page.dryRun !== true) for (const entry of changing) this.#change(action, entry)
    this.#queue.changed()
    return {
      matched: matched.length,
      changed: changing.length,
      leased: matched.filter(({ state }) => state === 'leased').length,
      cursor,
    }
  }

  async pause(group: GroupId, until: number): Promise<void> {
    this.#changeGroup(group, { pausedUntil: until })
  }

  async resume(group: GroupId): Promise<void> {
    this.#changeGroup(group, { pausedUntil: 0, parkedUntil: 0 })
  }

  async limit(group: GroupId, concurrency: number | undefined): Promise<void> {
    this.#changeGroup(group, { limit: concurrency, window: undefined })
  }

  #changeGroup(id: GroupId, change: object): void {
    this.#lifetime.check()
    const { schedule } = this.#queue
    const now = this.#queue.now()
    schedule.refreshGroup(Object.assign(schedule.group(id, now), change), now)
    this.#queue.changed()
  }

  /** The entries to examine for a page. */
  #page(
    { ids }: EntryFilter,
    { cursor, limit }: PageRequest,
  ): { readonly examined: readonly MemoryEntry<Job>[]; readonly cursor: string | undefined } {
    const from = cursor === undefined ? 0 : Number(cursor)
    const { entries } = this.#queue
    if (ids !== undefined) {
      const unique = [...new Set(ids)]
      const examined = unique.slice(from, from + limit).map((id) => entries.get(id))
      const next = from + limit < unique.length ? String(from + limit) : undefined
      return { examined: examined.filter((entry) => entry !== undefined), cursor: next }
    }
    const examined: MemoryEntry<Job>[] = []
    for (const entry of entries.values()) {
      if (entry.serial <= from) continue
      if (examined.length === limit) return { examined, cursor: String(examined.at(-1)?.serial) }
      examined.push(entry)
    }
    return { examined, cursor: undefined }
  }

  #state({ state, notBefore }: MemoryEntry<Job>): EntryState {
    if (state !== 'queued') return state
    return notBefore <= this.#queue.now() ? 'ready' : 'waiting'
  }

  #matches(entry: MemoryEntry<Job>, { state, group, labels, enqueuedBefore, attemptsAtLeast }: EntryFilter): boolean {
    return (
      (state === undefined || this.#state(entry) === state) &&
      (group === undefined || entry.lane.group.id === group) &&
      (enqueuedBefore === undefined || entry.enqueuedAt < enqueuedBefore) &&
      (attemptsAtLeast === undefined || entry.leases >= attemptsAtLeast) &&
      (labels === undefined || Object.entries(labels).every(([name, text]) => entry.labels[name] === text))
    )
  }

  #view(entry: MemoryEntry<Job>): EntryView<Job> {
    let job: Job | undefined
    try {
      job = entry.job()
    } catch {
      // Shown without: the reason it is held for says why.
    }
    return {
      id: entry.id,
      state: this.#state(entry),
      group: entry.lane.group.id,
      job,
      content: entry.content,
      priority: entry.lane.priority,
      labels: entry.labels,
      attempt: entry.leases,
      enqueuedAt: entry.enqueuedAt,
      notBefore: entry.notBefore,
      heldFor: entry.heldFor,
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
      case 'reroute': {
        const { heldFor } = entry
        schedule.withdraw(entry, now)
        this.#queue.move(entry, action.group)
        if (heldFor === undefined) schedule.queue(entry, now)
        else schedule.hold(entry, heldFor, now)
      }
    }
  }
}
