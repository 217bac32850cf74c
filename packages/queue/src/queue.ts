/**
 * The port of a queue: work that many producers add and many workers lease, with nothing lost.
 *
 * An entry is one message for one route destination (its group) with its recipients. It is added by `enqueue` (or
 * spawned by `settle`), leased by one worker at a time, and ended by `settle`. A worker that dies loses its lease; the
 * entry is leased again. So: at least once, never lost.
 *
 * Every promise rejects with `QueueUnavailableError` where the store cannot be reached or cannot write; then nothing
 * may be assumed of the call, and it may be repeated (ids make that harmless).
 */

import type { ContentId, EntryId, GroupId, LeaseToken } from '@postroad/envelope'
import type { AttemptRecord } from './journal.ts'
import type { SealedContent } from './spool.ts'

/**
 * The queue itself; what operators do with it is in `QueueControl`.
 *
 * Any method may be called by any number of callers at once, in every process that has the store open; each step is
 * atomic among them all.
 */
export interface Queue<Job> {
  /**
   * Adds all entries or none, in their order; which of two calls at once comes first is the store's choice. They belong
   * to one message and are durable, with the content they name, when the promise resolves. Idempotent: an id that is
   * known is a no-op, also for an hour after it was settled. No entries: nothing happens.
   *
   * The same sealed content may be named by several entries; from now on it is the store's, and goes with the last of
   * them. Where the call is rejected it stays the caller's to name again, to abort, or to leave to the sweep.
   *
   * Rejects with `InvalidEntryError` where a rule is broken (`checkNewEntries` has them), and with
   * `ContentMissingError` where an entry that is not known yet names content that is not there; then nothing was added.
   */
  enqueue(entries: readonly NewEntry<Job>[]): Promise<void>

  /**
   * Takes up to `limit` entries that are due.
   *
   * Groups take turns within the highest priority that is ready; inside a group the order is by `notBefore`, then by
   * arrival (a retried entry may arrive anew). Groups that are paused, or at their limit of concurrent leases, are passed
   * over. With nothing to give it waits up to `waitMs`, then gives an empty list; `signal` ends the wait at once, also
   * with an empty list. Its cost does not grow with the number of entries.
   *
   * Nobody else is given an entry before its lease has run out. A lease outlives the process that gave it; a power cut
   * may undo it, and then the entry is given as if it had not been leased. An answer that never arrived is a lease that
   * runs out. Whoever has a lease ends it by `settle`, or leaves it to run out; among those who wait there is no order.
   *
   * An entry whose lease ran out before is given alone: the list then holds just it. Where it dies alone too, so often
   * as `QueueOptions.poisonDeaths` says without a settlement between, it is held with the reason and not leased again.
   * An entry whose job the codec cannot decode is held with the reason, and the others are given.
   */
  lease(request: LeaseRequest): Promise<readonly Lease<Job>[]>

  /**
   * Extends a lease from now, and keeps `job` where given: progress that survives this worker. Durable with a job; the
   * longer lease alone may be lost in a power cut. Harmless a second time.
   *
   * `lost` where the lease ran out and the entry was given to somebody else, or is held or gone, and for a token that
   * nobody gave: then nothing was changed. An expired lease that nobody took yet is renewed.
   */
  renew(token: LeaseToken, request: RenewRequest<Job>): Promise<'renewed' | 'lost'>

  /**
   * Ends leases one after the other, a result each in the same order. Each settlement is atomic, with what it spawns, its
   * record and its feedback; the batch is not.
   *
   * Durable when the promise resolves if it spawns, retries or holds; a plain `done` may be lost in a power cut, which
   * makes a duplicate and never a loss. `lost` means as for `renew`: nothing was changed and nothing spawned. A token
   * settles once: a second time it is `lost`. So after a call that was rejected, `lost` can also mean that the first call
   * did it and only its answer was lost.
   *
   * Content goes with the last entry that named it, after that settlement is durable; a store's own spool sees to that
   * itself, a foreign one is to be told by the caller of what is `released`.
   *
   * Rejects with `InvalidEntryError` before anything is done where a spawned entry breaks a rule (they may belong to
   * several messages) or a `notBefore` is not finite, and with `ContentMissingError` where one names content that is not
   * there: that settlement was not done, of the others nothing may be assumed.
   */
  settle(batch: readonly Settlement<Job>[]): Promise<readonly SettleResult[]>
}

/** An entry to be added. */
export interface NewEntry<Job> {
  /** Made by the caller (`createEntryId`), 1 to 1,000 characters; the same again where the call is repeated. */
  readonly id: EntryId
  /** Kept as the store's codec writes it; what that throws, the call rejects with. */
  readonly job: Job
  /** Whose turn and limit of concurrent leases it shares; 1 to 1,000 characters. */
  readonly group: GroupId
  /** What `Spool.stage` sealed, or content that an entry already holds; absent where the job needs none. */
  readonly content?: SealedContent | ContentRef
  /** Higher goes first; an integer, -9 to 9, 0 is usual. */
  readonly priority: number
  /** Not leased before this instant: milliseconds since the epoch; the past means now, also in the group's order. */
  readonly notBefore: number
  /**
   * What control filters by: `sender`, `recipient`, `header-message-id` ... At most 16, each name and text up to 1,000
   * characters.
   */
  readonly labels: Labels
}

/** Names content that is already kept by an entry, such as the one being settled. */
export interface ContentRef {
  /** An entry must name it when the call is made; otherwise that rejects with `ContentMissingError`. */
  readonly ref: ContentId
}

/** Free names and texts that go with an entry. */
export type Labels = Readonly<Record<string, string>>

/** What a worker asks for. */
export interface LeaseRequest {
  /** 1 and up: the most entries to give. */
  readonly limit: number
  /** How long the lease holds unless renewed, in milliseconds. */
  readonly durationMs: number
  /** How long to wait for work, in milliseconds; 0 looks once. */
  readonly waitMs: number
  /** Ends the wait. Leases already taken are still given. */
  readonly signal?: AbortSignal
}

/** An entry in the hands of a worker. */
export interface Lease<Job> {
  /** For `renew` and `settle`; another at each lease. */
  readonly token: LeaseToken
  /** The same at every lease of the entry. */
  readonly id: EntryId
  /** As enqueued, or as last kept by `renew` or a settlement `retry`. */
  readonly job: Job
  /** Whose limit it counts against, and whose concurrency its feedback moves. */
  readonly group: GroupId
  /** For `Spool.open`; there as long as the lease holds. `undefined` where the entry was enqueued without. */
  readonly content: ContentId | undefined
  /** As enqueued: -9 to 9. */
  readonly priority: number
  /** As enqueued; `{}` where it has none. */
  readonly labels: Labels
  /** From 0: how often the entry was leased before, expired leases counted. */
  readonly attempt: number
  /** The lease before this one ran out: what that worker did is known only as far as its `renew` told. */
  readonly recovered: boolean
  /** When it was enqueued, in milliseconds since the epoch by the store's clock. */
  readonly enqueuedAt: number
}

/** What `renew` changes. */
export interface RenewRequest<Job> {
  /** From now, in milliseconds. */
  readonly durationMs: number
  /** Kept in place of the job; absent leaves it. Durable when the promise resolves. */
  readonly job?: Job
}

/**
 * How one lease ends. `done` removes the entry; `retry` makes it due at `notBefore` (milliseconds since the epoch), in
 * `group` where given, else where it is; `hold` puts it aside until control releases it. Both keep `job` in place of what
 * was kept. `reply` is what the destination said last, for operators: kept with the entry until a settlement brings
 * another, cut after 500 characters (`cutReply`); absent leaves what is kept.
 */
export type Settlement<Job> = {
  readonly token: LeaseToken
  /** Entries added in the same atomic step, as by `enqueue`: a bounce, the next hop of an expansion. */
  readonly spawn?: readonly NewEntry<Job>[]
  /** Goes to the journal in the same step. */
  readonly record?: AttemptRecord
  /** How the destination behaved; moves the group's limit of concurrent leases. */
  readonly feedback?: Feedback
} & (
  | { readonly kind: 'done' }
  | {
      readonly kind: 'retry'
      readonly job: Job
      readonly notBefore: number
      readonly group?: GroupId
      readonly reply?: string
    }
  | { readonly kind: 'hold'; readonly job: Job; readonly reason: string; readonly reply?: string }
)

/**
 * How the destination behaved: that of the group the entry was leased from, also where a retry moves it. Nobody's feedback
 * counts whose lease is lost. A group without entries may be forgotten an hour after its last feedback.
 *
 * - `ok` adds one to the group's concurrency, up to its limit, and ends a parking.
 * - `slow` halves it, rounded down, not below 1; it ends a parking too, for somebody answered.
 * - `down` parks the group: for the next five minutes (`PARKED_MS`), or until `ok`, `slow` or `resume`, it leases one
 *   entry at a time, the probe, and that only while no other lease of the group is out. Another `down` begins anew.
 */
export type Feedback = 'ok' | 'slow' | 'down'

/** What became of a settlement. */
export type SettleResult =
  | {
      readonly kind: 'settled'
      /** Content that nothing needs any more and a foreign spool must drop; always empty with a store's own spool. */
      readonly released: readonly ContentId[]
    }
  | { readonly kind: 'lost' }

/** Turns jobs into bytes and back. Versioned: reads what every released version wrote. */
export interface Codec<Job> {
  /** The bytes are the store's from then on. What it throws, the call that brought the job rejects with. */
  encode(job: Job): Uint8Array
  /** Throws where the bytes are not a job; the queue then holds the entry with the reason instead of leasing it. */
  decode(bytes: Uint8Array): Job
}

/** Options every store takes. */
export interface QueueOptions {
  /** Concurrent leases of one group over all workers, until control sets another. Default 20. */
  readonly groupConcurrency?: number
  /** Deaths alone (leased alone because a lease ran out before) after which an entry is held as poison. Default 3. */
  readonly poisonDeaths?: number
  /** How long the id of a settled entry is remembered, in milliseconds. Default one hour. */
  readonly settledMemoryMs?: number
  /** Records kept in the journal for one message. Default 200; the oldest go first. */
  readonly journalRecords?: number
}
