/**
 * Lanes and groups: the entries of one group and one priority wait in a lane, ordered by `notBefore`, then arrival. A
 * lane whose first entry is due and whose group is open stands in the ring of its priority.
 */

import type { GroupId } from '@postroad/envelope'
import type { GroupPace } from '../pace.ts'
import type { EntryTable } from './entry-table.ts'
import type { HeapItem } from './heap.ts'
import { LaneEntries } from './lane-entries.ts'
import type { RingLink } from './ring.ts'
import { Roll } from './roll.ts'

/** The entries of one group and priority that are not leased and not held. */
export interface Lane<Job> extends RingLink<Lane<Job>>, HeapItem {
  readonly group: Group<Job>
  readonly priority: number
  readonly entries: LaneEntries<Job>
  /** None of its entries is due later. */
  allDueAt: number
  /** The number that rows have for it, and how many do; written by the table of entries. */
  number: number
  members: number
}

/** One group: its lanes, and what bounds its leases. */
export class Group<Job> implements HeapItem, GroupPace {
  readonly id: GroupId
  readonly lanes: Map<number, Lane<Job>> = new Map()
  /** Its entries in any state, by their rows. */
  readonly roll: Roll = new Roll()
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
  readonly #table: EntryTable<Job>

  constructor(id: GroupId, table: EntryTable<Job>) {
    this.id = id
    this.#table = table
  }

  /** How many entries it has, in any state. */
  get entries(): number {
    return this.roll.size
  }

  /** The lane of a priority, made where there is none. */
  lane(priority: number): Lane<Job> {
    let lane = this.lanes.get(priority)
    if (lane === undefined) {
      lane = {
        group: this,
        priority,
        entries: new LaneEntries(this.#table),
        allDueAt: 0,
        number: 0,
        members: 0,
        previous: undefined,
        next: undefined,
        heapIndex: -1,
      }
      this.lanes.set(priority, lane)
    }
    return lane
  }
}
