/**
 * Lanes and groups: the entries of one group and one priority wait in a lane, ordered by `notBefore`, then arrival. A
 * lane whose first entry is due and whose group is open stands in the ring of its priority.
 */

import type { GroupId } from '@postroad/envelope'
import type { GroupPace } from '../pace.ts'
import type { MemoryEntry } from './entry.ts'
import { Heap, type HeapItem } from './heap.ts'
import type { RingLink } from './ring.ts'
import { Roll } from './roll.ts'

/** The entries of one group and priority that are not leased and not held. */
export interface Lane<Job> extends RingLink<Lane<Job>>, HeapItem {
  readonly group: Group<Job>
  readonly priority: number
  readonly entries: Heap<MemoryEntry<Job>>
  /** None of its entries is due later. */
  allDueAt: number
}

/** One group: its lanes, and what bounds its leases. */
export class Group<Job> implements HeapItem, GroupPace {
  readonly id: GroupId
  readonly lanes: Map<number, Lane<Job>> = new Map()
  /** Its entries in any state. */
  readonly roll: Roll<MemoryEntry<Job>> = new Roll()
  heapIndex = -1
  leased = 0
  held = 0
  pausedUntil = 0
  parkedUntil = 0
  /** The next end of its pause or parking; kept by the schedule. */
  opensAt = 0
  /** Set by control; `undefined`: the default of the queue. */
  limit: number | undefined
  /** Where feedback moved the concurrency; `undefined`: nowhere. */
  window: number | undefined
  /** When feedback last came. */
  feedbackAt = 0

  constructor(id: GroupId) {
    this.id = id
  }

  /** How many entries it has, in any state. */
  get entries(): number {
    return this.roll.size
  }

  /** The lane of a priority, made where there is none. */
  lane(priority: number): Lane<Job> {
    let lane = this.lanes.get(priority)
    if (lane === undefined) {
      const entries = new Heap<MemoryEntry<Job>>(comesBefore)
      lane = { group: this, priority, entries, allDueAt: 0, previous: undefined, next: undefined, heapIndex: -1 }
      this.lanes.set(priority, lane)
    }
    return lane
  }
}

function comesBefore<Job>(a: MemoryEntry<Job>, b: MemoryEntry<Job>): boolean {
  return a.notBefore === b.notBefore ? a.serial < b.serial : a.notBefore < b.notBefore
}
