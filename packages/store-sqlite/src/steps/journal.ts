/** The journal in the database. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { formatDetail, type JournalRecord } from '@postroad/queue'
import { integer } from '../row.ts'

/** The journal of one database. */
export class Records {
  readonly #cap: number
  readonly #insert: StatementSync
  readonly #firstTooOld: StatementSync
  readonly #deleteOld: StatementSync

  /** @param cap Records kept of one message. */
  constructor(database: DatabaseSync, cap: number) {
    this.#cap = cap
    this.#insert = database.prepare(
      'INSERT INTO journal (message, entry, at, event, detail, kept_at) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#firstTooOld = database.prepare(
      'SELECT serial FROM journal WHERE message = ? ORDER BY serial DESC LIMIT 1 OFFSET ?',
    )
    this.#deleteOld = database.prepare('DELETE FROM journal WHERE message = ? AND serial <= ?')
  }

  /** Keeps a record; the oldest of its message goes where there are too many. */
  keep(record: JournalRecord, now: number): void {
    const { message, entry, at, event } = record
    this.#insert.run(message, entry ?? null, at, event, formatDetail(record), now)
    const tooOld = this.#firstTooOld.get(message, this.#cap)
    if (tooOld !== undefined) this.#deleteOld.run(message, integer(tooOld, 'serial'))
  }
}
