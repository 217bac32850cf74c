/**
 * Groups and lanes: what is ready, and whose turn it is.
 *
 * Rows touched in a transaction are kept until `flush` writes them back: a batch of a hundred entries for one group
 * writes its row once. Counters are kept, nothing is counted by scanning.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type GroupPace, isOpen, reopensAt } from '@postroad/queue'
import { integer, optionalInteger, type Row, text } from '../row.ts'

/** A group as it stands in the transaction. */
export interface GroupRow extends GroupPace {
  readonly serial: number
  readonly id: string
  entries: number
  held: number
  /** Whether its lanes were last written as those of an open group. */
  wasOpen: boolean
  opensAt: number | undefined
}

const DUE_LATER = 0
const READY = 1
const CLOSED = 2
/** Most lanes and groups that time opens in one look; the rest in the next. */
const LOOK = 1_000

/** The groups of one database. */
export class Groups {
  readonly #byId: Map<string, GroupRow> = new Map()
  readonly #bySerial: Map<number, GroupRow> = new Map()
  readonly #dirtyGroups: Set<GroupRow> = new Set()
  /** Lanes whose first entry may have changed, by group. */
  readonly #dirtyLanes: Map<GroupRow, Set<number>> = new Map()
  readonly #concurrency: number
  readonly #selectById: StatementSync
  readonly #selectBySerial: StatementSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #selectOpening: StatementSync
  readonly #lanesOf: StatementSync
  readonly #lane: StatementSync
  readonly #putLane: StatementSync
  readonly #deleteLane: StatementSync
  readonly #first: StatementSync
  readonly #lastTurn: StatementSync
  readonly #nextLane: StatementSync
  readonly #lanesDue: StatementSync
  readonly #nextDue: StatementSync
  readonly #nextOpening: StatementSync

  /** @param concurrency Of a group that has no limit of its own. */
  constructor(database: DatabaseSync, concurrency: number) {
    this.#concurrency = concurrency
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#selectById = prepare('SELECT * FROM grp WHERE id = ?')
    this.#selectBySerial = prepare('SELECT * FROM grp WHERE serial = ?')
    this.#insert = prepare(
      'INSERT INTO grp (id, entries, leased, held, open, paused_until, parked_until, feedback_at) VALUES (?, 0, 0, 0, 1, 0, 0, 0) RETURNING *',
    )
    this.#update = prepare(
      `UPDATE grp SET entries = ?, leased = ?, held = ?, open = ?, paused_until = ?, parked_until = ?, opens_at = ?,
       concurrency = ?, pace = ?, feedback_at = ? WHERE serial = ?`,
    )
    this.#selectOpening = prepare(
      'SELECT * FROM grp WHERE opens_at IS NOT NULL AND opens_at <= ? ORDER BY opens_at LIMIT ?',
    )
    this.#lanesOf = prepare('SELECT priority FROM lane WHERE grp = ?')
    this.#lane = prepare('SELECT state, due_at FROM lane WHERE grp = ? AND priority = ?')
    this.#putLane = prepare(
      `INSERT INTO lane (grp, priority, state, due_at, turn) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       state = excluded.state, due_at = excluded.due_at, turn = excluded.turn`,
    )
    this.#deleteLane = prepare('DELETE FROM lane WHERE grp = ? AND priority = ?')
    this.#first = prepare(
      'SELECT not_before FROM entry WHERE state = 0 AND grp = ? AND priority = ? ORDER BY not_before, serial LIMIT 1',
    )
    this.#lastTurn = prepare('SELECT turn FROM lane WHERE state = 1 AND priority = ? ORDER BY turn DESC LIMIT 1')
    // Not by one ORDER BY of both: that would sort every ready lane of the priority for each entry leased.
    this.#nextLane = prepare(
      `SELECT grp, priority FROM lane WHERE state = 1 AND priority = (SELECT max(priority) FROM lane WHERE state = 1)
       ORDER BY turn LIMIT 1`,
    )
    this.#lanesDue = prepare('SELECT grp, priority FROM lane WHERE state = 0 AND due_at <= ? ORDER BY due_at LIMIT ?')
    this.#nextDue = prepare('SELECT due_at AS at FROM lane WHERE state = 0 ORDER BY due_at LIMIT 1')
    this.#nextOpening = prepare('SELECT opens_at AS at FROM grp WHERE opens_at IS NOT NULL ORDER BY opens_at LIMIT 1')
  }

  /** Forgets what a transaction kept: to be called before each. */
  begin(): void {
    this.#byId.clear()
    this.#bySerial.clear()
    this.#dirtyGroups.clear()
    this.#dirtyLanes.clear()
  }

  /** The group, made where there is none. */
  named(id: string): GroupRow {
    return this.#byId.get(id) ?? this.#keep(this.#selectById.get(id) ?? this.#insert.get(id) ?? {})
  }

  /** The group with this serial. */
  at(serial: number): GroupRow {
    return this.#bySerial.get(serial) ?? this.#keep(this.#selectBySerial.get(serial) ?? {})
  }

  /** To be called after anything of the row was changed. */
  touch(group: GroupRow): void {
    this.#dirtyGroups.add(group)
  }

  /** To be called after an entry came into a lane or left it. */
  touchLane(group: GroupRow, priority: number): void {
    const lanes = this.#dirtyLanes.get(group)
    if (lanes === undefined) this.#dirtyLanes.set(group, new Set([priority]))
    else lanes.add(priority)
  }

  /** Whether one more entry of the group may be leased. */
  isOpen(group: GroupRow, now: number): boolean {
    return isOpen(group, this.#concurrency, now)
  }

  /** Writes back what was touched. */
  flush(now: number): void {
    for (const group of this.#dirtyGroups) {
      const open = this.isOpen(group, now)
      if (open !== group.wasOpen) {
        group.wasOpen = open
        for (const row of this.#lanesOf.iterate(group.serial)) this.touchLane(group, integer(row, 'priority'))
      }
      const opensAt = reopensAt(group, now)
      group.opensAt = opensAt === Infinity ? undefined : opensAt
      this.#update.run(
        group.entries,
        group.leased,
        group.held,
        open ? 1 : 0,
        group.pausedUntil,
        group.parkedUntil,
        group.opensAt ?? null,
        group.limit ?? null,
        group.window ?? null,
        group.feedbackAt,
        group.serial,
      )
    }
    this.#dirtyGroups.clear()
    for (const [group, priorities] of this.#dirtyLanes) {
      for (const priority of priorities) this.#refresh(group, priority, now, false)
    }
    this.#dirtyLanes.clear()
  }

  /** Opens what time has opened since the last look. */
  look(now: number): void {
    for (const row of this.#selectOpening.all(now, LOOK)) this.touch(this.at(integer(row, 'serial')))
    for (const row of this.#lanesDue.all(now, LOOK))
      this.touchLane(this.at(integer(row, 'grp')), integer(row, 'priority'))
    this.flush(now)
  }

  /** The lane whose turn it is. What was touched must be flushed. */
  next(): { readonly group: GroupRow; readonly priority: number } | undefined {
    const row = this.#nextLane.get()
    return row && { group: this.at(integer(row, 'grp')), priority: integer(row, 'priority') }
  }

  /** Ends the turn of a lane after one of its entries was leased, and brings the lane up to date. */
  endTurn(group: GroupRow, priority: number, now: number): void {
    if (this.isOpen(group, now) === group.wasOpen) this.#refresh(group, priority, now, true)
    else {
      this.touchLane(group, priority)
      this.flush(now)
    }
  }

  /** When time alone may open something; `undefined` where never. */
  wakeAt(): number | undefined {
    const due = this.#nextDue.get()
    const opening = this.#nextOpening.get()
    const at = Math.min(due ? integer(due, 'at') : Infinity, opening ? integer(opening, 'at') : Infinity)
    return at === Infinity ? undefined : at
  }

  #keep(row: Row): GroupRow {
    const group: GroupRow = {
      serial: integer(row, 'serial'),
      id: text(row, 'id'),
      entries: integer(row, 'entries'),
      leased: integer(row, 'leased'),
      held: integer(row, 'held'),
      wasOpen: integer(row, 'open') === 1,
      pausedUntil: integer(row, 'paused_until'),
      parkedUntil: integer(row, 'parked_until'),
      opensAt: optionalInteger(row, 'opens_at'),
      limit: optionalInteger(row, 'concurrency'),
      window: optionalInteger(row, 'pace'),
      feedbackAt: integer(row, 'feedback_at'),
    }
    this.#byId.set(group.id, group)
    this.#bySerial.set(group.serial, group)
    return group
  }

  #refresh(group: GroupRow, priority: number, now: number, endsTurn: boolean): void {
    const first = this.#first.get(group.serial, priority)
    if (first === undefined) {
      this.#deleteLane.run(group.serial, priority)
      return
    }
    const dueAt = integer(first, 'not_before')
    const state = group.wasOpen ? (dueAt <= now ? READY : DUE_LATER) : CLOSED
    const row = this.#lane.get(group.serial, priority)
    const isSame = row !== undefined && integer(row, 'state') === state
    if (isSame && !endsTurn && (state !== DUE_LATER || integer(row, 'due_at') === dueAt)) return
    const last = state === READY ? this.#lastTurn.get(priority) : undefined
    this.#putLane.run(group.serial, priority, state, dueAt, last === undefined ? 0 : integer(last, 'turn') + 1)
  }
}
