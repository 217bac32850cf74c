/** The journal in Redis: a capped list of JSON records for each message. */

import { entryId, type MessageId } from '@postroad/envelope'
import { type AttemptRecord, formatDetail, type Journal, type JournalRecord } from '@postroad/queue'
import { type Context, JOURNAL_MS } from './context.ts'
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
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  async write(records: readonly JournalRecord[]): Promise<void> {
    const { connection, keys, journalRecords } = this.#context
    const byMessage = new Map<MessageId, string[]>()
    for (const record of records) {
      const texts = byMessage.get(record.message)
      if (texts === undefined) byMessage.set(record.message, [formatRecord(record)])
      else texts.push(formatRecord(record))
    }
    for (const [message, all] of byMessage) {
      const texts = all.slice(-journalRecords)
      for (let at = 0; at < texts.length; at += PAGE) {
        await connection.run(note, [keys.journal(message)], [journalRecords, JOURNAL_MS, ...texts.slice(at, at + PAGE)])
      }
    }
  }

  async read(message: MessageId): Promise<readonly JournalRecord[]> {
    const { connection, keys } = this.#context
    const texts = await connection.items(keys.journal(message))
    return texts.map((text) => parseRecord(text, message))
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
