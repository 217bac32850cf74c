/**
 * What is due, whose turn it is, and when to look again.
 *
 * The cost of every step is logarithmic in the number of entries at most: a heap for each lane, a ring of ready lanes
 * for each priority, and heaps of the instants at which a lane, a lease or a group needs a look.
 */

import type { GroupId } from '@postroad/envelope'
import { isOpen, reopensAt } from '../pace.ts'
import { LEASE_UNTIL, NOT_BEFORE } from './entry-row.ts'
import type { EntryTable } from './entry-table.ts'
import type { MemoryEntry } from './entry.ts'
import { ForgettingMap } from './forgetting-map.ts'
import { Heap, OWN_PLACES } from './heap.ts'
import { Group, type Lane } from './lane.ts'
import { Ring } from './ring.ts'
import { Roll } from './roll.ts'

const HIGHEST = 9
const LOWEST = -9
/** How long a group without entries is remembered after its last feedback. */
const FEEDBACK_MEMORY_MS = 3_600_000

/** Is told of every change, as it is made: what it does about it comes later, when the step is whole. */
export interface Watcher<Job> {
  /** An entry moved: into a lane, a lease, aside, or away. Called again where it changes its group. */
  moved(entry: MemoryEntry<Job>): void
  /** What bounds the leases of a group was changed. */
  steered(group: Group<Job>): void
}

/** The schedule of all entries. */
export class Schedule<Job> {
  readonly groupConcurrency: number
  /** The entries; here and in lanes they are known by their rows. */
  readonly table: EntryTable<Job>
  /** What was put aside, in that order. */
  readonly held: Roll = new Roll()
  /** Leased entries by when their lease runs out. */
  readonly #leases: Heap<number>
  /** Lanes of open groups by when their first entry is due. */
  readonly #lanes = new Heap<Lane<Job>>((a, b) => this.#dueAt(a) < this.#dueAt(b), OWN_PLACES)
  /** Paused and parked groups by when that ends. */
  readonly #closed = new Heap<Group<Job>>((a, b) => a.opensAt < b.opensAt, OWN_PLACES)
  readonly #rings = new Map<number, Ring<Lane<Job>>>()
  readonly #groups = new ForgettingMap<GroupId, Group<Job>>(isForgettable)
  readonly #watchers: Watcher<Job>[] = []

  constructor(groupConcurrency: number, table: EntryTable<Job>) {
    this.groupConcurrency = groupConcurrency
    this.table = table
    this.#leases = new Heap((a, b) => table.get(a, LEASE_UNTIL) < table.get(b, LEASE_UNTIL), table.heapPlaces)
    for (let priority = HIGHEST; priority >= LOWEST; priority -= 1) this.#rings.set(priority, new Ring())
  }

  /** The group, made where there is none. */
  group(id: GroupId, now: number): Group<Job> {
    let group = this.#groups.get(id)
    if (group === undefined) {
      group = new Group(id, this.table)
      this.#groups.set(id, group, now)
    }
    return group
  }

  /** The group; `undefined` where there is none. */
  findGroup(id: GroupId): Group<Job> | undefined {
    return this.#groups.get(id)
  }

  groups(): Iterable<Group<Job>> {
    return this.#groups.values()
  }

  /** How many groups are remembered. */
  get groupCount(): number {
    return this.#groups.size
  }

  /** Adds who is told of every change from now on. */
  watch(watcher: Watcher<Job>): void {
    this.#watchers.push(watcher)
  }

  /** Puts an entry into its lane. */
  queue(entry: MemoryEntry<Job>, now: number): void {
    const { lane, notBefore } = entry
    entry.state = 'queued'
    lane.allDueAt = lane.entries.size === 0 ? notBefore : Math.max(lane.allDueAt, notBefore)
    lane.entries.put(entry.row, now)
    this.#refreshLane(lane, now)
    this.#tellMoved(entry)
  }

  /** Puts an entry among the leased, or moves it there. */
  lease(entry: MemoryEntry<Job>, now: number): void {
    this.withdraw(entry, now)
    entry.state = 'leased'
    entry.lane.group.leased += 1
    this.#leases.put(entry.row)
    this.refreshGroup(entry.lane.group, now)
    this.#tellMoved(entry)
  }

  /** Puts an entry aside. */
  hold(entry: MemoryEntry<Job>, reason: string, now: number): void {
    this.withdraw(entry, now)
    entry.state = 'held'
    entry.change({ heldFor: reason })
    entry.heldPlace = this.held.add(entry.row)
    entry.lane.group.held += 1
    this.#tellMoved(entry)
  }

  /** Puts an entry that is in no heap into the lane of another group; what is held stays so. */
  move(entry: MemoryEntry<Job>, lane: Lane<Job>): void {
    this.#tellMoved(entry)
    const isHeld = entry.heldPlace !== 0
    const from = entry.lane.group
    from.roll.remove(entry.groupPlace)
    if (isHeld) from.held -= 1
    entry.lane = lane
    entry.groupPlace = lane.group.roll.add(entry.row)
    if (isHeld) lane.group.held += 1
    this.#tellMoved(entry)
  }

  /** Takes an entry out of wherever it is. */
  withdraw(entry: MemoryEntry<Job>, now: number): void {
    const { lane } = entry
    const { state } = entry
    if (state === 'leased' && entry.isInHeap) {
      this.#leases.remove(entry.row)
      lane.group.leased -= 1
      this.refreshGroup(lane.group, now)
    } else if (state === 'queued') {
      lane.entries.remove(entry.row)
      this.#refreshLane(lane, now)
    } else if (entry.heldPlace !== 0) {
      entry.change({ heldFor: undefined })
      this.held.remove(entry.heldPlace)
      entry.heldPlace = 0
      lane.group.held -= 1
    }
    this.#tellMoved(entry)
  }

  /** Changes what bounds the leases of a group. */
  steer(group: Group<Job>, change: (group: Group<Job>) => void, now: number): void {
    change(group)
    this.refreshGroup(group, now)
    for (const watcher of this.#watchers) watcher.steered(group)
  }

  /** What is leased, by arrival. */
  leased(): readonly MemoryEntry<Job>[] {
    return [...this.#leases.values()].map((row) => this.table.at(row)).toSorted((a, b) => a.serial - b.serial)
  }

  /** The next entry whose lease has run out, still leased; `undefined` where there is none. */
  nextExpired(now: number): MemoryEntry<Job> | undefined {
    const row = this.#leases.peek()
    return row !== undefined && this.table.get(row, LEASE_UNTIL) <= now ? this.table.at(row) : undefined
  }

  /** The entry whose turn it is; it stays in its lane. */
  next(now: number): MemoryEntry<Job> | undefined {
    for (let lane = this.#lanes.peek(); lane !== undefined && this.#dueAt(lane) <= now; lane = this.#lanes.peek()) {
      this.#refreshLane(lane, now)
    }
    for (let group = this.#closed.peek(); group !== undefined && group.opensAt <= now; group = this.#closed.peek()) {
      this.#closed.remove(group)
      this.refreshGroup(group, now)
    }
    for (const ring of this.#rings.values()) {
      for (let lane = ring.first; lane !== undefined; lane = ring.first) {
        const row = lane.entries.first()
        if (row !== undefined && this.#dueAt(lane) <= now && isOpen(lane.group, this.groupConcurrency, now))
          return this.table.at(row)
        this.#refreshLane(lane, now)
      }
    }
    return undefined
  }

  /** Ends the turn of an entry's lane. */
  endTurn({ lane }: MemoryEntry<Job>): void {
    const ring = this.#rings.get(lane.priority)
    if (ring?.first === lane) ring.turn()
  }

  /** When `next` or `nextExpired` may have something new without anybody's doing; infinite where never. */
  wakeAt(): number {
    const row = this.#leases.peek()
    const lease = row === undefined ? Infinity : this.table.get(row, LEASE_UNTIL)
    const lane = this.#lanes.peek()
    const group = this.#closed.peek()
    return Math.min(lease, lane === undefined ? Infinity : this.#dueAt(lane), group?.opensAt ?? Infinity)
  }

  /** To be called after anything of a group changed that bounds its leases. */
  refreshGroup(group: Group<Job>, now: number): void {
    group.opensAt = reopensAt(group, now)
    if (group.opensAt < Infinity) this.#closed.put(group)
    else this.#closed.remove(group)
    for (const lane of group.lanes.values()) this.#refreshLane(lane, now)
  }

  #tellMoved(entry: MemoryEntry<Job>): void {
    for (const watcher of this.#watchers) watcher.moved(entry)
  }

  #refreshLane(lane: Lane<Job>, now: number): void {
    const ring = this.#rings.get(lane.priority)
    const open = lane.entries.size > 0 && isOpen(lane.group, this.groupConcurrency, now)
    if (open && this.#dueAt(lane) <= now) {
      this.#lanes.remove(lane)
      ring?.add(lane)
      return
    }
    ring?.remove(lane)
    if (open) this.#lanes.put(lane)
    else this.#lanes.remove(lane)
  }

  /** When its first entry is due; infinite where it has none. */
  #dueAt({ entries }: Lane<Job>): number {
    const row = entries.first()
    return row === undefined ? Infinity : this.table.get(row, NOT_BEFORE)
  }
}

function isForgettable<Job>(group: Group<Job>, now: number): boolean {
  const { entries, limit, pausedUntil, parkedUntil, feedbackAt } = group
  const isIdle = entries === 0 && limit === undefined && pausedUntil <= now && parkedUntil <= now
  return isIdle && feedbackAt <= now - FEEDBACK_MEMORY_MS
}
