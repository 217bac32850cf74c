/** Puts back a store's state from the changes that its log kept. */

import type { ContentId, EntryId, GroupId } from '@postroad/envelope'
import type { JournalRecord } from '../journal.ts'
import type { MemoryJournal } from './journal.ts'
import type { MemoryQueue } from './queue.ts'
import type { MemorySpool } from './spool.ts'
import type { KeptEntry, KeptGroup, StoreChange } from './store-log.ts'

/** What is put back into. All of it is new and empty. */
export interface RestoredParts<Job> {
  readonly queue: MemoryQueue<Job>
  readonly spool: MemorySpool
  readonly journal: MemoryJournal
}

/** Replays changes in their order. */
export function restore<Job>(changes: Iterable<StoreChange>, { queue, spool, journal }: RestoredParts<Job>): void {
  const entries = new Map<EntryId, KeptEntry>()
  const gone = new Map<EntryId, number>()
  const groups = new Map<GroupId, KeptGroup>()
  const contents = new LoggedContents()
  const records: JournalRecord[] = []
  for (const change of changes) {
    switch (change.kind) {
      case 'content':
        contents.put(change.id, change.chunks)
        break
      case 'entry':
        contents.rename(entries.get(change.entry.id)?.content, change.entry.content)
        entries.set(change.entry.id, change.entry)
        gone.delete(change.entry.id)
        break
      case 'gone':
        contents.rename(entries.get(change.id)?.content, undefined)
        entries.delete(change.id)
        gone.set(change.id, change.until)
        break
      case 'group':
        groups.set(change.group.id, change.group)
        break
      case 'record':
        records.push(change.record)
    }
  }
  const now = queue.now()
  for (const [id, chunks] of contents.all()) spool.restore(id, chunks)
  for (const { id, ...pace } of groups.values()) {
    queue.schedule.steer(queue.schedule.group(id, now), (group) => Object.assign(group, pace), now)
  }
  for (const entry of [...entries.values()].toSorted((a, b) => a.serial - b.serial)) queue.restore(entry)
  for (const [id, until] of gone) queue.restoreEnded(id, until)
  for (const record of records) journal.restore(record, record.at)
  spool.endRestore()
}

/**
 * The content of a log while it is read: all that its entries name, and little that they name no more, however much came
 * and went.
 */
export class LoggedContents {
  readonly #chunks = new Map<ContentId, readonly Uint8Array[]>()
  /** How many entries name what was named. */
  readonly #names = new Map<ContentId, number>()
  /** Named by nothing for now: an entry that comes later in the same batch may name it again. */
  readonly #released = new Set<ContentId>()

  get size(): number {
    return this.#chunks.size
  }

  all(): Iterable<readonly [ContentId, readonly Uint8Array[]]> {
    return this.#chunks
  }

  put(id: ContentId, chunks: readonly Uint8Array[]): void {
    // Content is told before all else in its batch: the batch that released these has ended.
    for (const gone of this.#released) {
      this.#chunks.delete(gone)
      this.#names.delete(gone)
    }
    this.#released.clear()
    this.#chunks.set(id, chunks)
  }

  /** An entry that named one content, or none, names another now, or none. */
  rename(from: ContentId | undefined, to: ContentId | undefined): void {
    if (from === to) return
    if (from !== undefined && this.#count(from, -1) === 0) this.#released.add(from)
    if (to === undefined) return
    this.#count(to, 1)
    this.#released.delete(to)
  }

  #count(id: ContentId, change: 1 | -1): number {
    const names = (this.#names.get(id) ?? 0) + change
    this.#names.set(id, names)
    return names
  }
}
