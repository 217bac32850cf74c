/**
 * The spool of the memory store: content as lists of chunks, counted by the entries that name it; what is small is kept
 * compact from when it is named.
 */

import { contentId, type ContentId } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { ContentMissingError } from '../errors.ts'
import type { ContentRange, ContentWriter, SealedContent, Spool, StageOptions, SweepReport } from '../spool.ts'
import type { Lifetime } from './lifetime.ts'
import { SMALL_BYTES, SmallContents } from './small-contents.ts'

/** The longest chunk. */
const CHUNK_BYTES = 262_144

interface Content {
  chunks: Uint8Array[]
  sizeBytes: number
  /** Entries that name it; it goes when the last of them does. */
  names: number
  readonly ttlMs: number
  /** When it may be swept while nobody names it. */
  expiresAt: number
  sealed: boolean
  /** Its bytes are in the log, where there is one. */
  isKept: boolean
}

/** Content in memory. */
export class MemorySpool implements Spool {
  readonly #clock: Clock
  readonly #lifetime: Lifetime
  readonly #prefix: string
  /** What is staged, and what is large. */
  readonly #contents = new Map<ContentId, Content>()
  readonly #small: SmallContents
  #serial = 0

  /**
   * @param prefix Makes content ids unlike those of other stores.
   * @param hashSeed As for a `TextIndex`.
   */
  constructor(clock: Clock, lifetime: Lifetime, prefix: string, hashSeed: number) {
    this.#clock = clock
    this.#lifetime = lifetime
    this.#prefix = prefix
    this.#small = new SmallContents(hashSeed)
  }

  async stage({ ttlMs }: StageOptions): Promise<ContentWriter> {
    this.#lifetime.check()
    const id = contentId(`${this.#prefix}.${(this.#serial += 1).toString(36)}`)
    const expiresAt = this.#clock.now() + ttlMs
    const content: Content = { chunks: [], sizeBytes: 0, names: 0, ttlMs, expiresAt, sealed: false, isKept: false }
    this.#contents.set(id, content)
    return {
      write: (chunk) => {
        this.#lifetime.check()
        content.expiresAt = this.#clock.now() + ttlMs
        append(content.chunks, chunk)
        content.sizeBytes += chunk.length
      },
      seal: async ({ prefix }) => {
        this.#lifetime.check()
        if (this.#contents.get(id) !== content) throw missing(id)
        const front: Uint8Array[] = []
        append(front, prefix)
        content.chunks = [...front, ...content.chunks]
        content.sizeBytes += prefix.length
        content.sealed = true
        return { id, sizeBytes: content.sizeBytes }
      },
      abort: async () => {
        if (content.names === 0) this.#contents.delete(id)
      },
    }
  }

  async persist(_contents: readonly SealedContent[]): Promise<void> {
    this.#lifetime.check()
  }

  async *open(id: ContentId, range?: ContentRange): AsyncIterable<Uint8Array> {
    this.#lifetime.check()
    const chunks = this.#read(id)
    const start = range?.start ?? 0
    const end = range?.end ?? Infinity
    let offset = 0
    for (const chunk of chunks) {
      const from = Math.max(0, start - offset)
      const to = Math.min(chunk.length, end - offset)
      offset += chunk.length
      if (from < to) yield chunk.subarray(from, to)
      if (offset >= end) return
    }
  }

  async drop(contents: readonly ContentId[]): Promise<void> {
    this.#lifetime.check()
    for (const id of contents) if (this.#contents.get(id)?.names === 0) this.#contents.delete(id)
  }

  async sweep(inUse: (ids: readonly ContentId[]) => Promise<ReadonlySet<ContentId>>): Promise<SweepReport> {
    this.#lifetime.check()
    const examined = this.#contents.size + this.#small.size
    const stale = [...this.#contents].filter(([, content]) => this.#isStale(content)).map(([id]) => id)
    const used = await inUse(stale)
    let removed = 0
    for (const id of stale) {
      const content = this.#contents.get(id)
      if (content === undefined || used.has(id) || !this.#isStale(content)) continue
      this.#contents.delete(id)
      removed += 1
    }
    return { examined, removed }
  }

  /** @throws {ContentMissingError} Where there is no such content; for a reference also where no entry holds it. */
  require(id: ContentId, isReference: boolean): void {
    if (this.#small.has(id)) return
    const content = this.#contents.get(id)
    if (content === undefined || !content.sealed || (isReference && content.names === 0)) throw missing(id)
  }

  /** One more entry names the content. */
  name(id: ContentId): void {
    if (this.#small.name(id)) return
    const content = this.#contents.get(id)
    if (content === undefined) return
    content.names += 1
    if (content.sizeBytes > SMALL_BYTES) return
    this.#small.add(id, content.chunks, content.isKept)
    this.#contents.delete(id)
    // Whoever staged it still holds it, and may abort it: that changes nothing any more.
    content.chunks = []
  }

  /** The bytes of content that was not given before, for the log. */
  takeUnkept(id: ContentId): readonly Uint8Array[] | undefined {
    const small = this.#small.takeUnkept(id)
    if (small !== undefined) return small.length === 0 ? [] : [small]
    const content = this.#contents.get(id)
    if (content === undefined || content.isKept) return undefined
    content.isKept = true
    return content.chunks
  }

  /** Puts back content from a log; to be named by whoever puts back its entries. */
  restore(id: ContentId, chunks: readonly Uint8Array[]): void {
    const sizeBytes = chunks.reduce((sum, { length }) => sum + length, 0)
    this.#contents.set(id, {
      chunks: [...chunks],
      sizeBytes,
      names: 0,
      ttlMs: 0,
      expiresAt: 0,
      sealed: true,
      isKept: true,
    })
  }

  /** Forgets what nobody named, after everything was put back. */
  endRestore(): void {
    for (const [id, { names }] of this.#contents) if (names === 0) this.#contents.delete(id)
  }

  /** One entry that named the content is gone. */
  release(id: ContentId): void {
    if (this.#small.release(id)) return
    const content = this.#contents.get(id)
    if (content === undefined) return
    content.names -= 1
    if (content.names === 0) this.#contents.delete(id)
  }

  /** The chunks of content that an entry names. */
  #read(id: ContentId): readonly Uint8Array[] {
    const small = this.#small.read(id)
    if (small !== undefined) return [small]
    const content = this.#contents.get(id)
    if (content === undefined || content.names === 0) throw missing(id)
    return content.chunks
  }

  #isStale(content: Content): boolean {
    return content.names === 0 && content.expiresAt < this.#clock.now()
  }
}

function append(chunks: Uint8Array[], bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) chunks.push(bytes.slice(at, at + CHUNK_BYTES))
}

function missing(id: ContentId): ContentMissingError {
  return new ContentMissingError(`there is no content ${id}`)
}
