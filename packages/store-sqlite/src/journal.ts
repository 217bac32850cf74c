/** The journal of the SQLite store. */

import { entryId, type MessageId } from '@postroad/envelope'
import type { Journal, JournalRecord } from '@postroad/queue'
import type { ReadSteps, WriteSteps } from './protocol.ts'
import type { LazyThread } from './lazy-thread.ts'

/** The journal over the threads. */
export class SqliteJournal implements Journal {
  readonly #writer: LazyThread<WriteSteps>
  readonly #reader: LazyThread<ReadSteps>

  constructor(writer: LazyThread<WriteSteps>, reader: LazyThread<ReadSteps>) {
    this.#writer = writer
    this.#reader = reader
  }

  async write(records: readonly JournalRecord[]): Promise<void> {
    if (records.length > 0) await this.#writer.ask('record', { records })
  }

  async read(message: MessageId): Promise<readonly JournalRecord[]> {
    const records = await this.#reader.ask('history', { message })
    return records.map(({ entry, ...record }) =>
      entry === undefined ? { ...record, message } : { ...record, message, entry: entryId(entry) },
    )
  }
}
