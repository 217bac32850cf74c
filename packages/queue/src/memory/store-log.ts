/**
 * What a memory store tells a log, so that it can be kept: changes of its state as plain data, in atomic batches.
 *
 * Every change says the whole of what it is about, so only the last one of each id counts, and replaying changes in
 * their order gives the state after the last. Rates, permits and marks are not told; they begin anew.
 */

import type { ContentId, EntryId, GroupId, LeaseToken } from '@postroad/envelope'
import type { JournalRecord } from '../journal.ts'
import type { Labels } from '../queue.ts'

/**
 * Where a store's changes are kept. The store appends one batch at a time and awaits it before it begins the next;
 * what callers change meanwhile goes into the next together. Disposed by the store, once everything is appended.
 */
export interface StoreLog extends AsyncDisposable {
  /**
   * Keeps a batch behind those before it. Resolves once the batch survives the end of this process, and with `sync`
   * also a power cut, as then everything appended before does. It must be atomic: cut off at any byte it is as if it had
   * never been. The bytes in it are the store's: to be read, and not after the promise is settled. It must settle: callers wait
   * for it without a deadline.
   *
   * Where it rejects, the store is ahead of its log: it refuses everything from then on, with the error as the cause,
   * and is to be disposed and opened again from what the log has. The batch may be among that.
   */
  append(changes: readonly StoreChange[], sync: boolean): Promise<void>
}

/**
 * One change.
 *
 * - `content`: bytes that an entry of the same batch, or a later one, names; told before all else in its batch. They go
 *   with the last entry that names them, which is not told.
 * - `entry`: an entry as it stands now.
 * - `gone`: an entry has ended; its id is remembered `until` then.
 * - `group`: what bounds the leases of a group, as it stands now.
 * - `record`: one more record in the journal.
 */
export type StoreChange =
  | { readonly kind: 'content'; readonly id: ContentId; readonly chunks: readonly Uint8Array[] }
  | { readonly kind: 'entry'; readonly entry: KeptEntry }
  | { readonly kind: 'gone'; readonly id: EntryId; readonly until: number }
  | { readonly kind: 'group'; readonly group: KeptGroup }
  | { readonly kind: 'record'; readonly record: JournalRecord }

/** An entry as plain data. Instants are milliseconds since the epoch. */
export interface KeptEntry {
  readonly id: EntryId
  /** Its arrival among the others of its store. */
  readonly serial: number
  readonly group: GroupId
  readonly priority: number
  readonly content: ContentId | undefined
  readonly labels: Labels
  readonly enqueuedAt: number
  readonly notBefore: number
  /** As the codec wrote it. */
  readonly job: Uint8Array
  readonly state: 'queued' | 'leased' | 'held'
  readonly heldFor: string | undefined
  readonly lastReply: string | undefined
  /** How often it was leased. */
  readonly leases: number
  /** How often in a row its worker died while it was leased alone. */
  readonly deaths: number
  /** The lease before ran out: the next is given alone. */
  readonly recovered: boolean
  /** The last lease was given alone. */
  readonly alone: boolean
  /** Of the last lease, as long as it may still be settled. */
  readonly token: LeaseToken | undefined
  readonly leaseUntil: number
}

/** A group as plain data. Instants are milliseconds since the epoch, 0 for never. */
export interface KeptGroup {
  readonly id: GroupId
  readonly pausedUntil: number
  readonly parkedUntil: number
  /** Set by control; `undefined`: the default. */
  readonly limit: number | undefined
  /** Where feedback moved the concurrency; `undefined`: nowhere. */
  readonly window: number | undefined
  readonly feedbackAt: number
}
