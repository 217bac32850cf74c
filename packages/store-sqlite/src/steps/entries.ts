/** Entries in the database: added, leased, renewed, settled. Each method is one atomic step of the transaction around it. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { feedPace, type JournalRecord } from '@postroad/queue'
import { entryId, messageOf } from '@postroad/envelope'
import type { LeasedRow, NewRow, SettleRequest, ThreadData } from '../protocol.ts'
import { bytes, integer, optionalText, type Row, text } from '../row.ts'
import type { Contents } from './contents.ts'
import type { GroupRow, Groups } from './groups.ts'

export const QUEUED = 0
export const LEASED = 1
export const HELD = 2
/** Most leases that are looked at for having run out in one look. */
const LOOK = 1_000

/** What the steps of entries are made of. */
export interface EntryParts {
  readonly groups: Groups
  readonly contents: Contents
  readonly keepRecord: (record: JournalRecord, now: number) => void
  readonly options: ThreadData
  /** Secret text for a token. */
  readonly nonce: () => string
}

/** The entries of one database. */
export class Entries {
  readonly #parts: EntryParts
  readonly #isKnown: StatementSync
  readonly #isSettled: StatementSync
  readonly #insert: StatementSync
  readonly #bySerial: StatementSync
  readonly #first: StatementSync
  readonly #expired: StatementSync
  readonly #nextExpiry: StatementSync
  readonly #lease: StatementSync
  readonly #renew: StatementSync
  readonly #renewJob: StatementSync
  readonly #expire: StatementSync
  readonly #retry: StatementSync
  readonly #hold: StatementSync
  readonly #requeue: StatementSync
  readonly #move: StatementSync
  readonly #delete: StatementSync
  readonly #remember: StatementSync

  constructor(database: DatabaseSync, parts: EntryParts) {
    this.#parts = parts
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#isKnown = prepare('SELECT 1 FROM entry WHERE id = ?')
    this.#isSettled = prepare('SELECT 1 FROM settled WHERE id = ? AND until > ?')
    this.#insert = prepare(
      `INSERT INTO entry (id, grp, state, priority, not_before, enqueued_at, leases, deaths, recovered, alone, content, labels, job)
       VALUES (?, ?, 0, ?, ?, ?, 0, 0, 0, 0, ?, ?, ?)`,
    )
    this.#bySerial = prepare('SELECT * FROM entry WHERE serial = ?')
    this.#first = prepare(
      'SELECT * FROM entry WHERE state = 0 AND grp = ? AND priority = ? ORDER BY not_before, serial LIMIT 1',
    )
    this.#expired = prepare(
      'SELECT serial, grp, priority, deaths, alone FROM entry WHERE state = 1 AND lease_until <= ? ORDER BY lease_until LIMIT ?',
    )
    this.#nextExpiry = prepare('SELECT lease_until AS at FROM entry WHERE state = 1 ORDER BY lease_until LIMIT 1')
    this.#lease = prepare(
      `UPDATE entry SET state = 1, nonce = ?, lease_until = ?, leases = leases + 1, alone = recovered, recovered = 0
       WHERE serial = ?`,
    )
    this.#renew = prepare(
      'UPDATE entry SET state = 1, lease_until = ?, deaths = deaths - (recovered AND alone), recovered = 0 WHERE serial = ?',
    )
    this.#renewJob = prepare('UPDATE entry SET job = ? WHERE serial = ?')
    this.#expire = prepare('UPDATE entry SET state = 0, recovered = 1, deaths = ?, lease_until = NULL WHERE serial = ?')
    this.#retry = prepare(
      `UPDATE entry SET state = 0, job = ?, not_before = ?, grp = ?, nonce = NULL, lease_until = NULL, deaths = 0,
       recovered = 0, alone = 0 WHERE serial = ?`,
    )
    this.#hold = prepare(
      `UPDATE entry SET state = 2, held_for = ?, nonce = NULL, lease_until = NULL, deaths = 0, recovered = 0, alone = 0,
       job = coalesce(?, job) WHERE serial = ?`,
    )
    this.#requeue = prepare(
      `UPDATE entry SET state = 0, not_before = ?, held_for = NULL, nonce = NULL, deaths = 0, recovered = 0, alone = 0
       WHERE serial = ?`,
    )
    this.#move = prepare('UPDATE entry SET grp = ? WHERE serial = ?')
    this.#delete = prepare('DELETE FROM entry WHERE serial = ?')
    this.#remember = prepare('INSERT OR REPLACE INTO settled (id, until) VALUES (?, ?)')
  }

  /** Adds those that are not known, all or none; gives the contents that were named. */
  add(rows: readonly NewRow[], now: number): readonly string[] {
    const { groups, contents } = this.#parts
    const added = new Map<string, NewRow>()
    for (const row of rows) {
      if (added.has(row.id) || this.#isKnown.get(row.id) !== undefined) continue
      if (this.#isSettled.get(row.id, now) !== undefined) continue
      if (row.content !== undefined) contents.require(row.content)
      added.set(row.id, row)
    }
    const named: string[] = []
    for (const { id, job, group, priority, notBefore, labels, content } of added.values()) {
      if (content !== undefined) {
        contents.name(content)
        named.push(content.id)
      }
      const row = groups.named(group)
      row.entries += 1
      this.#insert.run(id, row.serial, priority, Math.max(now, notBefore), now, content?.id ?? null, labels, job)
      groups.touch(row)
      groups.touchLane(row, priority)
    }
    return named
  }

  /** Leases up to `limit` entries that are due. */
  lease(limit: number, durationMs: number, now: number): readonly LeasedRow[] {
    const { groups } = this.#parts
    this.expire(now)
    groups.look(now)
    const leases: LeasedRow[] = []
    while (leases.length < limit) {
      const turn = groups.next()
      if (turn === undefined) break
      const { group, priority } = turn
      const row = this.#first.get(group.serial, priority)
      if (row === undefined || integer(row, 'not_before') > now || !groups.isOpen(group, now)) {
        groups.touch(group)
        groups.touchLane(group, priority)
        groups.flush(now)
        continue
      }
      const recovered = integer(row, 'recovered') === 1
      if (recovered && leases.length > 0) break
      leases.push(this.#leaseOne(row, group, recovered, now + durationMs))
      groups.endTurn(group, priority, now)
      if (recovered) break
    }
    return leases
  }

  /** When a lease runs out next; `undefined` where none is out. */
  nextExpiry(): number | undefined {
    const row = this.#nextExpiry.get()
    return row && integer(row, 'at')
  }

  /** Makes entries due whose lease ran out, or holds them as poison. */
  expire(now: number): void {
    const { groups, options } = this.#parts
    for (const row of this.#expired.all(now, LOOK)) {
      const group = groups.at(integer(row, 'grp'))
      const deaths = integer(row, 'deaths') + integer(row, 'alone')
      group.leased -= 1
      groups.touch(group)
      if (deaths >= options.poisonDeaths) {
        this.#hold.run(`its worker died ${deaths} times while it had nothing else`, null, integer(row, 'serial'))
        group.held += 1
      } else {
        this.#expire.run(deaths, integer(row, 'serial'))
        groups.touchLane(group, integer(row, 'priority'))
      }
    }
  }

  /** Extends a lease; `false` where it is lost. */
  renew(token: string, durationMs: number, job: Uint8Array | undefined, now: number): boolean {
    const { groups } = this.#parts
    const row = this.#leased(token)
    if (row === undefined) return false
    const serial = integer(row, 'serial')
    this.#renew.run(now + durationMs, serial)
    if (job !== undefined) this.#renewJob.run(job, serial)
    if (integer(row, 'state') === QUEUED) {
      const group = groups.at(integer(row, 'grp'))
      group.leased += 1
      groups.touch(group)
      groups.touchLane(group, integer(row, 'priority'))
    }
    return true
  }

  /** Ends a lease; gives the contents that were named, or `undefined` where it is lost. */
  settle({ token, spawn, record, feedback, end }: SettleRequest, now: number): readonly string[] | undefined {
    const { groups, options } = this.#parts
    const row = this.#leased(token)
    if (row === undefined) return undefined
    const serial = integer(row, 'serial')
    const priority = integer(row, 'priority')
    const group = groups.at(integer(row, 'grp'))
    // What may fail comes first; what is spawned may need the content that the settled entry holds.
    const named = this.add(spawn, now)
    if (end.kind === 'done') this.remove(row, now)
    else {
      this.#leave(row)
      if (end.kind === 'hold') {
        this.#hold.run(end.reason, end.job, serial)
        group.held += 1
      } else {
        const target = end.group === undefined ? group : groups.named(end.group)
        group.entries -= 1
        target.entries += 1
        this.#retry.run(end.job, Math.max(now, end.notBefore), target.serial, serial)
        groups.touch(target)
        groups.touchLane(target, priority)
      }
    }
    if (feedback !== undefined) feedPace(group, feedback, options.groupConcurrency, now)
    groups.touch(group)
    if (record !== undefined) {
      const id = entryId(text(row, 'id'))
      this.#parts.keepRecord({ ...record, message: messageOf(id), entry: id }, now)
    }
    return named
  }

  /** Holds an entry that is not leased. */
  hold(row: Row, reason: string): void {
    const group = this.#leave(row)
    this.#hold.run(reason, null, integer(row, 'serial'))
    group.held += 1
  }

  /** Makes an entry that is not leased due now. */
  requeue(row: Row, now: number): void {
    const group = this.#leave(row)
    this.#requeue.run(now, integer(row, 'serial'))
    this.#parts.groups.touchLane(group, integer(row, 'priority'))
  }

  /** Moves an entry that is not leased to another group. */
  move(row: Row, to: string): void {
    const { groups } = this.#parts
    const from = this.#leave(row)
    const target = groups.named(to)
    from.entries -= 1
    target.entries += 1
    if (integer(row, 'state') === HELD) target.held += 1
    this.#move.run(target.serial, integer(row, 'serial'))
    groups.touch(target)
    groups.touchLane(target, integer(row, 'priority'))
  }

  /** Removes an entry, and its content where nothing else needs that; its id is remembered. */
  remove(row: Row, now: number): void {
    const { contents, options } = this.#parts
    const group = this.#leave(row)
    group.entries -= 1
    this.#delete.run(integer(row, 'serial'))
    this.#remember.run(text(row, 'id'), now + options.settledMemoryMs)
    const content = optionalText(row, 'content')
    if (content !== undefined) contents.release(content)
  }

  /** Uncounts an entry from the state it is in. */
  #leave(row: Row): GroupRow {
    const { groups } = this.#parts
    const group = groups.at(integer(row, 'grp'))
    const state = integer(row, 'state')
    if (state === LEASED) group.leased -= 1
    if (state === HELD) group.held -= 1
    groups.touch(group)
    groups.touchLane(group, integer(row, 'priority'))
    return group
  }

  #leaseOne(row: Row, group: GroupRow, recovered: boolean, until: number): LeasedRow {
    const nonce = this.#parts.nonce()
    const serial = integer(row, 'serial')
    this.#lease.run(nonce, until, serial)
    group.leased += 1
    this.#parts.groups.touch(group)
    return {
      token: `${serial}.${nonce}`,
      id: text(row, 'id'),
      job: bytes(row, 'job'),
      group: group.id,
      content: optionalText(row, 'content'),
      priority: integer(row, 'priority'),
      labels: text(row, 'labels'),
      attempt: integer(row, 'leases'),
      recovered,
      enqueuedAt: integer(row, 'enqueued_at'),
    }
  }

  /** The entry whose last lease has this token. */
  #leased(token: string): Row | undefined {
    const dot = token.indexOf('.')
    const serial = Number(token.slice(0, dot))
    if (dot < 1 || !Number.isSafeInteger(serial)) return undefined
    const row = this.#bySerial.get(serial)
    return row !== undefined && row['nonce'] === token.slice(dot + 1) ? row : undefined
  }
}
