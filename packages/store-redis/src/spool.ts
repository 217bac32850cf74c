/**
 * Content in Redis, in chunks of 256 KiB.
 *
 * What is written is kept in this process until it fills a chunk; full chunks are staged in Redis under a key that runs
 * out. So small content costs no command of its own: the script that names it carries it. The prefix lies apart, so that
 * chunks need not move for it.
 */

import { type ContentId, contentId } from '@postroad/envelope'
import {
  ContentMissingError,
  type ContentRange,
  type ContentRef,
  type ContentWriter,
  QueueUnavailableError,
  type SealedContent,
  type Spool,
  type StageOptions,
  type SweepReport,
} from '@postroad/queue'
import type { Argument } from './connection.ts'
import type { Context } from './context.ts'
import { bytesOf, listOf, numberOf, textOf, wordOf } from './reply.ts'
import { drop, expired, stage } from './scripts/spool.ts'
import { SealedContents } from './sealed.ts'
import { createContentId } from './token.ts'
import { whole } from './whole.ts'

/** The most bytes of one field, and of one chunk that a reader is given. A format constant: readers count by it. */
export const CHUNK_BYTES: number = 256 * 1024

/** The most that is set aside for content of which no byte has come. */
const FIRST_BYTES = 64 * 1024

/** Content ids that one script takes. */
const PAGE = 100

/** The spool of one store. */
export class RedisSpool implements Spool {
  readonly #context: Context
  readonly #sealed = new SealedContents()

  constructor(context: Context) {
    this.#context = context
  }

  async stage(options: StageOptions): Promise<ContentWriter> {
    return new Writer(this.#context, this.#sealed, options)
  }

  async persist(): Promise<void> {}

  async *open(content: ContentId, range?: ContentRange): AsyncIterable<Uint8Array> {
    const { connection, keys } = this.#context
    const key = keys.content(content)
    const start = Math.max(0, range?.start ?? 0)
    const [refs, size, prefix, first] = await connection.fields(key, [
      'refs',
      'size',
      'prefix',
      start === 0 ? '0' : 'none',
    ])
    if (refs === null || refs === undefined) throw missing(content)
    const front = bytesOf(prefix)
    const end = Math.min(range?.end ?? Infinity, numberOf(size))

    for (let at = start; at < Math.min(end, front.length); at += CHUNK_BYTES) {
      yield front.subarray(at, Math.min(at + CHUNK_BYTES, end, front.length))
    }
    for (let at = Math.max(start, front.length); at < end;) {
      const index = Math.floor((at - front.length) / CHUNK_BYTES)
      const from = front.length + index * CHUNK_BYTES
      const chunk = index === 0 && first ? first : (await connection.fields(key, [String(index)]))[0]
      // The last entry that named it was settled while this reads.
      if (chunk === null || chunk === undefined) throw missing(content)
      const part = chunk.subarray(at - from, Math.min(end - from, chunk.length))
      if (part.length === 0) throw missing(content)
      yield part
      at += part.length
    }
  }

  async drop(contents: readonly ContentId[]): Promise<void> {
    for (const content of contents) this.#sealed.delete(content)
    await this.#dropStaged(contents)
  }

  async sweep(inUse: (ids: readonly ContentId[]) => Promise<ReadonlySet<ContentId>>): Promise<SweepReport> {
    const { connection, keys, time, now } = this.#context
    let examined = 0
    let removed = 0
    const old = this.#sealed.expired(now())
    if (old.length > 0) {
      const kept = await inUse(old)
      examined += old.length
      for (const id of old) if (!kept.has(id) && this.#sealed.delete(id)) removed += 1
    }
    for (let passed = 0; ;) {
      const { rest } = wordOf(await connection.run(expired, [keys.seq], [time(), passed]))
      const ids = listOf(rest[0]).map((id) => contentId(textOf(id)))
      if (ids.length === 0) return { examined, removed }
      const kept = await inUse(ids)
      const unused = ids.filter((id) => !kept.has(id))
      for (const id of unused) this.#sealed.delete(id)
      const dropped = await this.#dropStaged(unused)
      removed += dropped
      examined += ids.length
      // What could not be dropped is there still: passed over, or this would not end.
      passed += ids.length - dropped
    }
  }

  /** The arguments by which a script names contents, each once: see ARRIVALS. */
  naming(contents: readonly (SealedContent | ContentRef | undefined)[]): readonly Argument[] {
    const ids = new Set<ContentId>()
    const args: Argument[] = []
    for (const content of contents) {
      if (content === undefined) continue
      const id = 'ref' in content ? content.ref : content.id
      if (ids.has(id)) continue
      ids.add(id)
      const unnamed = this.#sealed.get(content)
      if (unnamed === undefined) args.push(id, 'ref', 0, 0, '', '')
      else args.push(id, 'put', unnamed.sizeBytes, unnamed.staged, unnamed.prefix, unnamed.tail)
    }
    return [ids.size, ...args]
  }

  /** Forgets here what entries name now. */
  named(contents: readonly (SealedContent | ContentRef | undefined)[]): void {
    for (const content of contents) if (content !== undefined && 'id' in content) this.#sealed.delete(content.id)
  }

  async #dropStaged(contents: readonly ContentId[]): Promise<number> {
    const { connection, keys } = this.#context
    let dropped = 0
    for (let at = 0; at < contents.length; at += PAGE) {
      const { rest } = wordOf(await connection.run(drop, [keys.seq], contents.slice(at, at + PAGE)))
      dropped += numberOf(rest[0])
    }
    return dropped
  }
}

class Writer implements ContentWriter {
  readonly #context: Context
  readonly #sealed: SealedContents
  readonly #id: ContentId
  readonly #ttlMs: number
  #buffer: Buffer
  #filled = 0
  #staged = 0
  #touchedAt: number
  #ended = false

  constructor(context: Context, sealed: SealedContents, options: StageOptions) {
    this.#context = context
    this.#sealed = sealed
    this.#id = createContentId(context.keys.shard)
    this.#ttlMs = whole(options.ttlMs, 'ttlMs')
    this.#touchedAt = context.now()
    this.#buffer = Buffer.allocUnsafe(Math.min(FIRST_BYTES, Math.max(1_024, options.sizeHint ?? 16_384)))
  }

  write(chunk: Uint8Array): void | Promise<void> {
    if (this.#ended) throw new ContentMissingError('the content was sealed or aborted before')
    if (this.#filled + chunk.length < CHUNK_BYTES) {
      this.#keep(chunk)
      // A slow sender: what is staged must not grow old while little comes.
      if (this.#staged > 0 && this.#context.now() - this.#touchedAt > this.#ttlMs / 4) return this.#stage()
      return undefined
    }
    return this.#flush(chunk)
  }

  async seal({ prefix }: { readonly prefix: Uint8Array }): Promise<SealedContent> {
    if (this.#ended) throw new ContentMissingError('the content was sealed or aborted before')
    this.#ended = true
    const sizeBytes = prefix.length + this.#staged * CHUNK_BYTES + this.#filled
    return this.#sealed.add(this.#id, {
      sizeBytes,
      staged: this.#staged,
      prefix: Buffer.from(prefix),
      tail: this.#buffer.subarray(0, this.#filled),
      expiresAt: this.#context.now() + this.#ttlMs,
    })
  }

  async abort(): Promise<void> {
    this.#ended = true
    this.#filled = 0
    this.#sealed.delete(this.#id)
    if (this.#staged === 0) return
    const { connection, keys } = this.#context
    // Redis forgets it by itself where it cannot be told.
    await connection.run(drop, [keys.seq], [this.#id]).catch(() => {})
  }

  async #flush(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const taken = chunk.subarray(at, at + CHUNK_BYTES - this.#filled)
      this.#keep(taken)
      at += taken.length
      if (this.#filled < CHUNK_BYTES) return
      await this.#stage(this.#buffer)
      this.#staged += 1
      this.#filled = 0
    }
  }

  #keep(chunk: Uint8Array): void {
    const needed = this.#filled + chunk.length
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(needed, 2 * this.#buffer.length)))
      this.#buffer.copy(larger, 0, 0, this.#filled)
      this.#buffer = larger
    }
    this.#buffer.set(chunk, this.#filled)
    this.#filled = needed
  }

  async #stage(bytes?: Buffer): Promise<void> {
    const { connection, keys, time, now } = this.#context
    this.#touchedAt = now()
    const args = [time(), this.#id, this.#ttlMs, this.#staged]
    const reply = await connection.run(stage, [keys.seq], bytes === undefined ? args : [...args, bytes])
    if (wordOf(reply).word !== 'staged') throw new QueueUnavailableError('content that was staged is gone from Redis')
  }
}

function missing(content: ContentId): ContentMissingError {
  return new ContentMissingError(`there is no content ${content}`)
}
