/**
 * The queued entries of each lane in their order: rows of `due`, put with an entry that becomes queued and gone with it.
 *
 * Groups take turns, so where many groups are long, one lease after the other finds its entry on another page, and to
 * write each of those pages would cost more than all else. So an entry that is leased from the front of a long group
 * leaves its row there: `taken` says how far its lane was leased, and rows up to that go some sixty at a time. Short
 * groups lie many to a page, and their rows go at once.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Bounds } from '../bounds.ts'
import { integer, type Row } from '../row.ts'
import type { GroupRow } from './groups.ts'

/** In front of every place of a lane. */
const FRONT: PlaceInLane = { notBefore: -Number.MAX_SAFE_INTEGER, serial: -Number.MAX_SAFE_INTEGER }

/** As a condition on a row of `due`: that it was not taken. */
export const NOT_TAKEN: string = `NOT EXISTS (SELECT 1 FROM taken t WHERE t.grp = due.grp AND t.priority = due.priority AND
  t.later = due.later AND (t.not_before, t.serial) >= (due.not_before, due.serial))`

/** A place in one of the two orders of a lane: by `not_before`, then by arrival. */
export interface PlaceInLane {
  readonly notBefore: number
  readonly serial: number
}

/** When rows that were taken go. */
export type DueBounds = Pick<Bounds, 'shortGroup' | 'takenPlaces'>

/** What was taken of a group, by priority and `later`. */
export type Taken = Map<string, PlaceInLane>

/** The rows of one database. */
export class DueRows {
  readonly #bounds: DueBounds
  readonly #insert: StatementSync
  readonly #delete: StatementSync
  readonly #first: StatementSync
  readonly #taken: StatementSync
  readonly #putTaken: StatementSync
  readonly #deleteTaken: StatementSync
  readonly #deleteUpTo: StatementSync

  constructor(database: DatabaseSync, bounds: DueBounds) {
    this.#bounds = bounds
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#insert = prepare('INSERT INTO due (grp, priority, later, not_before, serial) VALUES (?, ?, ?, ?, ?)')
    const lane = 'grp = ? AND priority = ? AND later = ?'
    this.#delete = prepare(`DELETE FROM due WHERE ${lane} AND not_before = ? AND serial = ?`)
    this.#first = prepare(
      `SELECT not_before, serial FROM due WHERE ${lane} AND (not_before, serial) > (?, ?) ORDER BY not_before, serial LIMIT 1`,
    )
    this.#taken = prepare('SELECT priority, later, not_before, serial FROM taken WHERE grp = ?')
    this.#putTaken = prepare(
      'INSERT OR REPLACE INTO taken (grp, priority, later, not_before, serial) VALUES (?, ?, ?, ?, ?)',
    )
    this.#deleteTaken = prepare('DELETE FROM taken WHERE grp = ?')
    this.#deleteUpTo = prepare(`DELETE FROM due WHERE ${lane} AND (not_before, serial) <= (?, ?)`)
  }

  /** The first place of a lane in one of its orders; `undefined` where there is none. */
  first(group: GroupRow, priority: number, later: number): PlaceInLane | undefined {
    const { notBefore, serial } = this.takenOf(group, priority, later)
    const row = this.#first.get(group.serial, priority, later, notBefore, serial)
    return row && placeOf(row)
  }

  /** How far a lane was taken in one of its orders: rows up to and with that are of no meaning. */
  takenOf(group: GroupRow, priority: number, later: number): PlaceInLane {
    return group.taken === 0 ? FRONT : (this.#takenOf(group).get(nameOf(priority, later)) ?? FRONT)
  }

  /** Puts an entry that becomes queued into its lane. The group is to be touched. */
  put(group: GroupRow, priority: number, later: number, place: PlaceInLane): void {
    if (!isBehind(place, this.takenOf(group, priority, later))) this.#clear(group)
    this.#insert.run(group.serial, priority, later, place.notBefore, place.serial)
  }

  /** Removes a queued entry from its lane, by its row of `entry`. The group is to be touched. */
  remove(group: GroupRow, row: Row): void {
    const { notBefore, serial } = placeOf(row)
    this.#delete.run(group.serial, integer(row, 'priority'), integer(row, 'later'), notBefore, serial)
    this.#clearShort(group)
  }

  /**
   * Takes a queued entry, by its row of `entry`, for a lease. The group is to be touched.
   *
   * @param isFirst Whether it is the first of its lane in its order; else its row goes at once.
   */
  take(group: GroupRow, row: Row, isFirst: boolean): void {
    if (!isFirst) {
      const { notBefore, serial } = placeOf(row)
      this.#delete.run(group.serial, integer(row, 'priority'), integer(row, 'later'), notBefore, serial)
      return
    }
    if (this.#isShort(group)) {
      this.remove(group, row)
      return
    }
    const [priority, later, place] = [integer(row, 'priority'), integer(row, 'later'), placeOf(row)]
    this.#takenOf(group).set(nameOf(priority, later), place)
    group.taken += 1
    this.#putTaken.run(group.serial, priority, later, place.notBefore, place.serial)
    if (group.taken >= this.#bounds.takenPlaces) this.#clear(group)
  }

  #clearShort(group: GroupRow): void {
    if (group.taken > 0 && this.#isShort(group)) this.#clear(group)
  }

  #isShort({ entries, leased, held }: GroupRow): boolean {
    return entries - leased - held <= this.#bounds.shortGroup
  }

  /** Removes the rows that were taken. */
  #clear(group: GroupRow): void {
    for (const row of this.#taken.all(group.serial)) {
      const { notBefore, serial } = placeOf(row)
      this.#deleteUpTo.run(group.serial, integer(row, 'priority'), integer(row, 'later'), notBefore, serial)
    }
    this.#deleteTaken.run(group.serial)
    group.taken = 0
    group.takenUpTo = undefined
  }

  #takenOf(group: GroupRow): Taken {
    group.takenUpTo ??= new Map(
      group.taken === 0
        ? []
        : this.#taken
            .all(group.serial)
            .map((row) => [nameOf(integer(row, 'priority'), integer(row, 'later')), placeOf(row)] as const),
    )
    return group.takenUpTo
  }
}

/** Whether one place comes behind another. */
export function isBehind(one: PlaceInLane, other: PlaceInLane): boolean {
  return one.notBefore > other.notBefore || (one.notBefore === other.notBefore && one.serial > other.serial)
}

/** The place that a row tells. */
export function placeOf(row: Row): PlaceInLane {
  return { notBefore: integer(row, 'not_before'), serial: integer(row, 'serial') }
}

/** One order of a lane among those of its group. */
function nameOf(priority: number, later: number): string {
  return `${priority} ${later}`
}
