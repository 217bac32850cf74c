/**
 * Entries whose time has come: the first of a lane, and leases that ran out; around what cannot be read.
 *
 * A clock may be set back, or that of a producer run ahead: what was due when it was added stays due (`later` is 0), and
 * only what was given a later time waits for the clock. Both go in one order, by `not_before` and then by arrival.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { integer, type Row } from '../row.ts'
import { Blamed } from './blamed.ts'

/** Most leases that are looked at for having run out in one look. */
const LOOK = 1_000

/** Reads what is due. */
export class DueEntries {
  readonly #blamed: Blamed
  readonly #bySerial: StatementSync
  readonly #first: StatementSync
  readonly #firstLater: StatementSync
  readonly #candidates: StatementSync
  readonly #expired: StatementSync
  readonly #expiredSerials: StatementSync
  readonly #nextExpiry: StatementSync
  /** When leases that ran out were last looked for in this transaction, all of them. */
  #lookedAt: number | undefined

  constructor(database: DatabaseSync) {
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#bySerial = prepare('SELECT * FROM entry WHERE serial = ?')
    this.#blamed = new Blamed((serial) => this.#bySerial.get(serial))
    this.#first = prepare(
      'SELECT * FROM entry WHERE state = 0 AND grp = ? AND priority = ? AND later = 0 ORDER BY not_before, serial LIMIT 1',
    )
    this.#firstLater = prepare(
      `SELECT serial, not_before FROM entry INDEXED BY entry_due WHERE state = 0 AND grp = ? AND priority = ? AND later = 1
       ORDER BY not_before, serial LIMIT 1`,
    )
    this.#candidates = prepare(
      `SELECT serial, not_before FROM entry INDEXED BY entry_due WHERE state = 0 AND grp = ? AND priority = ?
       AND later = ? ORDER BY not_before, serial`,
    )
    this.#expired = prepare(
      'SELECT serial, grp, priority, deaths, alone FROM entry WHERE state = 1 AND lease_until <= ? ORDER BY lease_until LIMIT ?',
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

  /** The first entry of a lane that can be read and written: of those that are due, and where none is, of all. */
  first(group: number, priority: number, now: number): Row | undefined {
    const lane = nameOf(group, priority)
    if (!this.#blamed.hasLane(lane)) {
      this.#blamed.touch({ kind: 'lane', lane })
      const due = this.#first.get(group, priority)
      const later = this.#firstLater.get(group, priority)
      const row = later !== undefined && goesFirst(later, due, now) ? this.#bySerial.get(integer(later, 'serial')) : due
      this.#blamed.touch(undefined)
      if (row === undefined || !this.#blamed.hasEntry(integer(row, 'serial'))) return row
      this.#blamed.addLane(lane)
    }
    const due = this.#firstReadable(group, priority, 0)
    const later = this.#firstReadable(group, priority, 1)
    const chosen = later !== undefined && goesFirst(later, due, now) ? later : due
    return chosen && this.#read(integer(chosen, 'serial'))
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

  /** `undefined` also where the index cannot be read before one is found. */
  #firstReadable(group: number, priority: number, later: number): Row | undefined {
    const lane = nameOf(group, priority)
    if (this.#blamed.hasIndex(lane)) return undefined
    this.#blamed.touch({ kind: 'index', lane })
    let found: Row | undefined
    for (const candidate of this.#candidates.iterate(group, priority, later)) {
      if (this.#blamed.hasEntry(integer(candidate, 'serial'))) continue
      found = candidate
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

/** Whether what waits for its time goes before what is due anyway. */
function goesFirst(later: Row, due: Row | undefined, now: number): boolean {
  if (due === undefined) return true
  const at = integer(later, 'not_before')
  const difference = at - integer(due, 'not_before')
  return at <= now && (difference < 0 || (difference === 0 && integer(later, 'serial') < integer(due, 'serial')))
}

/** A lane by name. */
function nameOf(group: number, priority: number): string {
  return `${group} ${priority}`
}
