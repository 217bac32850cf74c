/**
 * Tells a log what changes: collects it while an append is under way, and appends it in one batch then.
 *
 * What an entry or group is like is read when a batch begins, between two steps of the store, so every batch takes the
 * log from one whole state to another. Who must not answer before its changes are kept awaits `kept`.
 */

import type { EntryId } from '@postroad/envelope'
import { QueueUnavailableError } from '../errors.ts'
import type { JournalRecord } from '../journal.ts'
import { type EntryTable, readLabels } from './entry-table.ts'
import type { MemoryEntry } from './entry.ts'
import type { Group } from './lane.ts'
import type { Lifetime } from './lifetime.ts'
import type { Watcher } from './schedule.ts'
import type { MemorySpool } from './spool.ts'
import type { KeptEntry, KeptGroup, StoreChange, StoreLog } from './store-log.ts'

/** Between a store and its log. */
export class Recorder<Job> implements Watcher<Job> {
  readonly #log: StoreLog
  readonly #table: EntryTable<Job>
  readonly #spool: MemorySpool
  readonly #lifetime: Lifetime
  /** Rows of the table of entries. */
  readonly #entries = new Set<number>()
  readonly #gone = new Map<EntryId, number>()
  readonly #groups = new Set<Group<Job>>()
  #records: JournalRecord[] = []
  /** Whether the batch being collected must survive a power cut. */
  #sync = false
  /** Ends with the batch being collected; `undefined` until somebody asked for it. */
  #next: Promise<void> | undefined
  /** Ends with the last batch asked for; `undefined` where all are kept. */
  #last: Promise<void> | undefined
  #end: Promise<void> | undefined

  constructor(log: StoreLog, table: EntryTable<Job>, spool: MemorySpool, lifetime: Lifetime) {
    this.#log = log
    this.#table = table
    this.#spool = spool
    this.#lifetime = lifetime
  }

  moved({ row }: MemoryEntry<Job>): void {
    this.#entries.add(row)
  }

  steered(group: Group<Job>): void {
    this.#groups.add(group)
  }

  /** An entry is about to end; its id is remembered until the instant. */
  ended({ row }: MemoryEntry<Job>, id: EntryId, until: number): void {
    this.#entries.delete(row)
    this.#gone.set(id, until)
  }

  record(record: JournalRecord): void {
    this.#records.push(record)
  }

  /**
   * Waits until everything that has changed so far is in the log, after a power cut too where `sync` is given.
   * `undefined` where it is already.
   *
   * Rejects with `QueueUnavailableError` where the log refused it.
   */
  kept(sync: boolean): Promise<void> | undefined {
    this.#lifetime.checkSound()
    if (this.#next === undefined && this.#isEmpty()) return this.#last
    this.#sync ||= sync
    this.#next ??= this.#begin()
    return this.#next
  }

  /** Keeps what is left and closes the log; a second time waits for the first. */
  end(): Promise<void> {
    this.#end ??= this.#keepAndClose()
    return this.#end
  }

  async #keepAndClose(): Promise<void> {
    try {
      if (this.#lifetime.isSound) await this.kept(true)
    } finally {
      await this.#log[Symbol.asyncDispose]()
    }
  }

  #begin(): Promise<void> {
    const batch = this.#append(this.#last)
    this.#last = batch
    const forget = (): void => {
      if (this.#last === batch) this.#last = undefined
    }
    // Also where nobody waits for it: its failure is the store's, and everybody hears of it.
    batch.then(forget, forget)
    return batch
  }

  async #append(before: Promise<void> | undefined): Promise<void> {
    // At least to a later turn, so that callers of one turn share a batch.
    await before
    const sync = this.#sync
    this.#sync = false
    this.#next = undefined
    const changes = this.#takeChanges()
    try {
      await this.#log.append(changes, sync)
    } catch (cause) {
      const error = new QueueUnavailableError('the log of the store failed: it must be opened again', { cause })
      this.#lifetime.fail(error)
      throw error
    }
  }

  #isEmpty(): boolean {
    return this.#entries.size + this.#gone.size + this.#groups.size + this.#records.length === 0
  }

  #takeChanges(): readonly StoreChange[] {
    const changes: StoreChange[] = []
    const entries = Array.from(this.#entries, (row) => keepEntry(this.#table.at(row)))
    for (const { content } of entries) {
      const chunks = content && this.#spool.takeUnkept(content)
      if (content !== undefined && chunks !== undefined) changes.push({ kind: 'content', id: content, chunks })
    }
    for (const [id, until] of this.#gone) changes.push({ kind: 'gone', id, until })
    for (const entry of entries) changes.push({ kind: 'entry', entry })
    for (const group of this.#groups) changes.push({ kind: 'group', group: keepGroup(group) })
    for (const record of this.#records) changes.push({ kind: 'record', record })
    this.#entries.clear()
    this.#gone.clear()
    this.#groups.clear()
    this.#records = []
    return changes
  }
}

function keepEntry<Job>(entry: MemoryEntry<Job>): KeptEntry {
  const { id, content, labels, heldFor, lastReply } = entry.record()
  const { serial, lane, enqueuedAt, notBefore, jobBytes, state } = entry
  const { leases, deaths, recovered, alone, token, leaseUntil } = entry
  return {
    id,
    serial,
    group: lane.group.id,
    priority: lane.priority,
    content,
    labels: readLabels(labels),
    enqueuedAt,
    notBefore,
    job: jobBytes,
    state,
    heldFor,
    lastReply,
    leases,
    deaths,
    recovered,
    alone,
    token,
    leaseUntil,
  }
}

function keepGroup<Job>({ id, pausedUntil, parkedUntil, limit, window, feedbackAt }: Group<Job>): KeptGroup {
  return { id, pausedUntil, parkedUntil, limit, window, feedbackAt }
}
