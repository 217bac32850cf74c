/**
 * The ports of a store: queue and its control, spool, limits, journal. The memory store is in `@postroad/queue/memory`,
 * the contract suites in `@postroad/queue/testing`.
 *
 * @packageDocumentation
 */

// The store
export type { Store } from './store.ts'

// Queue
export type {
  Codec,
  ContentRef,
  Feedback,
  Labels,
  Lease,
  LeaseRequest,
  NewEntry,
  Queue,
  QueueOptions,
  RenewRequest,
  Settlement,
  SettleResult,
} from './queue.ts'

// Control
export type {
  ApplyReport,
  Changes,
  ChangesRequest,
  ControlAction,
  EntryFilter,
  EntryState,
  EntryView,
  GroupCounts,
  Page,
  PageRequest,
  QueueControl,
} from './control.ts'
export { actionChanges, matchesFilter } from './control-rules.ts'

// Spool
export type {
  ContentRange,
  ContentWriter,
  ForeignSpool,
  SealedContent,
  Spool,
  StageOptions,
  StoreSpool,
  SweepReport,
} from './spool.ts'

// Limits
export type { LimitKey, Limits, Permit, Refusal } from './limits.ts'

// Journal
export type { AttemptRecord, Journal, JournalRecord } from './journal.ts'

// What every store checks and counts the same
export { checkNewEntries, checkSettlements, cutReply, formatDetail, PARKED_MS } from './entry-rules.ts'
export { closedUntil, concurrencyOf, feedPace, isOpen, reopensAt } from './pace.ts'
export type { GroupPace } from './pace.ts'
export { refillBucket, waitForTokens } from './rate.ts'
export type { Bucket, Rate } from './rate.ts'

// Faults
export { ContentMissingError, InvalidEntryError, QueueUnavailableError } from './errors.ts'
export type { QueueErrorCode } from './errors.ts'
