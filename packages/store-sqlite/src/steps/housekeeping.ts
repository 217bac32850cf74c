/** Forgets what no longer matters: ids, marks, groups. A bounded piece at a time, within the writer's transactions. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** How often, in milliseconds, and how many rows of a table at a time. */
const EVERY_MS = 10_000
const ROWS = 2_000
/** How long a group without entries is remembered after its last feedback, and a journal's record. */
const FEEDBACK_MEMORY_MS = 3_600_000
const JOURNAL_MEMORY_MS = 7 * 86_400_000

/** The housekeeping of one database. */
export class Housekeeping {
  readonly #tasks: readonly { readonly statement: StatementSync; readonly agoMs: number }[]
  #last = -Infinity

  constructor(database: DatabaseSync) {
    const task = (sql: string, agoMs: number): { readonly statement: StatementSync; readonly agoMs: number } => ({
      statement: database.prepare(sql),
      agoMs,
    })
    this.#tasks = [
      // In the order they were written; a later one may only be forgotten later.
      task(
        `DELETE FROM settled WHERE serial IN (SELECT serial FROM settled ORDER BY serial LIMIT ${ROWS}) AND until < ?`,
        0,
      ),
      task(
        `DELETE FROM journal WHERE serial IN (SELECT serial FROM journal ORDER BY serial LIMIT ${ROWS}) AND kept_at < ?`,
        JOURNAL_MEMORY_MS,
      ),
      task(`DELETE FROM mark WHERE name IN (SELECT name FROM mark WHERE until < ? LIMIT ${ROWS})`, 0),
      task(`DELETE FROM bucket WHERE name IN (SELECT name FROM bucket WHERE full_at < ? LIMIT ${ROWS})`, 0),
      task(
        `DELETE FROM place WHERE (name, permit) IN (SELECT name, permit FROM place WHERE until < ? LIMIT ${ROWS})`,
        0,
      ),
      task(
        `DELETE FROM grp WHERE serial IN (SELECT serial FROM grp WHERE entries = 0 AND feedback_at < ? AND concurrency IS NULL
         AND opens_at IS NULL LIMIT ${ROWS})`,
        FEEDBACK_MEMORY_MS,
      ),
    ]
  }

  /** Does a piece if it is time. What transactions keep of groups must be written back, and forgotten after. */
  run(now: number): boolean {
    if (now >= this.#last && now - this.#last < EVERY_MS) return false
    this.#last = now
    for (const { statement, agoMs } of this.#tasks) statement.run(now - agoMs)
    return true
  }
}
