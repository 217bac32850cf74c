/**
 * The port of control: what operators see of a queue and do to it. Never on the path of mail.
 *
 * What is shown is how it stood during the call, also for what is not durable yet; several pages are not one moment. What
 * is changed is durable when the promise resolves, is told at once to workers who wait, and may be asked for again: what
 * is so already stays so. Every promise rejects with `QueueUnavailableError` as those of a `Queue` do, and every method
 * may be called at once with any other, in any process of the store.
 */

import type { ContentId, EntryId, GroupId } from '@postroad/envelope'
import type { Labels } from './queue.ts'

/** Looks into a queue and changes it by hand. */
export interface QueueControl<Job> {
  /** Counts by group and state, up to `limit` groups after `cursor`, each once; a group with no entries may be left out. */
  counts(page: PageRequest): Promise<Page<GroupCounts>>
  /**
   * Entries that match, each once over the pages, in an order of the store's own; what is added, leased, settled or moved
   * meanwhile may be missed or come twice. With `state`, `group` or `ids` in the filter only such entries are examined;
   * other filters examine all that is left. Pages are of examined entries, so one may hold fewer than `limit`, even none.
   */
  list(filter: EntryFilter, page: PageRequest): Promise<Page<EntryView<Job>>>
  /**
   * Does the same to every entry that matches, a page at a time, as `list` gives them; call again with the cursor until
   * there is none. Entries that are leased are left alone and counted as `leased`. Each entry is changed in one step; a
   * page that is rejected may have been done in part. With `dryRun` nothing changes.
   */
  apply(
    action: ControlAction,
    filter: EntryFilter,
    page: PageRequest & { readonly dryRun?: boolean },
  ): Promise<ApplyReport>
  /**
   * Leases nothing of the group until the instant (milliseconds since the epoch), whether it has entries yet or not. The
   * last call counts, also where it is for less. Work under way goes on.
   */
  pause(group: GroupId, until: number): Promise<void>
  /** Ends a pause, and the parking that `down` began. */
  resume(group: GroupId): Promise<void>
  /**
   * Sets how many entries of the group may be leased at a time over all workers, from now on, whatever feedback said
   * before; 1 and up; `undefined`: the default again.
   */
  limit(group: GroupId, concurrency: number | undefined): Promise<void>
  /**
   * The groups whose counts have changed since `cursor`, as they stand now: a feed for dashboards, over all processes of
   * the store. A group that changed many times comes once, a group that has emptied comes with zeros. With none it waits
   * up to `waitMs`, or until `signal` fires or the store is disposed, and gives none. Anybody may follow, each with a
   * cursor of its own, and ask again with the same: what changed since then is told again. Nobody need end it.
   *
   * Without a cursor, or with one that the store cannot go on from any more (nobody followed the feed for a minute),
   * it answers at once with `restarted` and no groups: read `counts` whole, then follow from the cursor given. What
   * time alone changes (waiting to ready, the end of a pause) is not told; a lease that ran out is once a worker looks.
   */
  changes(request: ChangesRequest): Promise<Changes>
}

/** From where, how many, and how long to wait. */
export interface ChangesRequest {
  /** From the answer before; absent to begin. */
  readonly cursor?: string
  /** The most groups to give, 1 to 1,000; where there are more, the next call gives them at once. */
  readonly limit: number
  /** Milliseconds; 0 looks once. */
  readonly waitMs: number
  /** Ends the wait: the answer then has no groups. */
  readonly signal?: AbortSignal
}

/** What has changed. */
export interface Changes {
  /** Each once, as it stands now; empty where nothing changed in time, and with `restarted`. */
  readonly groups: readonly GroupCounts[]
  /** For the next call. */
  readonly cursor: string
  /** Changes may have been missed: read `counts` whole. */
  readonly restarted: boolean
}

/** Where an entry stands. `waiting` is not due yet; `ready` is due. */
export type EntryState = 'ready' | 'waiting' | 'leased' | 'held'

/** What operators see of one entry. */
export interface EntryView<Job> {
  /** Unique in the store; for `EntryFilter.ids`. */
  readonly id: EntryId
  /** How it stood during the call; a lease that ran out counts as `leased` until a worker looks. */
  readonly state: EntryState
  /** The one it is in now: a retry or `reroute` may have moved it. */
  readonly group: GroupId
  /** `undefined` where the codec cannot decode it. */
  readonly job: Job | undefined
  /** For `Spool.open`; `undefined` where it was enqueued without. */
  readonly content: ContentId | undefined
  /** As enqueued: -9 to 9, higher goes first. */
  readonly priority: number
  /** As enqueued; `{}` where it has none. */
  readonly labels: Labels
  /** How often it was leased, the lease that is out and those that ran out counted; 0 for a new one. */
  readonly attempt: number
  /** Milliseconds since the epoch by the store's clock. */
  readonly enqueuedAt: number
  /** When it is due, or was before it was leased or held: milliseconds since the epoch. */
  readonly notBefore: number
  /** Why it is held; `undefined` unless it is. */
  readonly heldFor: string | undefined
  /** What the destination said last, as the settlements told; `undefined` where none did. */
  readonly lastReply: string | undefined
}

/** All that is given must match; an empty filter matches everything. */
export interface EntryFilter {
  /** One of these; unknown ids are passed over, and an empty list matches nothing. */
  readonly ids?: readonly EntryId[]
  /** As it stands during the call. */
  readonly state?: EntryState
  /** The one it is in now. */
  readonly group?: GroupId
  /** Every label given must be there with exactly that text. */
  readonly labels?: Labels
  /** Enqueued before this instant: milliseconds since the epoch. */
  readonly enqueuedBefore?: number
  /** Leased at least so often. */
  readonly attemptsAtLeast?: number
  /** Stands somewhere in what the destination said last, exactly as written; empty: it said anything at all. */
  readonly lastReply?: string
}

/**
 * What can be done to an entry. What it does not change is counted as matched, not as changed.
 *
 * - `hold`: what is ready or waiting, until released.
 * - `release`: what is held becomes due now.
 * - `retry`: what is waiting becomes due now. What is held stays so.
 * - `drop`: removed, with its content where no other entry needs that; the id is remembered as after a settlement.
 * - `reroute`: moves to another group, in the state it has.
 *
 * A worker whose lease ran out and was not taken by another has lost it after `hold`, `release`, `retry` or `drop`; after
 * `reroute` it may have.
 */
export type ControlAction =
  | { readonly kind: 'hold'; readonly reason: string }
  | { readonly kind: 'release' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'reroute'; readonly group: GroupId }

/** One group: how many of its entries stand where, each counted once, and what bounds its leases. */
export interface GroupCounts {
  /** Need not have entries: `changes` tells of groups that have emptied too. */
  readonly group: GroupId
  /** Due now, whether the group may lease or not. */
  readonly ready: number
  /** Not due yet. */
  readonly waiting: number
  /** Leases that ran out count until a worker looks. */
  readonly leased: number
  /** Until control releases or drops them. */
  readonly held: number
  /** Paused or parked until this instant (milliseconds since the epoch); `undefined` where it is neither. */
  readonly pausedUntil: number | undefined
  /** Concurrent leases allowed now, as feedback left them; 1 while `down` parks the group. */
  readonly concurrency: number
}

/** Which page. */
export interface PageRequest {
  /** From the page before, for the same filter; absent for the first. Opaque: each store makes its own. */
  readonly cursor?: string
  /** The most items, or entries examined: 1 to 1,000. */
  readonly limit: number
}

/** One page. */
export interface Page<Item> {
  /** The limit at most; there may be fewer, even none, where more pages follow. */
  readonly items: readonly Item[]
  /** For the next page; `undefined`: this is the last. */
  readonly cursor: string | undefined
}

/** What `apply` did, or with `dryRun` would have done. */
export interface ApplyReport {
  /** Entries of this page that match, those left alone among them. */
  readonly matched: number
  /** Those of `matched` that the action applied to: neither leased nor so already. */
  readonly changed: number
  /** Those of `matched` that were left alone because a worker has them. */
  readonly leased: number
  /** For the next page; `undefined`: this was the last. */
  readonly cursor: string | undefined
}
