/**
 * Forgets what no longer matters: ids, records, marks, groups. A bounded piece at a time, within the writer's
 * transactions; where a piece was full, the next transaction does another, so that nothing comes faster than it goes.
 */

import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { isDamaged } from '../faults.ts'
import type { Feed } from './feed.ts'

/** How often, in milliseconds, and how many rows of a table at a time. */
const EVERY_MS = 10_000
const ROWS = 2_000
/** How long a group without entries is remembered after its last feedback, and a journal's record. */
const FEEDBACK_MEMORY_MS = 3_600_000
const JOURNAL_MEMORY_MS = 7 * 86_400_000

/** One table's piece: gives how many rows went. */
type Task = (now: number) => number

/** What bounds the tables. */
export interface HousekeepingOptions {
  /** How long the id of a settled entry is remembered, in milliseconds. */
  readonly settledMemoryMs: number
  /** Records kept in the journal in all. */
  readonly journalTotal: number
}

/** The housekeeping of one database. */
export class Housekeeping {
  readonly #tasks: readonly Task[]
  #last = -Infinity
  /** The task under way, and those that met damage: they are left alone. */
  #at: Task | undefined
  readonly #broken: Set<Task> = new Set()

  constructor(database: DatabaseSync, { settledMemoryMs, journalTotal }: HousekeepingOptions, feed: Feed) {
    const task = (sql: string, values: (now: number) => readonly SQLInputValue[]): Task => {
      const statement = database.prepare(sql)
      return (now) => Number(statement.run(...values(now)).changes)
    }
    this.#tasks = [
      // In the order they were written; a later one may only be forgotten later. What lies further ahead than it can is
      // from a clock that was wrong, and would keep all behind it.
      task(
        `DELETE FROM settled WHERE serial IN (SELECT serial FROM settled ORDER BY serial LIMIT ${ROWS})
         AND (until < ? OR until > ?)`,
        (now) => [now, now + 2 * settledMemoryMs],
      ),
      // Serials that are free in between were of records that went early: so never more than the total are there.
      task(
        `DELETE FROM journal WHERE serial IN (SELECT serial FROM journal ORDER BY serial LIMIT ${ROWS})
         AND (kept_at < ? OR kept_at > ? OR serial <= (SELECT max(serial) FROM journal) - ?)`,
        (now) => [now - JOURNAL_MEMORY_MS, now + JOURNAL_MEMORY_MS, journalTotal],
      ),
      task(`DELETE FROM mark WHERE name IN (SELECT name FROM mark WHERE until < ? LIMIT ${ROWS})`, (now) => [now]),
      task(`DELETE FROM bucket WHERE name IN (SELECT name FROM bucket WHERE full_at < ? LIMIT ${ROWS})`, (now) => [
        now,
      ]),
      task(
        `DELETE FROM place WHERE (name, permit) IN (SELECT name, permit FROM place WHERE until < ? LIMIT ${ROWS})`,
        (now) => [now],
      ),
      task(
        `DELETE FROM grp WHERE serial IN (SELECT serial FROM grp WHERE entries = 0 AND feedback_at < ? AND concurrency IS NULL
         AND opens_at IS NULL AND taken = 0 AND (changed IS NULL OR changed <= ?) LIMIT ${ROWS})`,
        (now) => [now - FEEDBACK_MEMORY_MS, feed.forgettable(now)],
      ),
    ]
  }

  /** Does a piece if it is time. What transactions keep of groups must be written back, and forgotten after. */
  run(now: number): boolean {
    if (now >= this.#last && now - this.#last < EVERY_MS) return false
    let isMore = false
    for (const task of this.#tasks) {
      if (this.#broken.has(task)) continue
      this.#at = task
      try {
        isMore = task(now) >= ROWS || isMore
      } catch (error) {
        // Only damage is to be blamed.
        if (!isDamaged(error)) this.#at = undefined
        throw error
      }
    }
    this.#at = undefined
    this.#last = isMore ? -Infinity : now
    return true
  }

  /** To be called after a transaction that met damage: leaves the table alone where that was here. */
  blame(): boolean {
    if (this.#at === undefined) return false
    this.#broken.add(this.#at)
    this.#at = undefined
    return true
  }
}
