/** Groups counted, for control: pages of all, and of what has changed. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { closedUntil, concurrencyOf } from '@postroad/queue'
import type { CountsRow } from '../protocol.ts'
import { integer, optionalInteger, type Row, text } from '../row.ts'
import { NOT_TAKEN } from './due-rows.ts'
import { FOLLOWED_MS, formatPlace, isFollowed, parsePlace } from './feed.ts'

/** Up to so many that are not due are counted of a lane, before what is due is counted instead. */
const FEW = 10_000

/** What has changed since a place. */
export interface ChangedGroups {
  readonly items: readonly CountsRow[]
  readonly cursor: string
  /** Whether to say soon that somebody still follows. */
  readonly mustFollow: boolean
}

/** The counts of one database. */
export class Counts {
  readonly #database: DatabaseSync
  readonly #concurrency: number
  readonly #groups: StatementSync
  readonly #lanes: StatementSync
  readonly #waiting: StatementSync
  readonly #ready: StatementSync
  readonly #feed: StatementSync
  readonly #changed: StatementSync

  /** @param concurrency Of a group that has no limit of its own. */
  constructor(database: DatabaseSync, concurrency: number) {
    this.#database = database
    this.#concurrency = concurrency
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#groups = prepare('SELECT * FROM grp WHERE entries > 0 AND id > ? ORDER BY id LIMIT ?')
    this.#lanes = prepare('SELECT priority FROM lane WHERE grp = ?')
    this.#waiting = prepare(
      `SELECT count(*) AS n FROM (SELECT 1 FROM due WHERE grp = ? AND priority = ? AND later = 1 AND not_before > ?
       AND ${NOT_TAKEN} LIMIT ${FEW + 1})`,
    )
    this.#ready = prepare(
      `SELECT (SELECT count(*) FROM due WHERE grp = ? AND priority = ? AND later = 0 AND ${NOT_TAKEN}) +
       (SELECT count(*) FROM due WHERE grp = ? AND priority = ? AND later = 1 AND not_before <= ? AND ${NOT_TAKEN}) AS n`,
    )
    this.#feed = prepare('SELECT * FROM feed WHERE serial = 1')
    this.#changed = prepare(
      `SELECT * FROM grp WHERE changed IS NOT NULL AND changed >= ? AND (changed, serial) > (?, ?)
       ORDER BY changed, serial LIMIT ?`,
    )
  }

  /** Groups that have entries, in the order of their ids. */
  page(cursor: string | undefined, limit: number, now: number): Page {
    return this.#together(() => {
      const rows = this.#groups.all(cursor ?? '', limit + 1)
      const items = rows.slice(0, limit).map((row) => this.#count(row, now))
      return { items, cursor: rows.length > limit ? items.at(-1)?.group : undefined }
    })
  }

  /** Groups that have changed since; `undefined` where nobody knows any more. */
  changed(cursor: string, limit: number, now: number): ChangedGroups | undefined {
    return this.#together(() => {
      const feed = this.#feed.get() ?? {}
      const place = parsePlace(cursor)
      if (place === undefined || !isFollowed(feed, now) || place.epoch !== text(feed, 'epoch')) return undefined
      if (place.number < integer(feed, 'base') || place.number > integer(feed, 'number')) return undefined
      const rows = this.#changed.all(place.number, place.number, place.serial, limit)
      const last = rows.at(-1)
      return {
        items: rows.map((row) => this.#count(row, now)),
        cursor:
          last === undefined
            ? cursor
            : formatPlace({ ...place, number: integer(last, 'changed'), serial: integer(last, 'serial') }),
        mustFollow: integer(feed, 'until') - now < FOLLOWED_MS / 2,
      }
    })
  }

  #count(row: Row, now: number): CountsRow {
    const group = {
      leased: integer(row, 'leased'),
      pausedUntil: integer(row, 'paused_until'),
      parkedUntil: integer(row, 'parked_until'),
      limit: optionalInteger(row, 'concurrency'),
      window: optionalInteger(row, 'pace'),
      feedbackAt: 0,
    }
    const held = integer(row, 'held')
    const queued = integer(row, 'entries') - group.leased - held
    const ready = queued === 0 ? 0 : this.#countReady(integer(row, 'serial'), queued, now)
    return {
      group: text(row, 'id'),
      ready,
      waiting: queued - ready,
      leased: group.leased,
      held,
      pausedUntil: closedUntil(group, now) || undefined,
      concurrency: concurrencyOf(group, this.#concurrency, now),
    }
  }

  /** A backlog is mostly all due, or mostly not: the smaller part is counted where that can be told soon. */
  #countReady(serial: number, queued: number, now: number): number {
    const priorities = this.#lanes.all(serial).map((row) => integer(row, 'priority'))
    const count = (rowOf: (priority: number) => Row | undefined): number => {
      let sum = 0
      for (const priority of priorities) sum += integer(rowOf(priority) ?? {}, 'n')
      return sum
    }
    const waiting = count((priority) => this.#waiting.get(serial, priority, now))
    if (waiting <= FEW) return queued - waiting
    return count((priority) => this.#ready.get(serial, priority, serial, priority, now))
  }

  /** In one view of the database, so that a group's counters and its entries agree. */
  #together<Result>(read: () => Result): Result {
    this.#database.exec('BEGIN')
    try {
      return read()
    } finally {
      // Where damage was met, a commit would say so again.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    }
  }
}

interface Page {
  readonly items: readonly CountsRow[]
  readonly cursor: string | undefined
}
