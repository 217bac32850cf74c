/** The journal of the memory store. */

import type { MessageId } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { formatDetail } from '../entry-rules.ts'
import type { Journal, JournalRecord } from '../journal.ts'
import { ForgettingMap } from './forgetting-map.ts'
import type { Lifetime } from './lifetime.ts'

/** How long the records of a message are kept after the last. */
const MEMORY_MS = 7 * 86_400_000

interface Records {
  readonly list: JournalRecord[]
  lastAt: number
}

/** Records in memory. */
export class MemoryJournal implements Journal {
  readonly #clock: Clock
  readonly #lifetime: Lifetime
  readonly #cap: number
  readonly #messages = new ForgettingMap<MessageId, Records>(({ lastAt }, now) => lastAt < now - MEMORY_MS)

  /** @param cap Records kept of one message. */
  constructor(clock: Clock, lifetime: Lifetime, cap: number) {
    this.#clock = clock
    this.#lifetime = lifetime
    this.#cap = cap
  }

  async write(records: readonly JournalRecord[]): Promise<void> {
    this.#lifetime.check()
    for (const record of records) this.keep(record)
  }

  async read(message: MessageId): Promise<readonly JournalRecord[]> {
    this.#lifetime.check()
    return [...(this.#messages.get(message)?.list ?? [])]
  }

  /** Keeps one record. */
  keep(record: JournalRecord): void {
    const now = this.#clock.now()
    const records = this.#messages.get(record.message) ?? { list: [], lastAt: now }
    records.lastAt = now
    records.list.push({ ...record, detail: JSON.parse(formatDetail(record)) })
    if (records.list.length > this.#cap) records.list.shift()
    this.#messages.set(record.message, records, now)
  }
}
