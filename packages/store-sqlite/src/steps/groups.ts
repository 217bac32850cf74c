/**
 * Groups and lanes: what is ready, and whose turn it is.
 *
 * Rows touched in a transaction are kept until `flush` writes them back: a batch of a hundred entries for one group
 * writes its row once. Counters are kept, nothing is counted by scanning.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type GroupPace, isOpen, reopensAt } from '@postroad/queue'
import { integer, optionalInteger, type Row, text } from '../row.ts'
import type { DueRows, Taken } from './due-rows.ts'
import type { Feed } from './feed.ts'
import { Unreadable } from './unreadable.ts'

/** A group as it stands in the transaction. */
export interface GroupRow extends GroupPace {
  readonly serial: number
  readonly id: string
  entries: number
  held: number
  /** Whether its lanes were last written as those of an open group. */
  wasOpen: boolean
  opensAt: number | undefined
  /** Rows of `due` that were taken and are still there. */
  taken: number
  /** How far; `undefined` until somebody asks. To be used by `DueRows`. */
  takenUpTo: Taken | undefined
}

const DUE_LATER = 0
const READY = 1
const CLOSED = 2
/** None of its entries can be read. */
const DAMAGED = 3
const FIRST = -Number.MAX_SAFE_INTEGER
/** Most lanes and groups that time opens in one look; the rest in the next. */
const LOOK = 1_000

/** The groups of one database. */
export class Groups {
  readonly #byId: Map<string, GroupRow> = new Map()
  readonly #bySerial: Map<number, GroupRow> = new Map()
  readonly #dirtyGroups: Set<GroupRow> = new Set()
  /** Lanes whose first entry may have changed, by group. */
  readonly #dirtyLanes: Map<GroupRow, Set<number>> = new Map()
  /** Groups whose row cannot be read or written, by serial: they are passed over. */
  readonly #unreadable: Unreadable
  /** The group whose row is being read or written. */
  #at: number | undefined
  /** Lanes whose first entry cannot be told, for the index of what is due is damaged there: they are passed over. */
  readonly #brokenLanes: Set<string> = new Set()
  /** The lane whose first entry is being looked for. */
  #atLane: { readonly group: number; readonly priority: number } | undefined
  /** When time was last seen to in this transaction, all of it. */
  #lookedAt: number | undefined
  readonly #concurrency: number
  readonly #feed: Feed
  readonly #rows: DueRows
  readonly #selectById: StatementSync
  readonly #selectBySerial: StatementSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #updateFollowed: StatementSync
  readonly #selectOpening: StatementSync
  readonly #lanesOf: StatementSync
  readonly #lane: StatementSync
  readonly #putLane: StatementSync
  readonly #deleteLane: StatementSync
  readonly #nextLane: StatementSync
  readonly #lanesDue: StatementSync
  readonly #nextDue: StatementSync
  readonly #nextOpening: StatementSync
  readonly #setAside: StatementSync
  readonly #setAsideGroup: StatementSync

  /** @param concurrency Of a group that has no limit of its own. */
  constructor(database: DatabaseSync, concurrency: number, rows: DueRows, feed: Feed) {
    this.#concurrency = concurrency
    this.#rows = rows
    this.#feed = feed
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#selectById = prepare('SELECT * FROM grp WHERE id = ?')
    this.#selectBySerial = prepare('SELECT * FROM grp WHERE serial = ?')
    this.#unreadable = new Unreadable((serial) => this.#selectBySerial.get(serial))
    this.#insert = prepare(
      'INSERT INTO grp (id, entries, leased, held, open, paused_until, parked_until, feedback_at) VALUES (?, 0, 0, 0, 1, 0, 0, 0) RETURNING *',
    )
    const columns = `entries = ?, leased = ?, held = ?, open = ?, paused_until = ?, parked_until = ?, opens_at = ?,
       concurrency = ?, pace = ?, feedback_at = ?, taken = ?`
    this.#update = prepare(`UPDATE grp SET ${columns} WHERE serial = ?`)
    this.#updateFollowed = prepare(`UPDATE grp SET ${columns}, changed = ? WHERE serial = ?`)
    this.#selectOpening = prepare(
      'SELECT serial FROM grp WHERE opens_at IS NOT NULL AND opens_at <= ? ORDER BY opens_at LIMIT ?',
    )
    this.#lanesOf = prepare('SELECT priority FROM lane WHERE grp = ?')
    this.#lane = prepare('SELECT state, due_at FROM lane WHERE grp = ? AND priority = ?')
    this.#putLane = prepare(
      `INSERT INTO lane (grp, priority, state, due_at, turn) VALUES (?, ?, ?, ?, CASE ? WHEN ${READY} THEN
       coalesce((SELECT turn + 1 FROM lane WHERE state = 1 AND priority = ? ORDER BY turn DESC LIMIT 1), 0) ELSE 0 END)
       ON CONFLICT DO UPDATE SET state = excluded.state, due_at = excluded.due_at, turn = excluded.turn`,
    )
    this.#deleteLane = prepare('DELETE FROM lane WHERE grp = ? AND priority = ?')
    // Not by one ORDER BY of both: that would sort every ready lane of the priority for each entry leased.
    this.#nextLane = prepare(
      `SELECT grp, priority FROM lane WHERE state = 1 AND priority = (SELECT max(priority) FROM lane WHERE state = 1)
       ORDER BY turn LIMIT 1`,
    )
    this.#lanesDue = prepare('SELECT grp, priority FROM lane WHERE state = 0 AND due_at <= ? ORDER BY due_at LIMIT ?')
    this.#nextDue = prepare('SELECT due_at AS at FROM lane WHERE state = 0 ORDER BY due_at LIMIT 1')
    this.#nextOpening = prepare(
      'SELECT opens_at AS at FROM grp WHERE opens_at IS NOT NULL AND opens_at > ? ORDER BY opens_at LIMIT 1',
    )
    this.#setAside = prepare('UPDATE lane SET state = ?, due_at = ? WHERE grp = ? AND priority = ?')
    this.#setAsideGroup = prepare(`UPDATE lane SET state = ${DAMAGED} WHERE grp = ?`)
  }

  /** Forgets what a transaction kept: to be called before each. */
  begin(): void {
    this.#feed.begin()
    // Where the last transaction ended by another fault, nothing is to be blamed for damage that comes now.
    this.#at = undefined
    this.#atLane = undefined
    this.#lookedAt = undefined
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
    const kept = this.#bySerial.get(serial)
    if (kept !== undefined) return kept
    this.#at = serial
    const row = this.#selectBySerial.get(serial)
    this.#at = undefined
    return this.#keep(row ?? {})
  }

  /** As `at`; `undefined` where the group is passed over. */
  find(serial: number): GroupRow | undefined {
    return this.#unreadable.isEmpty || !this.#unreadable.has(serial) ? this.at(serial) : undefined
  }

  /** To be called after a transaction that met damage: passes the group, or the lane, over from now on where it was that. */
  blame(): boolean {
    const serial = this.#at
    const lane = this.#atLane
    this.#at = undefined
    this.#atLane = undefined
    if (lane !== undefined) this.#brokenLanes.add(nameOf(lane.group, lane.priority))
    return lane !== undefined || (serial !== undefined && this.#unreadable.add(serial))
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
      const values = [
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
        group.taken,
      ]
      const number = this.#feed.number(now)
      this.#at = group.serial
      if (number === undefined) this.#update.run(...values, group.serial)
      else this.#updateFollowed.run(...values, number, group.serial)
      this.#at = undefined
    }
    this.#dirtyGroups.clear()
    for (const [group, priorities] of this.#dirtyLanes) {
      for (const priority of priorities) this.#refresh(group, priority, now, false)
    }
    this.#dirtyLanes.clear()
  }

  /** Opens what time has opened since the last look, and writes back what was touched. Once in a transaction is enough. */
  look(now: number): void {
    if (this.#lookedAt !== now) this.#openDue(now)
    this.flush(now)
  }

  #openDue(now: number): void {
    const opening = this.#selectOpening.all(now, LOOK)
    for (const row of opening) {
      const group = this.find(integer(row, 'serial'))
      if (group !== undefined) this.touch(group)
    }
    const due = this.#lanesDue.all(now, LOOK)
    for (const row of due) {
      const serial = integer(row, 'grp')
      const group = this.find(serial)
      if (group === undefined) this.#setAsideGroup.run(serial)
      else this.touchLane(group, integer(row, 'priority'))
    }
    if (opening.length < LOOK && due.length < LOOK) this.#lookedAt = now
  }

  /** Passes a lane over whose first entries cannot be read, until the first that can is due; `undefined`: none can. */
  setAside(group: GroupRow, priority: number, dueAt: number | undefined): void {
    this.#setAside.run(dueAt === undefined ? DAMAGED : DUE_LATER, dueAt ?? 0, group.serial, priority)
  }

  /** The lane whose turn it is. What was touched must be flushed. */
  next(): { readonly group: GroupRow; readonly priority: number } | undefined {
    for (;;) {
      const row = this.#nextLane.get()
      if (row === undefined) return undefined
      const serial = integer(row, 'grp')
      const group = this.find(serial)
      if (group !== undefined) return { group, priority: integer(row, 'priority') }
      this.#setAsideGroup.run(serial)
    }
  }

  /** Ends the turn of a lane after one of its entries was leased, and brings the lane up to date. */
  endTurn(group: GroupRow, priority: number, now: number): void {
    if (this.isOpen(group, now) === group.wasOpen) this.#refresh(group, priority, now, true)
    else {
      this.touchLane(group, priority)
      this.flush(now)
    }
  }

  /** When time alone may open something; `undefined` where never. To be called after a look. */
  wakeAt(now: number): number | undefined {
    const due = this.#nextDue.get()
    const opening = this.#nextOpening.get(this.#unreadable.isEmpty ? FIRST : now)
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
      taken: integer(row, 'taken'),
      takenUpTo: undefined,
    }
    this.#byId.set(group.id, group)
    this.#bySerial.set(group.serial, group)
    return group
  }

  #refresh(group: GroupRow, priority: number, now: number, endsTurn: boolean): void {
    if (this.#brokenLanes.size > 0 && this.#brokenLanes.has(nameOf(group.serial, priority))) {
      this.#putLane.run(group.serial, priority, DAMAGED, 0, DAMAGED, priority)
      return
    }
    this.#atLane = { group: group.serial, priority }
    const due = this.#rows.first(group, priority, 0)
    const first = due ?? this.#rows.first(group, priority, 1)
    this.#atLane = undefined
    if (first === undefined) {
      this.#deleteLane.run(group.serial, priority)
      return
    }
    const dueAt = first.notBefore
    const isReady = due !== undefined || dueAt <= now
    const state = group.wasOpen ? (isReady ? READY : DUE_LATER) : CLOSED
    if (!endsTurn) {
      const row = this.#lane.get(group.serial, priority)
      const isSame = row !== undefined && integer(row, 'state') === state
      if (isSame && (state !== DUE_LATER || integer(row, 'due_at') === dueAt)) return
    }
    this.#putLane.run(group.serial, priority, state, dueAt, state, priority)
  }
}

/** A lane by name. */
function nameOf(group: number, priority: number): string {
  return `${group} ${priority}`
}
