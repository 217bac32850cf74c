/**
 * The spool of the SQLite store.
 *
 * Content up to 256 KiB waits in memory until the entry that names it takes it along into the one commit. Larger content
 * is written in pieces while it arrives, staged in the database, and `write` gives a promise where the caller must wait:
 * so a writer holds two pieces at most, whatever the size.
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
import type { NewContent, ReadSteps, WriteSteps } from './protocol.ts'
import type { LazyThread } from './lazy-thread.ts'
import type { WorkerThread } from './worker-thread.ts'

/** The longest piece, and the longest content that is kept in memory. */
export const PIECE_BYTES = 262_144
/** What a new writer's buffer holds; it doubles. */
const FIRST_BYTES = 16_384

/** Content that no entry names yet. */
interface Staged {
  expiresAt: number
  /** `undefined` until it is sealed. */
  sealed: NewContent['sealed'] | undefined
}

/** What a spool is made of. */
export interface SqliteSpoolParts {
  readonly clock: Clock
  readonly writer: WorkerThread<WriteSteps>
  readonly reader: LazyThread<ReadSteps>
  /** Makes ids unlike those of other processes. */
  readonly prefix: string
}

/** The spool over the writer and the reader threads. */
export class SqliteSpool implements Spool {
  readonly #parts: SqliteSpoolParts
  readonly #staged = new Map<string, Staged>()
  #serial = 0
  #isEnded = false

  constructor(parts: SqliteSpoolParts) {
    this.#parts = parts
  }

  async stage({ sizeHint, ttlMs }: StageOptions): Promise<ContentWriter> {
    this.#check()
    const { clock, writer, prefix: idPrefix } = this.#parts
    const id = `${idPrefix}.${(this.#serial += 1).toString(36)}`
    const staged: Staged = { expiresAt: clock.now() + ttlMs, sealed: undefined }
    this.#staged.set(id, staged)
    let buffer = new Uint8Array(Math.min(PIECE_BYTES, Math.max(FIRST_BYTES, sizeHint ?? 0)))
    let filled = 0
    let flushed = 0
    let isAborted = false

    const check = (): void => {
      this.#check()
      if (this.#staged.get(id) !== staged) throw contentMissing(id)
    }
    /** Takes what fits; gives how much that was. */
    const take = (chunk: Uint8Array): number => {
      if (filled + chunk.length > buffer.length && buffer.length < PIECE_BYTES) {
        const larger = new Uint8Array(Math.min(PIECE_BYTES, Math.max(buffer.length * 2, filled + chunk.length)))
        larger.set(buffer.subarray(0, filled))
        buffer = larger
      }
      const part = chunk.subarray(0, buffer.length - filled)
      buffer.set(part, filled)
      filled += part.length
      return part.length
    }
    const flush = async (): Promise<void> => {
      const bytes = buffer.subarray(0, filled)
      const start = flushed
      flushed += filled
      filled = 0
      buffer = new Uint8Array(PIECE_BYTES)
      try {
        await writer.ask('stage', { content: id, start, bytes, expiresAt: instant(staged.expiresAt) })
      } catch (error) {
        // A piece may be missing now: this content must never be named.
        this.#staged.delete(id)
        throw error
      }
      check()
    }
    const writeOn = async (rest: Uint8Array): Promise<void> => {
      for (let at = 0; at < rest.length;) {
        if (filled === PIECE_BYTES) await flush()
        at += take(rest.subarray(at))
      }
    }

    return {
      write: (chunk) => {
        check()
        staged.expiresAt = clock.now() + ttlMs
        const taken = take(chunk)
        return taken < chunk.length ? writeOn(chunk.subarray(taken)) : undefined
      },
      seal: async ({ prefix }) => {
        check()
        staged.expiresAt = clock.now() + ttlMs
        const isChunked = flushed > 0
        const sizeBytes = prefix.length + flushed + filled
        const front = new Uint8Array(isChunked ? prefix.length : sizeBytes)
        front.set(prefix)
        if (!isChunked) front.set(buffer.subarray(0, filled), prefix.length)
        else if (filled > 0) await flush()
        buffer = new Uint8Array(0)
        staged.sealed = { sizeBytes, front, isChunked }
        return { id: contentId(id), sizeBytes }
      },
      abort: async () => {
        if (isAborted) return
        isAborted = true
        buffer = new Uint8Array(0)
        this.#staged.delete(id)
        if (flushed > 0) await writer.ask('unstage', { contents: [id], expiredBefore: undefined })
      },
    }
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
    for (const id of contents) this.#staged.delete(id)
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
    const removed = new Set(unused.filter((id) => this.#staged.delete(id)))
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

  /** Forgets content that entries name now. */
  named(contents: readonly string[]): void {
    for (const id of contents) this.#staged.delete(id)
  }

  /** Refuses all from now on. */
  end(): void {
    this.#isEnded = true
    this.#staged.clear()
  }

  #check(): void {
    if (this.#isEnded) throw new QueueUnavailableError('the store is disposed')
  }
}
