/** Faults of a store, thrown. Races are results, not errors. */

/** Stable codes; `docs/errors.md` has a heading for each. */
export type QueueErrorCode = 'QUEUE_UNAVAILABLE' | 'QUEUE_CONTENT_MISSING' | 'QUEUE_INVALID_ENTRY'

/** The store cannot be reached or cannot write: nothing may be assumed of the call, and it may be repeated. */
export class QueueUnavailableError extends Error {
  override readonly name = 'QueueUnavailableError'
  /** Always `QUEUE_UNAVAILABLE`. */
  readonly code: QueueErrorCode = 'QUEUE_UNAVAILABLE'
}

/** There is no such content: never written, dropped, or swept. */
export class ContentMissingError extends Error {
  override readonly name = 'ContentMissingError'
  /** Always `QUEUE_CONTENT_MISSING`. */
  readonly code: QueueErrorCode = 'QUEUE_CONTENT_MISSING'
}

/** What was to be enqueued breaks a rule of the port: entries of two messages, a limit of labels, a bad priority. */
export class InvalidEntryError extends Error {
  override readonly name = 'InvalidEntryError'
  /** Always `QUEUE_INVALID_ENTRY`. */
  readonly code: QueueErrorCode = 'QUEUE_INVALID_ENTRY'
}
