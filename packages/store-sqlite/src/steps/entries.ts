/** Entries in the database: added, leased, renewed, settled. Each method is one atomic step of the transaction around it. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { feedPace, type JournalRecord } from '@postroad/queue'
import { entryId, messageOf } from '@postroad/envelope'
import type { LeasedRow, NewRow, SettleRequest, ThreadData } from '../protocol.ts'
import { bytes, integer, optionalText, type Row, text } from '../row.ts'
import type { Blamed } from './blamed.ts'
import type { Contents } from './contents.ts'
import { type DueEntries, type FirstEntry, isDue } from './due-entries.ts'
import { type DueRows, placeOf } from './due-rows.ts'
import type { GroupRow, Groups } from './groups.ts'

export const QUEUED = 0
export const LEASED = 1
export const HELD = 2
/** How long a nonce is. */
export const NONCE_CHARACTERS = 16

/**
 * The nonce of an entry that no lease names. As long as every other, as `lease_until` always holds an instant: so a lease
 * changes a row in its place, and pages that were filled by an enqueue are not split by a lease.
 */
export const FREE_NONCE: string = '-'.repeat(NONCE_CHARACTERS)
/** Why an entry is held that was done. */
const DONE_BUT_THERE = 'done; page damaged'

/** What the steps of entries are made of. */
export interface EntryParts {
  readonly groups: Groups
  readonly contents: Contents
  readonly blamed: Blamed
  readonly due: DueEntries
  readonly rows: DueRows
  readonly keepRecord: (record: JournalRecord, now: number) => void
  readonly options: ThreadData
  /** Secret text for a token, `NONCE_CHARACTERS` long. */
  readonly nonce: () => string
}

/** The entries of one database. */
export class Entries {
  readonly #parts: EntryParts
  readonly #blamed: Blamed
  readonly #due: DueEntries
  readonly #isKnown: StatementSync
  readonly #insert: StatementSync
  readonly #bySerial: StatementSync
  readonly #lease: StatementSync
  readonly #renew: StatementSync
  readonly #renewJob: StatementSync
  readonly #expire: StatementSync
  readonly #retry: StatementSync
  readonly #hold: StatementSync
  readonly #holdDone: StatementSync
  readonly #requeue: StatementSync
  readonly #move: StatementSync
  readonly #delete: StatementSync
  readonly #remember: StatementSync

  constructor(database: DatabaseSync, parts: EntryParts) {
    this.#parts = parts
    this.#blamed = parts.blamed
    this.#due = parts.due
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#isKnown = prepare(
      'SELECT 1 WHERE EXISTS (SELECT 1 FROM entry WHERE id = ?) OR EXISTS (SELECT 1 FROM settled WHERE id = ? AND until > ?)',
    )
    // One statement that also tells whether the id is known, for most are not. No parameter has a number: those of Node before
    // 24 cannot be given by place.
    this.#insert = prepare(
      `INSERT INTO entry (id, grp, state, priority, later, not_before, enqueued_at, leases, deaths, recovered, alone, nonce,
       lease_until, content, labels, job) SELECT ?, ?, 0, ?, ?, ?, ?, 0, 0, 0, 0, '${FREE_NONCE}', ?, ?, ?, coalesce(?, x'')
       WHERE NOT EXISTS (SELECT 1 FROM settled WHERE id = ? AND until > ?) ON CONFLICT (id) DO NOTHING`,
    )
    this.#bySerial = prepare('SELECT * FROM entry WHERE serial = ?')
    this.#lease = prepare(
      `UPDATE entry SET state = 1, nonce = ?, lease_until = ?, leases = leases + 1, alone = recovered, recovered = 0
       WHERE serial = ?`,
    )
    this.#renew = prepare(
      'UPDATE entry SET state = 1, lease_until = ?, deaths = deaths - (recovered AND alone), recovered = 0 WHERE serial = ?',
    )
    this.#renewJob = prepare("UPDATE entry SET job = coalesce(?, x'') WHERE serial = ?")
    this.#expire = prepare('UPDATE entry SET state = 0, recovered = 1, deaths = ? WHERE serial = ?')
    this.#retry = prepare(
      `UPDATE entry SET state = 0, job = coalesce(?, x''), later = ?, not_before = ?, grp = ?, nonce = '${FREE_NONCE}', deaths = 0,
       recovered = 0, alone = 0, last_reply = coalesce(?, last_reply) WHERE serial = ?`,
    )
    this.#hold = prepare(
      `UPDATE entry SET state = 2, held_for = ?, nonce = '${FREE_NONCE}', deaths = 0, recovered = 0, alone = 0,
       job = coalesce(?, job), last_reply = coalesce(?, last_reply) WHERE serial = ?`,
    )
    // What comes is as long as what goes: the row is changed in its place, which no other page has a part in.
    this.#holdDone = prepare(
      `UPDATE entry SET state = 2, held_for = '${DONE_BUT_THERE}', nonce = '${FREE_NONCE}', recovered = 0, alone = 0,
       job = substr(job, 1, max(0, length(job) - ${DONE_BUT_THERE.length})) WHERE serial = ?`,
    )
    this.#requeue = prepare(
      `UPDATE entry SET state = 0, later = 0, not_before = ?, held_for = NULL, nonce = '${FREE_NONCE}', deaths = 0, recovered = 0, alone = 0
       WHERE serial = ?`,
    )
    this.#move = prepare('UPDATE entry SET grp = ? WHERE serial = ?')
    this.#delete = prepare('DELETE FROM entry WHERE serial = ?')
    this.#remember = prepare('INSERT OR REPLACE INTO settled (id, until) VALUES (?, ?)')
  }

  /** Adds those that are not known, all or none; gives the contents that were named. */
  add(rows: readonly NewRow[], now: number): readonly string[] {
    const { groups, contents, rows: rowsOfLanes } = this.#parts
    // What may not be there is looked for before anything is written: content that does not come along whole.
    const looked = new Set<string>()
    for (const { id, content } of rows) {
      const mayBeMissing = content !== undefined && content.sealed?.isFile !== false
      if (mayBeMissing && !looked.has(id) && this.#isKnown.get(id, id, now) === undefined) contents.require(content)
      looked.add(id)
    }
    const named: string[] = []
    for (const { id, job, group, priority, notBefore, labels, content } of rows) {
      const row = groups.named(group)
      const due = [notBefore > now ? 1 : 0, Math.max(now, notBefore)] as const
      const { changes, lastInsertRowid } = this.#insert.run(
        id,
        row.serial,
        priority,
        ...due,
        now,
        now,
        content?.id ?? null,
        labels,
        job,
        id,
        now,
      )
      if (changes === 0) continue
      const [later, instant] = due
      rowsOfLanes.put(row, priority, later, { notBefore: instant, serial: Number(lastInsertRowid) })
      if (content !== undefined) {
        contents.name(content)
        named.push(content.id)
      }
      row.entries += 1
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
    if (durationMs <= 0) this.#due.begin()
    const leases: LeasedRow[] = []
    while (leases.length < limit) {
      const turn = groups.next()
      if (turn === undefined) break
      const { group, priority } = turn
      const first = this.#due.first(group, priority, now)
      if (first === undefined || !isDue(first.row, now) || !groups.isOpen(group, now)) {
        groups.touch(group)
        groups.touchLane(group, priority)
        groups.flush(now)
        // Its first entry is due by its place in the lane, which is why it came up; and would again.
        const comesAgain = first === undefined || this.#due.isCareful(group.serial, priority)
        if (groups.isOpen(group, now) && comesAgain)
          groups.setAside(group, priority, first && integer(first.row, 'not_before'))
        continue
      }
      const recovered = integer(first.row, 'recovered') === 1
      if (recovered && leases.length > 0) break
      leases.push(this.#leaseOne(first, group, recovered, now + durationMs))
      groups.endTurn(group, priority, now)
      if (recovered) break
    }
    return leases
  }

  /** Makes entries due whose lease ran out, or holds them as poison. */
  expire(now: number): void {
    const { groups, options, rows } = this.#parts
    for (const row of this.#due.expired(now)) {
      this.#blamed.touch({ kind: 'entry', serial: integer(row, 'serial') })
      const group = groups.find(integer(row, 'grp'))
      if (group === undefined) continue
      const deaths = integer(row, 'deaths') + integer(row, 'alone')
      group.leased -= 1
      groups.touch(group)
      if (deaths >= options.poisonDeaths) {
        this.#hold.run(`its worker died ${deaths} times while it had nothing else`, null, null, integer(row, 'serial'))
        group.held += 1
      } else {
        this.#expire.run(deaths, integer(row, 'serial'))
        rows.put(group, integer(row, 'priority'), integer(row, 'later'), placeOf(row))
        groups.touchLane(group, integer(row, 'priority'))
      }
    }
    this.#blamed.touch(undefined)
  }

  /** Extends a lease; `false` where it is lost. */
  renew(token: string, durationMs: number, job: Uint8Array | undefined, now: number): boolean {
    const { groups, rows } = this.#parts
    const row = this.#leased(token)
    if (row === undefined) return false
    const serial = integer(row, 'serial')
    this.#renew.run(now + durationMs, serial)
    if (durationMs <= 0) this.#due.begin()
    if (job !== undefined) this.#renewJob.run(job, serial)
    if (integer(row, 'state') === QUEUED) {
      const group = groups.at(integer(row, 'grp'))
      group.leased += 1
      rows.remove(group, row)
      groups.touch(group)
      groups.touchLane(group, integer(row, 'priority'))
    }
    return true
  }

  /** Ends a lease; gives the contents that were named, or `undefined` where it is lost. */
  settle({ token, spawn, record, feedback, end }: SettleRequest, now: number): readonly string[] | undefined {
    const { groups, options, rows } = this.#parts
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
        this.#hold.run(end.reason, end.job, end.reply ?? null, serial)
        group.held += 1
      } else {
        const target = end.group === undefined ? group : groups.named(end.group)
        group.entries -= 1
        target.entries += 1
        const later = end.notBefore > now ? 1 : 0
        const notBefore = Math.max(now, end.notBefore)
        this.#retry.run(end.job, later, notBefore, target.serial, end.reply ?? null, serial)
        rows.put(target, priority, later, { notBefore, serial })
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
    this.#hold.run(reason, null, null, integer(row, 'serial'))
    group.held += 1
  }

  /** Makes an entry that is not leased due now. */
  requeue(row: Row, now: number): void {
    const group = this.#leave(row)
    const serial = integer(row, 'serial')
    this.#requeue.run(now, serial)
    this.#parts.rows.put(group, integer(row, 'priority'), 0, { notBefore: now, serial })
    this.#parts.groups.touchLane(group, integer(row, 'priority'))
  }

  /** Moves an entry that is not leased to another group. */
  move(row: Row, to: string): void {
    const { groups, rows } = this.#parts
    const from = this.#leave(row)
    const target = groups.named(to)
    from.entries -= 1
    target.entries += 1
    const state = integer(row, 'state')
    if (state === HELD) target.held += 1
    if (state === QUEUED) rows.put(target, integer(row, 'priority'), integer(row, 'later'), placeOf(row))
    this.#move.run(target.serial, integer(row, 'serial'))
    groups.touch(target)
    groups.touchLane(target, integer(row, 'priority'))
  }

  /** Removes an entry, and its content where nothing else needs that; its id is remembered. */
  remove(row: Row, now: number): void {
    const { contents, options } = this.#parts
    const group = this.#leave(row)
    const serial = integer(row, 'serial')
    if (this.#blamed.hasRemoval(serial)) {
      // It must not come back: it would be delivered again and again.
      this.#holdDone.run(serial)
      group.held += 1
      return
    }
    group.entries -= 1
    this.#blamed.touch({ kind: 'removal', serial })
    this.#delete.run(serial)
    this.#blamed.touch(undefined)
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
    if (state === QUEUED) this.#parts.rows.remove(group, row)
    groups.touch(group)
    groups.touchLane(group, integer(row, 'priority'))
    return group
  }

  #leaseOne({ row, isFront }: FirstEntry, group: GroupRow, recovered: boolean, until: number): LeasedRow {
    const nonce = this.#parts.nonce()
    const serial = integer(row, 'serial')
    this.#blamed.touch({ kind: 'entry', serial })
    this.#lease.run(nonce, until, serial)
    this.#parts.rows.take(group, row, isFront)
    this.#blamed.touch(undefined)
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
    const nonce = token.slice(dot + 1)
    return row !== undefined && nonce !== FREE_NONCE && row['nonce'] === nonce ? row : undefined
  }
}
