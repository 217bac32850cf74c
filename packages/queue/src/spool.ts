/**
 * The port of a spool: content of messages, staged while it arrives and made durable by the queue's own commit.
 */

import type { ContentId, LeaseToken, MessageId } from '@postroad/envelope'

/** Keeps content. A store's own spool shares the queue's commit; a foreign one (files) is told by `persist`. */
export interface Spool {
  /**
   * Begins content. Nothing is durable, and nothing visible, before an `enqueue` or `settle` that names what `seal`
   * gave. Whoever stages ends it: by naming it, or by `abort`; what is left is swept once `ttlMs` have passed, or goes
   * with the process. Each call begins content of its own. Rejects with `QueueUnavailableError` where the store cannot
   * take more now.
   */
  stage(options: StageOptions): Promise<ContentWriter>

  /**
   * Makes content durable where the queue's own commit cannot: a foreign spool. In a store's own spool a no-op. Called
   * before `enqueue`, and before a `settle` that spawns. Harmless a second time. Unnamed content is swept all the same.
   */
  persist(contents: readonly SealedContent[]): Promise<void>

  /**
   * Reads content, or the part of it from `start` to `end` (excluded), in bytes. Chunks are at most 256 KiB; one is
   * valid until the next is asked for. Ending the iteration early frees what it holds. What of the range lies past the
   * end is not there: fewer bytes, or none. Any number of readers may read at once.
   *
   * The iteration throws `ContentMissingError` where there is no such content; where it goes while it is read, it is
   * read to its end or the iteration throws: it never just ends. `QueueUnavailableError` where it cannot be read.
   */
  open(content: ContentId, range?: ContentRange): AsyncIterable<Uint8Array>

  /**
   * Forgets content that no entry names (a foreign spool's `released`), when the settlement that released it is durable.
   * Unknown ids, and in a store's own spool content that an entry names, are passed over; so it is harmless a second
   * time. A crash may bring content back, for the sweep to find.
   */
  drop(contents: readonly ContentId[]): Promise<void>

  /**
   * Finds what a crash left behind (unnamed for longer than its `ttlMs`) and removes what `inUse` does not name either.
   * Safe beside live traffic and other sweeps, and to be called now and then: nothing else removes what a crash left.
   * `inUse` may be called several times, or not at all; where it rejects, so does the sweep, and what it had not asked
   * about stays.
   *
   * A store's own spool spares what its entries name, whatever the answer: an empty set will do. A foreign one knows no
   * entries and asks about all that is old enough, mail that waits among it: what `inUse` does not name is lost.
   */
  sweep(inUse: (ids: readonly ContentId[]) => Promise<ReadonlySet<ContentId>>): Promise<SweepReport>
}

/** The spool of a `Store`: whatever `inUse` answers, its sweep spares what an entry of the store names. */
export interface StoreSpool extends Spool {
  /** Never there, so that a `ForeignSpool` does not pass for one. */
  readonly isForeign?: never
}

/**
 * A spool that knows no entries, such as a folder. It cannot be a `Store`'s as it is: whoever puts it below a queue tells
 * it to persist, to drop what was released, and at each sweep which contents the queue's entries name.
 */
export interface ForeignSpool extends Spool {
  /** Keeps the compiler from taking it for a `StoreSpool`. */
  readonly isForeign: true
}

/** What is known when content begins. */
export interface StageOptions {
  /**
   * The message whose entries will name the content. A store in shards keeps it with that message, and refuses entries of
   * another shard that name it (`InvalidEntryError`).
   */
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
  /**
   * Ends the content, with `prefix` put in front of all that was written. To be called once; nothing is written after.
   * Promises nothing about durability. Rejects with `ContentMissingError` where the content was swept or aborted.
   */
  seal(options: { readonly prefix: Uint8Array }): Promise<SealedContent>
  /** Forgets what was written, unless an entry names it. Harmless after `seal`, done or failed, and a second time. */
  abort(): Promise<void>
}

/** Content that is whole but not yet named by any entry. Opaque but for its id and size. */
export interface SealedContent {
  /** For `Spool.open` once an entry names the content, and for `ContentRef`. */
  readonly id: ContentId
  /** Prefix included. */
  readonly sizeBytes: number
}

/** A part of content, in bytes; `end` is excluded and defaults to the content's length. */
export interface ContentRange {
  /** From 0; at or past the content's length nothing is read. */
  readonly start: number
  /** At or before `start` nothing is read. */
  readonly end?: number
}

/** What a sweep found. */
export interface SweepReport {
  /** Contents looked at; whether those that are fresh or named count is the store's choice. */
  readonly examined: number
  /** Contents that are gone for good. */
  readonly removed: number
}
