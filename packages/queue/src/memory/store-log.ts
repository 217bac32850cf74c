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
   * never been. The bytes in it are the store's: to be read, and not after the promise is settled. It must settle: callers
   * wait for it without a deadline.
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
 * - `gone`: an entry has ended; its id is remembered `until` then (milliseconds since the epoch).
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
  /** Unique in the store: an `entry` or `gone` with the same id takes the place of this one. */
  readonly id: EntryId
  /** Its arrival among the others of its store. */
  readonly serial: number
  /** The one it is in now. Groups that nobody paused, limited or gave feedback have no `group` change. */
  readonly group: GroupId
  /** -9 to 9, higher goes first. */
  readonly priority: number
  /** Told by a `content` change in this batch or before; `undefined` where it was enqueued without. */
  readonly content: ContentId | undefined
  /** As enqueued; `{}` where it has none. */
  readonly labels: Labels
  /** By the store's clock. */
  readonly enqueuedAt: number
  /** When it is due, or was before it was leased or held. */
  readonly notBefore: number
  /** As the codec wrote it. */
  readonly job: Uint8Array
  /** `queued`: waits for `notBefore`, or is due; `leased`: also where the lease ran out and no worker has looked. */
  readonly state: 'queued' | 'leased' | 'held'
  /** Why it is held; `undefined` unless it is. */
  readonly heldFor: string | undefined
  /** What the destination said last, up to 500 characters; `undefined` where no settlement told. */
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
  /** When the last lease runs out, or would have; 0 where there was none. */
  readonly leaseUntil: number
}

/** A group as plain data. Instants are milliseconds since the epoch, 0 for never. */
export interface KeptGroup {
  /** A later `group` change with the same id takes the place of this one. */
  readonly id: GroupId
  /** By control. */
  readonly pausedUntil: number
  /** By the feedback `down`. */
  readonly parkedUntil: number
  /** Set by control; `undefined`: the default. */
  readonly limit: number | undefined
  /** Where feedback moved the concurrency; `undefined`: nowhere. */
  readonly window: number | undefined
  /** When feedback last came. */
  readonly feedbackAt: number
}
