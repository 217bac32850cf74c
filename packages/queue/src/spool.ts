/**
 * The port of a spool: content of messages, staged while it arrives and made durable by the queue's own commit.
 */

import type { ContentId, LeaseToken, MessageId } from '@postroad/envelope'

/** Keeps content. A store's own spool shares the queue's commit; a foreign one (files) is told by `persist`. */
export interface Spool {
  /**
   * Begins content. Nothing is durable, and nothing visible, before an `enqueue` or `settle` that names what `seal`
   * gave. What is never named is swept once `ttlMs` have passed, or with the process.
   */
  stage(options: StageOptions): Promise<ContentWriter>

  /**
   * Makes content durable where the queue's own commit cannot: a foreign spool. In a store's own spool a no-op. Called
   * before `enqueue`, and before a `settle` that spawns.
   */
  persist(contents: readonly SealedContent[]): Promise<void>

  /**
   * Reads content, or the part of it from `start` to `end` (excluded), in bytes. Chunks are at most 256 KiB; one is
   * valid until the next is asked for. Ending the iteration early frees what it holds. What of the range lies past the
   * end is not there: fewer bytes, or none.
   *
   * The iteration throws `ContentMissingError` where there is no such content.
   */
  open(content: ContentId, range?: ContentRange): AsyncIterable<Uint8Array>

  /**
   * Forgets content that no entry names (a foreign spool's `released`). Unknown ids, and in a store's own spool content
   * that an entry names, are passed over.
   */
  drop(contents: readonly ContentId[]): Promise<void>

  /**
   * Finds what a crash left behind (unnamed for longer than its `ttlMs`) and removes what `inUse` does not name either.
   * A store's own spool asks only about what none of its entries names. Safe beside live traffic.
   */
  sweep(inUse: (ids: readonly ContentId[]) => Promise<ReadonlySet<ContentId>>): Promise<SweepReport>
}

/** What is known when content begins. */
export interface StageOptions {
  readonly message: MessageId
  /** A lease whose settlement will spawn what names this content, so that both lie in the same shard. */
  readonly beside?: LeaseToken
  /** The size the sender declared, in bytes; a hint, never trusted. */
  readonly sizeHint?: number
  /** How long the content may stay unnamed, in milliseconds, counted from the last write. */
  readonly ttlMs: number
}

/** Content that is being written. Used by one caller at a time. */
export interface ContentWriter {
  /**
   * Takes a chunk; its bytes are the caller's again once this returns or, where it gives a promise, once that resolves.
   * A promise means: wait before the next. Rejects where the store cannot take more (`QueueUnavailableError`).
   */
  write(chunk: Uint8Array): void | Promise<void>
  /** Ends the content, with `prefix` put in front of all that was written. Promises nothing about durability. */
  seal(options: { readonly prefix: Uint8Array }): Promise<SealedContent>
  /** Forgets what was written. Harmless after `seal` fails, and a second time. */
  abort(): Promise<void>
}

/** Content that is whole but not yet named by any entry. Opaque but for its id and size. */
export interface SealedContent {
  readonly id: ContentId
  /** Prefix included. */
  readonly sizeBytes: number
}

/** A part of content, in bytes; `end` is excluded and defaults to the content's length. */
export interface ContentRange {
  readonly start: number
  readonly end?: number
}

/** What a sweep found. */
export interface SweepReport {
  readonly examined: number
  readonly removed: number
}
