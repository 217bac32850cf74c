/** The port of control: what operators see of a queue and do to it. Never on the path of mail. */

import type { ContentId, EntryId, GroupId } from '@postroad/envelope'
import type { Labels } from './queue.ts'

/** Looks into a queue and changes it by hand. */
export interface QueueControl<Job> {
  /** Counts by group and state, up to `limit` groups after `cursor`; a group with no entries may be left out. */
  counts(page: PageRequest): Promise<Page<GroupCounts>>
  /**
   * Entries that match, each once over the pages, in an order of the store's own; what is added or moved meanwhile may
   * be missed. Pages are of examined entries, so one may hold fewer than `limit`, even none.
   */
  list(filter: EntryFilter, page: PageRequest): Promise<Page<EntryView<Job>>>
  /**
   * Does the same to every entry that matches, a page at a time; call again with the cursor until there is none.
   * Entries that are leased are left alone and counted as `leased`. With `dryRun` nothing changes.
   */
  apply(
    action: ControlAction,
    filter: EntryFilter,
    page: PageRequest & { readonly dryRun?: boolean },
  ): Promise<ApplyReport>
  /** Leases nothing of the group until the instant (milliseconds since the epoch). Work under way goes on. Durable. */
  pause(group: GroupId, until: number): Promise<void>
  /** Ends a pause, and the parking that `down` began. */
  resume(group: GroupId): Promise<void>
  /** Sets how many entries of the group may be leased at a time over all workers, from now on; `undefined`: the default again. Durable. */
  limit(group: GroupId, concurrency: number | undefined): Promise<void>
}

/** Where an entry stands. `waiting` is not due yet; `ready` is due. */
export type EntryState = 'ready' | 'waiting' | 'leased' | 'held'

/** What operators see of one entry. */
export interface EntryView<Job> {
  readonly id: EntryId
  readonly state: EntryState
  readonly group: GroupId
  /** `undefined` where the codec cannot decode it. */
  readonly job: Job | undefined
  readonly content: ContentId | undefined
  readonly priority: number
  readonly labels: Labels
  readonly attempt: number
  readonly enqueuedAt: number
  readonly notBefore: number
  /** Why it is held; `undefined` unless it is. */
  readonly heldFor: string | undefined
}

/** All that is given must match; an empty filter matches everything. */
export interface EntryFilter {
  readonly ids?: readonly EntryId[]
  readonly state?: EntryState
  readonly group?: GroupId
  /** Every label given must be there with exactly that text. */
  readonly labels?: Labels
  /** Enqueued before this instant: milliseconds since the epoch. */
  readonly enqueuedBefore?: number
  /** Leased at least so often. */
  readonly attemptsAtLeast?: number
}

/**
 * What can be done to an entry. What it does not change is counted as matched, not as changed.
 *
 * - `hold`: what is ready or waiting, until released.
 * - `release`: what is held becomes due now.
 * - `retry`: what is waiting becomes due now. What is held stays so.
 * - `drop`: removed, with its content where no other entry needs that; the id is remembered as after a settlement.
 * - `reroute`: moves to another group, in the state it has.
 */
export type ControlAction =
  | { readonly kind: 'hold'; readonly reason: string }
  | { readonly kind: 'release' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'reroute'; readonly group: GroupId }

/** One group's counts. */
export interface GroupCounts {
  readonly group: GroupId
  readonly ready: number
  readonly waiting: number
  readonly leased: number
  readonly held: number
  /** Paused or parked until this instant; `undefined` where it is neither. */
  readonly pausedUntil: number | undefined
  /** Concurrent leases allowed now, as feedback left them; 1 while `down` parks the group. */
  readonly concurrency: number
}

/** Which page. */
export interface PageRequest {
  /** From the page before; absent for the first. */
  readonly cursor?: string
  /** 1 to 1,000. */
  readonly limit: number
}

/** One page; no `cursor` means it is the last. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly cursor: string | undefined
}

/** What `apply` did, or with `dryRun` would have done. */
export interface ApplyReport {
  readonly matched: number
  readonly changed: number
  readonly leased: number
  readonly cursor: string | undefined
}
