/** The journal in Redis: a capped list of JSON records for each message. */

import { entryId, type MessageId } from '@postroad/envelope'
import { type AttemptRecord, formatDetail, type Journal, type JournalRecord } from '@postroad/queue'
import { type Context, JOURNAL_MESSAGES, JOURNAL_MS } from './context.ts'
import { contextOf } from './placement.ts'
import { note } from './scripts/journal.ts'

/** Records that one script takes. */
const PAGE = 200

/** One record as it lies in Redis. */
export function formatRecord(record: AttemptRecord & { readonly entry?: string }): string {
  const { at, event, entry } = record
  // The detail is JSON text already, and put in as it is.
  return `${JSON.stringify({ at, event, entry }).slice(0, -1)},"detail":${formatDetail(record)}}`
}

/** The journal of one store. */
export class RedisJournal implements Journal {
  readonly #shards: readonly Context[]

  constructor(shards: readonly Context[]) {
    this.#shards = shards
  }

  async write(records: readonly JournalRecord[]): Promise<void> {
    const byMessage = new Map<MessageId, string[]>()
    for (const record of records) {
      const texts = byMessage.get(record.message)
      if (texts === undefined) byMessage.set(record.message, [formatRecord(record)])
      else texts.push(formatRecord(record))
    }
    for (const [message, all] of byMessage) {
      const { connection, keys, journalRecords } = contextOf(message, this.#shards)
      const texts = all.slice(-journalRecords)
      for (let at = 0; at < texts.length; at += PAGE) {
        const some = texts.slice(at, at + PAGE)
        await connection.run(note, [keys.seq], [message, journalRecords, JOURNAL_MS, JOURNAL_MESSAGES, ...some])
      }
    }
  }

  /** Entries that were spawned lie in the shard of what spawned them, and so do the records of their settlements. */
  async read(message: MessageId): Promise<readonly JournalRecord[]> {
    const lists = await Promise.all(this.#shards.map(({ connection, keys }) => connection.items(keys.journal(message))))
    const records = lists.flat().map((text) => parseRecord(text, message))
    return this.#shards.length === 1 ? records : records.toSorted((one, other) => one.at - other.at)
  }
}

function parseRecord(text: string, message: MessageId): JournalRecord {
  const value: unknown = JSON.parse(text)
  const { at, event, entry, detail } = Object(value)
  return {
    message,
    at: Number(at),
    event: String(event),
    detail: Object(detail),
    ...(typeof entry === 'string' ? { entry: entryId(entry) } : {}),
  }
}
