/** The journal of the memory store. */

import type { MessageId } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { formatDetail } from '../entry-rules.ts'
import type { Journal, JournalRecord } from '../journal.ts'
import { ForgettingMap } from './forgetting-map.ts'
import type { Lifetime } from './lifetime.ts'

/** How long the records of a message are kept after the last. */
const MEMORY_MS = 7 * 86_400_000

/** What a journal needs of a recorder. */
interface RecordKeeper {
  record(record: JournalRecord): void
  kept(sync: boolean): Promise<void> | undefined
}

interface Records {
  readonly list: JournalRecord[]
  lastAt: number
}

/** Records in memory. */
export class MemoryJournal implements Journal {
  readonly #clock: Clock
  readonly #lifetime: Lifetime
  readonly #cap: number
  readonly #recorder: RecordKeeper | undefined
  readonly #messages = new ForgettingMap<MessageId, Records>(({ lastAt }, now) => lastAt < now - MEMORY_MS)

  /**
   * @param cap Records kept of one message.
   * @param recorder Where records are kept beyond the process.
   */
  constructor(clock: Clock, lifetime: Lifetime, cap: number, recorder: RecordKeeper | undefined) {
    this.#clock = clock
    this.#lifetime = lifetime
    this.#cap = cap
    this.#recorder = recorder
  }

  async write(records: readonly JournalRecord[]): Promise<void> {
    this.#lifetime.check()
    for (const record of records.map(cutRecord)) this.keep(record)
    await this.#recorder?.kept(false)
  }

  async read(message: MessageId): Promise<readonly JournalRecord[]> {
    this.#lifetime.check()
    return [...(this.#messages.get(message)?.list ?? [])]
  }

  /** Keeps one record that was cut. */
  keep(record: JournalRecord): void {
    this.restore(record, this.#clock.now())
    this.#recorder?.record(record)
  }

  /** Puts a record behind the others of its message, as kept at the instant. */
  restore(record: JournalRecord, at: number): void {
    const records = this.#messages.get(record.message) ?? { list: [], lastAt: at }
    records.lastAt = at
    records.list.push(record)
    if (records.list.length > this.#cap) records.list.shift()
    this.#messages.set(record.message, records, this.#clock.now())
  }
}

/** A record as it is kept: a copy, with as much detail as the journal takes. Throws where that is not plain data. */
export function cutRecord(record: JournalRecord): JournalRecord {
  return { ...record, detail: JSON.parse(formatDetail(record)) }
}
