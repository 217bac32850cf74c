/** One entry as the memory store sees it: a row of the table of entries. */

import type { EntryId, LeaseToken } from '@postroad/envelope'
import {
  ENQUEUED_AT,
  FLAGS,
  GROUP_PLACE,
  HEAP_INDEX,
  LEASE_UNTIL,
  LEASES,
  NOT_BEFORE,
  PLACE,
  SERIAL,
} from './entry-row.ts'
import type { EntryRecord, EntryTable, KeptJob } from './entry-table.ts'
import type { Lane } from './lane.ts'

const STATES = ['queued', 'leased', 'held'] as const
/** The flags of a row: its state, two bits, and how often its worker died. */
const STATE = 3
const RECOVERED = 4
const ALONE = 8
const DEATH = 16

/**
 * Its place tells its heap: `queued` is in its lane's, `leased` in that of the leases, `held` in none.
 *
 * Made anew by whoever looks an entry up, and good until the step ends: what is kept is the row.
 */
export class MemoryEntry<Job> {
  readonly row: number
  readonly #table: EntryTable<Job>

  constructor(table: EntryTable<Job>, row: number) {
    this.#table = table
    this.row = row
  }

  /** Arrival, counted by the store; its number in the roll of all entries. */
  get serial(): number {
    return this.#table.get(this.row, SERIAL)
  }

  /** Its number in the roll of its group. */
  get groupPlace(): number {
    return this.#table.get(this.row, GROUP_PLACE)
  }
  set groupPlace(number: number) {
    this.#table.set(this.row, GROUP_PLACE, number)
  }

  /** Its number in the roll of what is held; 0 where it was taken out of that, or is not held. */
  get heldPlace(): number {
    return this.state === 'held' ? this.#table.get(this.row, PLACE) : 0
  }
  set heldPlace(number: number) {
    this.#table.set(this.row, PLACE, number)
  }

  /** Whether it is in a heap, its lane's or that of the leases. */
  get isInHeap(): boolean {
    return this.#table.get(this.row, HEAP_INDEX) !== -1
  }

  get lane(): Lane<Job> {
    return this.#table.lane(this.row)
  }
  set lane(lane: Lane<Job>) {
    this.#table.setLane(this.row, lane)
  }

  get enqueuedAt(): number {
    return this.#table.get(this.row, ENQUEUED_AT)
  }

  get notBefore(): number {
    return this.#table.get(this.row, NOT_BEFORE)
  }
  set notBefore(at: number) {
    this.#table.set(this.row, NOT_BEFORE, at)
  }

  get state(): 'queued' | 'leased' | 'held' {
    return STATES[this.#flags & STATE] ?? 'queued'
  }
  set state(state: 'queued' | 'leased' | 'held') {
    this.#flags = (this.#flags & ~STATE) | STATES.indexOf(state)
  }

  /** How often it was leased. */
  get leases(): number {
    return this.#table.get(this.row, LEASES)
  }
  set leases(leases: number) {
    this.#table.set(this.row, LEASES, leases)
  }

  /** How often in a row its worker died while it was leased alone. */
  get deaths(): number {
    return Math.floor(this.#flags / DEATH)
  }
  set deaths(deaths: number) {
    this.#flags = (this.#flags % DEATH) + deaths * DEATH
  }

  /** The lease before ran out: the next is given alone. */
  get recovered(): boolean {
    return (this.#flags & RECOVERED) !== 0
  }
  set recovered(recovered: boolean) {
    this.#flags = (this.#flags & ~RECOVERED) | (recovered ? RECOVERED : 0)
  }

  /** The last lease was given alone because the one before ran out. */
  get alone(): boolean {
    return (this.#flags & ALONE) !== 0
  }
  set alone(alone: boolean) {
    this.#flags = (this.#flags & ~ALONE) | (alone ? ALONE : 0)
  }

  /** The last lease, also once it ran out, until somebody else is given the entry. */
  get token(): LeaseToken | undefined {
    return this.#table.tokens.get(this.row)
  }
  set token(token: LeaseToken | undefined) {
    if (token === undefined) this.#table.tokens.delete(this.row)
    else this.#table.tokens.set(this.row, token)
  }

  get leaseUntil(): number {
    return this.#table.get(this.row, LEASE_UNTIL)
  }
  set leaseUntil(at: number) {
    this.#table.set(this.row, LEASE_UNTIL, at)
  }

  get id(): EntryId {
    return this.#table.id(this.row)
  }

  /** Its id, content, labels and the like; decoded by every call. */
  record(): EntryRecord {
    return this.#table.record(this.row)
  }

  /** The bytes of its job, a copy. */
  get jobBytes(): Uint8Array {
    return this.#table.keptJob(this.row).bytes
  }

  /** Its job; throws where its bytes cannot be decoded. */
  readJob(): Job {
    return this.#table.readJob(this.row)
  }

  /** Writes what is read seldom; what is not given stays. */
  change(changes: Partial<Pick<EntryRecord, 'heldFor' | 'lastReply'>>, job?: KeptJob<Job>): void {
    this.#table.change(this.row, changes, job)
  }

  get #flags(): number {
    return this.#table.get(this.row, FLAGS)
  }
  set #flags(flags: number) {
    this.#table.set(this.row, FLAGS, flags)
  }
}
