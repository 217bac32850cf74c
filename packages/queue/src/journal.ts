/** The port of a journal: what happened to a message, kept for a while, read by `postroad trace`. */

import type { EntryId, MessageId } from '@postroad/envelope'

/**
 * Capped: the newest records of each message, some days at most. Not an archive and not a log. Every promise rejects with
 * `QueueUnavailableError` as those of a `Queue` do.
 */
export interface Journal {
  /**
   * Keeps records in their order, behind those kept before; which of two calls at once comes first is the store's
   * choice. Best effort: a crash may lose the last ones, and a call that is repeated keeps them twice. The store removes
   * what is too old or too much.
   */
  write(records: readonly JournalRecord[]): Promise<void>
  /** The records of one message, oldest first; empty where none are kept. */
  read(message: MessageId): Promise<readonly JournalRecord[]>
}

/** One fact about a message. */
export interface JournalRecord extends AttemptRecord {
  /** Under which it is kept, read and capped; need not be in the queue any more. */
  readonly message: MessageId
  /** Absent where the fact concerns the message as a whole. */
  readonly entry?: EntryId
}

/** One fact about the entry being settled. */
export interface AttemptRecord {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** A stable dotted name: `message.accepted`, `attempt.deferred`. */
  readonly event: string
  /** Plain data that survives JSON; above 4,000 characters of it `{ omitted: characters }` is kept instead. */
  readonly detail: Readonly<Record<string, unknown>>
}
