/**
 * All entries, compact: of each a row of numbers, which the schedule reads often, and a record of bytes with the rest,
 * which is decoded when somebody is given the entry or asks for it. `MemoryEntry` is how everybody else sees one.
 */

import { contentId, type ContentId, entryId, type EntryId, type LeaseToken } from '@postroad/envelope'
import type { Codec, Labels } from '../queue.ts'
import { Cells } from './cells.ts'
import {
  ENQUEUED_AT,
  FLAGS,
  GROUP_PLACE,
  HEAP_INDEX,
  JOB_BYTES,
  LANE,
  LEASE_UNTIL,
  LEASES,
  NOT_BEFORE,
  PLACE,
  RECORD,
  ROW_BYTES,
  SERIAL,
} from './entry-row.ts'
import { MemoryEntry } from './entry.ts'
import type { HeapPlaces } from './heap.ts'
import type { Lane } from './lane.ts'
import { Slab } from './slab.ts'
import { TextIndex } from './text-index.ts'
import { decodeFirstText, decodeTexts, encodeTexts, firstTextIs } from './texts.ts'

/** A job as it is kept. */
export interface KeptJob<Job> {
  /** As the codec wrote it; empty where there is no codec. */
  readonly bytes: Uint8Array
  /** Gives the job itself where there is no codec. */
  readonly read: (() => Job) | undefined
}

/** The parts of an entry that are read seldom. */
export interface EntryRecord {
  readonly id: EntryId
  readonly content: ContentId | undefined
  /** Why it is held. */
  readonly heldFor: string | undefined
  /** What the destination said last. */
  readonly lastReply: string | undefined
  /** Names and texts in turn. */
  readonly labels: readonly string[]
}

/** Where an entry begins. Instants are milliseconds since the epoch. */
export interface EntryBeginning<Job> extends EntryRecord {
  /** Arrival, counted by the store. */
  readonly serial: number
  readonly lane: Lane<Job>
  readonly enqueuedAt: number
  readonly notBefore: number
  readonly job: KeptJob<Job>
}

/** Entries by row and by id. */
export class EntryTable<Job> {
  /** For heaps of rows. */
  readonly heapPlaces: HeapPlaces<number> = {
    of: (row) => this.#rows.get(row, HEAP_INDEX),
    set: (row, index) => this.#rows.set(row, HEAP_INDEX, index),
  }
  /** Of those that are leased, or were last. */
  readonly tokens: Map<number, LeaseToken> = new Map()
  readonly #codec: Codec<Job> | undefined
  readonly #rows = new Cells(ROW_BYTES)
  readonly #records = new Slab()
  readonly #index: TextIndex
  /** Where there is no codec. */
  readonly #jobs = new Map<number, () => Job>()
  /** The lanes that entries are of. */
  readonly #lanes = new Map<number, Lane<Job>>()
  #lastLane = 0

  constructor(codec: Codec<Job> | undefined, seed: number) {
    this.#codec = codec
    this.#index = new TextIndex(seed, (row, text) => firstTextIs(this.#texts(row), text))
  }

  /** How many entries there are. */
  get size(): number {
    return this.#rows.size
  }

  /** How many bytes rows and records have memory for. */
  get bytes(): number {
    return this.#rows.bytes + this.#records.bytes
  }

  /** The entry of a row. */
  at(row: number): MemoryEntry<Job> {
    return new MemoryEntry(this, row)
  }

  /** The entry of an id; `undefined` where there is none. */
  find(id: EntryId): MemoryEntry<Job> | undefined {
    const row = this.#index.find(id)
    return row === undefined ? undefined : this.at(row)
  }

  has(id: EntryId): boolean {
    return this.#index.find(id) !== undefined
  }

  /** Adds an entry with an id that is new; it is nowhere yet. */
  add(beginning: EntryBeginning<Job>): MemoryEntry<Job> {
    const row = this.#rows.take()
    this.set(row, SERIAL, beginning.serial)
    this.set(row, GROUP_PLACE, 0)
    this.set(row, PLACE, 0)
    this.set(row, HEAP_INDEX, -1)
    this.set(row, ENQUEUED_AT, beginning.enqueuedAt)
    this.set(row, NOT_BEFORE, beginning.notBefore)
    this.set(row, LEASE_UNTIL, 0)
    this.set(row, LEASES, 0)
    this.set(row, FLAGS, 0)
    this.#enterLane(row, beginning.lane)
    this.#write(row, beginning, beginning.job)
    this.#index.add(beginning.id, row)
    return this.at(row)
  }

  /** Forgets an entry. Its row is given to another one day: nobody may hold it any more. */
  delete(row: number, id: EntryId): void {
    this.#index.remove(id, row)
    this.#leaveLane(row)
    this.#records.give(this.get(row, RECORD))
    this.#jobs.delete(row)
    this.tokens.delete(row)
    this.#rows.give(row)
  }

  get(row: number, place: number): number {
    return this.#rows.get(row, place)
  }

  set(row: number, place: number, value: number): void {
    this.#rows.set(row, place, value)
  }

  /** The order within a lane: by `notBefore`, then arrival. */
  comesBefore(a: number, b: number): boolean {
    const difference = this.get(a, NOT_BEFORE) - this.get(b, NOT_BEFORE)
    return difference === 0 ? this.get(a, SERIAL) < this.get(b, SERIAL) : difference < 0
  }

  lane(row: number): Lane<Job> {
    const lane = this.#lanes.get(this.get(row, LANE))
    if (lane === undefined) throw new RangeError('an entry has no lane')
    return lane
  }

  setLane(row: number, lane: Lane<Job>): void {
    this.#leaveLane(row)
    this.#enterLane(row, lane)
  }

  /** Its own string, for it is kept by many for long: by whoever leased the entry, in the journal. */
  id(row: number): EntryId {
    return entryId(decodeFirstText(this.#texts(row)))
  }

  record(row: number): EntryRecord {
    const [, content, heldFor, lastReply, ...labels] = decodeTexts(this.#texts(row))
    return {
      id: this.id(row),
      content: content === undefined ? undefined : contentId(content),
      heldFor,
      lastReply,
      labels: labels.map((text = '') => text),
    }
  }

  /** Writes a record anew. */
  change(row: number, changes: Partial<EntryRecord>, job: KeptJob<Job> = this.keptJob(row)): void {
    const before = this.get(row, RECORD)
    this.#write(row, { ...this.record(row), ...changes }, job)
    // Last, so that the row never names what is not its own, not even where there is no memory left.
    this.#records.give(before)
  }

  /** A copy: bytes of a job may be kept by whoever reads them, and be read while the entry goes on. */
  keptJob(row: number): KeptJob<Job> {
    const bytes = this.#view(row).slice(0, this.get(row, JOB_BYTES))
    return { bytes, read: this.#jobs.get(row) }
  }

  /** Throws where the codec does. */
  readJob(row: number): Job {
    const { bytes, read } = this.keptJob(row)
    if (read !== undefined) return read()
    if (this.#codec === undefined) throw new TypeError('there is no codec')
    return this.#codec.decode(bytes)
  }

  #view(row: number): Uint8Array {
    return this.#records.view(this.get(row, RECORD))
  }

  #texts(row: number): Uint8Array {
    return this.#view(row).subarray(this.get(row, JOB_BYTES))
  }

  #write(row: number, record: EntryRecord, job: KeptJob<Job>): void {
    const { id, content, heldFor, lastReply, labels } = record
    const texts = encodeTexts([id, content, heldFor, lastReply, ...labels])
    this.set(row, RECORD, this.#records.put([job.bytes, texts]))
    this.set(row, JOB_BYTES, job.bytes.length)
    if (job.read !== undefined) this.#jobs.set(row, job.read)
  }

  #enterLane(row: number, lane: Lane<Job>): void {
    if (lane.members === 0) {
      this.#lastLane += 1
      lane.number = this.#lastLane
      this.#lanes.set(lane.number, lane)
    }
    lane.members += 1
    this.set(row, LANE, lane.number)
  }

  #leaveLane(row: number): void {
    const lane = this.lane(row)
    lane.members -= 1
    if (lane.members === 0) this.#lanes.delete(lane.number)
  }
}

/** Labels as they are kept. */
export function listLabels(labels: Labels): readonly string[] {
  return Object.entries(labels).flat()
}

/** Labels of what is kept. */
export function readLabels(texts: readonly string[]): Labels {
  const pairs: [string, string][] = []
  for (let index = 0; index < texts.length; index += 2) pairs.push([texts[index] ?? '', texts[index + 1] ?? ''])
  return Object.fromEntries(pairs)
}
