/**
 * Entries whose time has come: the first of a lane, and leases that ran out; around what cannot be read.
 *
 * A clock may be set back, or that of a producer run ahead: what was due when it was added stays due (`later` is 0), and
 * only what was given a later time waits for the clock. Both go in one order, by `not_before` and then by arrival.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { integer, type Row } from '../row.ts'
import { Blamed } from './blamed.ts'
import { type DueRows, isBehind, type PlaceInLane, placeOf } from './due-rows.ts'
import type { GroupRow } from './groups.ts'

/** Most leases that are looked at for having run out in one look. */
const LOOK = 1_000

/** The first entry of a lane. */
export interface FirstEntry {
  /** Its row of `entry`. */
  readonly row: Row
  /** Whether nothing that is queued stands in front of it, in its order. */
  readonly isFront: boolean
}

/** Reads what is due. */
export class DueEntries {
  readonly #blamed: Blamed
  readonly #rows: DueRows
  readonly #bySerial: StatementSync
  readonly #candidates: StatementSync
  readonly #expired: StatementSync
  readonly #expiredSerials: StatementSync
  readonly #nextExpiry: StatementSync
  /** When leases that ran out were last looked for in this transaction, all of them. */
  #lookedAt: number | undefined

  constructor(database: DatabaseSync, rows: DueRows) {
    this.#rows = rows
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#bySerial = prepare('SELECT * FROM entry WHERE serial = ?')
    this.#blamed = new Blamed((serial) => this.#bySerial.get(serial))
    this.#candidates = prepare(
      `SELECT serial, not_before FROM due WHERE grp = ? AND priority = ? AND later = ? AND (not_before, serial) > (?, ?)
       ORDER BY not_before, serial`,
    )
    this.#expired = prepare(
      `SELECT serial, grp, priority, later, not_before, deaths, alone FROM entry WHERE state = 1 AND lease_until <= ?
       ORDER BY lease_until LIMIT ?`,
    )
    this.#expiredSerials = prepare(
      'SELECT serial FROM entry INDEXED BY entry_leased WHERE state = 1 AND lease_until <= ? ORDER BY lease_until',
    )
    this.#nextExpiry = prepare(
      'SELECT lease_until AS at FROM entry WHERE state = 1 AND lease_until > ? ORDER BY lease_until LIMIT 1',
    )
  }

  /** What is passed over. */
  get blamed(): Blamed {
    return this.#blamed
  }

  /**
   * The first entry of a lane that can be read and written: of those that are due, and where none is, of all.
   * `undefined` also where none of them is in the state that its place in the lane says.
   */
  first(group: GroupRow, priority: number, now: number): FirstEntry | undefined {
    const lane = nameOf(group.serial, priority)
    if (!this.#blamed.hasLane(lane)) {
      this.#blamed.touch({ kind: 'lane', lane })
      const place = earlier(this.#rows.first(group, priority, 0), this.#rows.first(group, priority, 1), now)
      const row = place && this.#bySerial.get(place.serial)
      this.#blamed.touch(undefined)
      if (place === undefined) return undefined
      if (row !== undefined && !this.#blamed.hasEntry(place.serial)) return isThere(row, group, priority, place, true)
      this.#blamed.addLane(lane)
    }
    const place = earlier(this.#firstReadable(group, priority, 0), this.#firstReadable(group, priority, 1), now)
    const row = place && this.#read(place.serial)
    return place && row && isThere(row, group, priority, place, false)
  }

  /** To be called before each transaction, and after something was leased until now or earlier. */
  begin(): void {
    this.#lookedAt = undefined
    // Where the last transaction ended by another fault, nothing is to be blamed for damage that comes now.
    this.#blamed.touch(undefined)
  }

  /** Leases that ran out, but for those that cannot be read; none where they were all seen to in this transaction. */
  *expired(now: number): Iterable<Row> {
    if (this.#lookedAt === now) return
    if (!this.#blamed.hasExpiry) {
      this.#blamed.touch({ kind: 'expiry' })
      const rows = this.#expired.all(now, LOOK)
      if (rows.length < LOOK) this.#lookedAt = now
      yield* rows.filter((row) => !this.#blamed.hasEntry(integer(row, 'serial')))
      return
    }
    for (const serial of this.#expiredReadable(now)) {
      const row = this.#read(serial)
      if (row !== undefined) yield row
    }
  }

  /** When a lease runs out next; `undefined` where none is out. To be called after those that ran out were seen to. */
  nextExpiry(now: number): number | undefined {
    const row = this.#nextExpiry.get(this.#blamed.hasEntries ? now : 0)
    return row && integer(row, 'at')
  }

  /** Whether the entries of a lane are read one by one. */
  isCareful(group: number, priority: number): boolean {
    return this.#blamed.hasLane(nameOf(group, priority))
  }

  /** `undefined` also where the lane cannot be read before one is found. */
  #firstReadable(group: GroupRow, priority: number, later: number): PlaceInLane | undefined {
    const lane = nameOf(group.serial, priority)
    if (this.#blamed.hasIndex(lane)) return undefined
    this.#blamed.touch({ kind: 'index', lane })
    let found: PlaceInLane | undefined
    const { notBefore, serial } = this.#rows.takenOf(group, priority, later)
    for (const candidate of this.#candidates.iterate(group.serial, priority, later, notBefore, serial)) {
      const place = placeOf(candidate)
      if (this.#blamed.hasEntry(place.serial)) continue
      found = place
      break
    }
    this.#blamed.touch(undefined)
    return found
  }

  /** Behind however many that cannot be read; as a list, for they are changed while they are gone through. */
  #expiredReadable(now: number): readonly number[] {
    const serials: number[] = []
    for (const candidate of this.#expiredSerials.iterate(now)) {
      const serial = integer(candidate, 'serial')
      if (!this.#blamed.hasEntry(serial) && serials.push(serial) >= LOOK) break
    }
    return serials
  }

  #read(serial: number): Row | undefined {
    this.#blamed.touch({ kind: 'entry', serial })
    const row = this.#bySerial.get(serial)
    this.#blamed.touch(undefined)
    return row
  }
}

/** Whether a queued entry is due. */
export function isDue(row: Row, now: number): boolean {
  return integer(row, 'later') === 0 || integer(row, 'not_before') <= now
}

/** Which of the first of both orders goes first: what waits for its time only once that has come. */
function earlier(due: PlaceInLane | undefined, later: PlaceInLane | undefined, now: number): PlaceInLane | undefined {
  if (due === undefined || later === undefined) return due ?? later
  return later.notBefore <= now && isBehind(due, later) ? later : due
}

/** The entry, unless it is not where its lane says: leased or held, or of another lane. */
function isThere(
  row: Row,
  group: GroupRow,
  priority: number,
  place: PlaceInLane,
  isFront: boolean,
): FirstEntry | undefined {
  const isQueued = integer(row, 'state') === 0 && integer(row, 'not_before') === place.notBefore
  const isOfLane = integer(row, 'grp') === group.serial && integer(row, 'priority') === priority
  return isQueued && isOfLane ? { row, isFront } : undefined
}

/** A lane by name. */
function nameOf(group: number, priority: number): string {
  return `${group} ${priority}`
}
