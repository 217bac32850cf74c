/**
 * Forgets what no longer matters: ids, marks, groups. A bounded piece at a time, within the writer's transactions; where
 * a piece was full, the next transaction does another, so that nothing comes faster than it goes.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** How often, in milliseconds, and how many rows of a table at a time. */
const EVERY_MS = 10_000
const ROWS = 2_000
/** How long a group without entries is remembered after its last feedback, and a journal's record. */
const FEEDBACK_MEMORY_MS = 3_600_000
const JOURNAL_MEMORY_MS = 7 * 86_400_000

/** One table's piece. */
interface Task {
  readonly statement: StatementSync
  /** What is older goes. */
  readonly agoMs: number
  /** What lies further ahead goes too; `undefined`: nothing does. */
  readonly aheadMs: number | undefined
}

/** The housekeeping of one database. */
export class Housekeeping {
  readonly #tasks: readonly Task[]
  #last = -Infinity

  /** @param settledMemoryMs How long the id of a settled entry is remembered. */
  constructor(database: DatabaseSync, settledMemoryMs: number) {
    const task = (sql: string, agoMs: number, aheadMs?: number): Task => ({
      statement: database.prepare(sql),
      agoMs,
      aheadMs,
    })
    this.#tasks = [
      // In the order they were written; a later one may only be forgotten later. What lies further ahead than it can is
      // from a clock that was wrong, and would keep all behind it.
      task(
        `DELETE FROM settled WHERE serial IN (SELECT serial FROM settled ORDER BY serial LIMIT ${ROWS})
         AND (until < ? OR until > ?)`,
        0,
        2 * settledMemoryMs,
      ),
      task(
        `DELETE FROM journal WHERE serial IN (SELECT serial FROM journal ORDER BY serial LIMIT ${ROWS})
         AND (kept_at < ? OR kept_at > ?)`,
        JOURNAL_MEMORY_MS,
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
    let isMore = false
    for (const { statement, agoMs, aheadMs } of this.#tasks) {
      const { changes } = aheadMs === undefined ? statement.run(now - agoMs) : statement.run(now - agoMs, now + aheadMs)
      isMore ||= Number(changes) >= ROWS
    }
    this.#last = isMore ? -Infinity : now
    return true
  }
}
