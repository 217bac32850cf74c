/**
 * The spool of the SQLite store.
 *
 * Content up to 256 KiB waits in memory until the entry that names it takes it along into the one commit. Larger content
 * is written in pieces while it arrives, staged in the database, and `write` gives a promise where the caller must wait:
 * so a message holds one piece, whatever its size. All messages together hold `memoryBytes` at most; where that is used
 * up, those that go on have a buffer of 16 KiB, and their pieces are shorter.
 */

import { contentId, type ContentId } from '@postroad/envelope'
import {
  type ContentRange,
  type ContentWriter,
  QueueUnavailableError,
  type SealedContent,
  type Spool,
  type StageOptions,
  type SweepReport,
} from '@postroad/queue'
import type { Clock } from '@postroad/runtime'
import { contentMissing } from './faults.ts'
import { instant } from './instant.ts'
import type { NewContent, NewRow, ReadSteps, WriteSteps } from './protocol.ts'
import type { LazyThread } from './lazy-thread.ts'
import { PIECE_BYTES, StagedContent, type Staging } from './staged-content.ts'

/** What a spool is made of. */
export interface SqliteSpoolParts {
  readonly clock: Clock
  readonly writer: LazyThread<WriteSteps>
  readonly reader: LazyThread<ReadSteps>
  /** Makes ids unlike those of other processes. */
  readonly prefix: string
  /** What content in transit may hold in memory, over all messages. */
  readonly memoryBytes: number
}

/** The spool over the writer and the reader threads. */
export class SqliteSpool implements Spool {
  readonly #parts: SqliteSpoolParts
  readonly #staging: Staging
  readonly #staged = new Map<string, StagedContent>()
  /** Sealed content that an enqueue or a settlement brought and did not name: kept for a repeat, while there is room. */
  readonly #unclaimed = new Set<string>()
  #heldBytes = 0
  #serial = 0
  #isEnded = false

  constructor(parts: SqliteSpoolParts) {
    this.#parts = parts
    const { clock, writer } = parts
    this.#staging = {
      now: () => clock.now(),
      check: () => this.#check(),
      fits: (bytes) => this.#fits(bytes),
      held: (change) => {
        this.#heldBytes += change
      },
      keep: async (content, start, bytes, expiresAt) => {
        await writer.ask('stage', { content, start, bytes, expiresAt: instant(expiresAt) })
      },
      remove: async (content) => {
        await writer.ask('unstage', { contents: [content], expiredBefore: undefined })
      },
      forget: (content) => {
        this.#forget(content)
      },
    }
  }

  /** What content in transit holds in memory now. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** `sizeHint` is not used: a buffer for what was only declared would let a sender hold memory for nothing. */
  async stage({ ttlMs }: StageOptions): Promise<ContentWriter> {
    this.#check()
    const id = `${this.#parts.prefix}.${(this.#serial += 1).toString(36)}`
    const staged = new StagedContent(id, this.#staging, ttlMs)
    this.#staged.set(id, staged)
    return staged
  }

  async persist(_contents: readonly SealedContent[]): Promise<void> {
    this.#check()
  }

  async *open(content: ContentId, range?: ContentRange): AsyncIterable<Uint8Array> {
    this.#check()
    const { reader } = this.#parts
    const opened = await reader.ask('open', { content })
    if (opened === undefined) throw contentMissing(content)
    const { sizeBytes, front } = opened
    const end = Math.min(sizeBytes, range?.end ?? sizeBytes)
    let at = Math.max(0, range?.start ?? 0)
    while (at < Math.min(end, front.length)) {
      const to = Math.min(end, front.length, at + PIECE_BYTES)
      yield front.subarray(at, to)
      at = to
    }
    while (at < end) {
      const piece = await reader.ask('piece', { content, at: at - front.length })
      if (piece === undefined) throw contentMissing(content)
      const from = at - front.length - piece.start
      const part = piece.bytes.subarray(from, Math.min(piece.bytes.length, from + end - at))
      if (part.length === 0) throw new QueueUnavailableError(`the database is damaged: content ${content} has a gap`)
      yield part
      at += part.length
    }
  }

  async drop(contents: readonly ContentId[]): Promise<void> {
    this.#check()
    if (contents.length === 0) return
    await this.#parts.writer.ask('unstage', { contents, expiredBefore: undefined })
    for (const id of contents) this.#forget(id)
  }

  async sweep(inUse: (ids: readonly ContentId[]) => Promise<ReadonlySet<ContentId>>): Promise<SweepReport> {
    this.#check()
    const { clock, reader, writer } = this.#parts
    const before = clock.now()
    const { examined, stale } = await reader.ask('stale', { before })
    const here = [...this.#staged].filter(([, { expiresAt }]) => expiresAt < before).map(([id]) => id)
    // What is still written here is staged longer than the database knows.
    const there = stale.filter((id) => (this.#staged.get(id)?.expiresAt ?? -Infinity) < before)
    const candidates = [...new Set([...here, ...there])].map((id) => contentId(id))
    const used = await inUse(candidates)
    const unused = candidates.filter((id) => !used.has(id) && (this.#staged.get(id)?.expiresAt ?? -Infinity) < before)
    const removed = new Set(unused.filter((id) => this.#forget(id)))
    const rows = unused.filter((id) => stale.includes(id))
    if (rows.length > 0) {
      for (const id of await writer.ask('unstage', { contents: rows, expiredBefore: before }))
        removed.add(contentId(id))
    }
    return { examined: Math.max(examined, this.#staged.size + removed.size), removed: removed.size }
  }

  /** Sealed content as it goes to the writer with the entry that names it. */
  bring({ id }: SealedContent): NewContent {
    const sealed = this.#staged.get(id)?.sealed
    return sealed === undefined ? { id } : { id, sealed }
  }

  /**
   * Waits until entries were added, or not. Content that they name now is forgotten here; what they brought and do not
   * name is kept, for the call may be repeated.
   */
  async naming<Named extends readonly string[] | undefined>(
    rows: readonly NewRow[],
    adding: Promise<Named>,
  ): Promise<Named> {
    try {
      const named = await adding
      for (const id of named ?? []) this.#forget(id)
      return named
    } finally {
      for (const { content } of rows) {
        if (content !== undefined && this.#staged.has(content.id)) this.#unclaimed.add(content.id)
      }
    }
  }

  /** Refuses all from now on. */
  end(): void {
    this.#isEnded = true
    for (const id of this.#staged.keys()) this.#forget(id)
  }

  /** Whether so many bytes more may be held; makes room by what is only kept for a repeat, the oldest first. */
  #fits(bytes: number): boolean {
    for (const id of this.#unclaimed) {
      if (this.#heldBytes + bytes <= this.#parts.memoryBytes) break
      this.#forget(id)
    }
    return this.#heldBytes + bytes <= this.#parts.memoryBytes
  }

  #forget(id: string): boolean {
    const staged = this.#staged.get(id)
    this.#staged.delete(id)
    this.#unclaimed.delete(id)
    staged?.forgotten()
    return staged !== undefined
  }

  #check(): void {
    if (this.#isEnded) throw new QueueUnavailableError('the store is disposed')
  }
}
