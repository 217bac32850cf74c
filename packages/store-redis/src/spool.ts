/**
 * Content in Redis: a string where it is small, else a hash of chunks of 256 KiB. Its id says which.
 *
 * What is written is kept in this process until it fills a chunk; full chunks are staged in Redis under a key that runs
 * out. So small content costs no round trip of its own: it is set in the same write as the script that names it. The prefix of large content
 * lies apart, so that chunks need not move for it.
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
import type { Argument, Staged } from './evaluation.ts'
import { type Ask, Batches } from './batches.ts'
import type { Context } from './context.ts'
import { bytesOf, listOf, numberOf, textOf, wordOf } from './reply.ts'
import type { Route } from './route.ts'
import { drop, expired, stage } from './scripts/spool.ts'
import { SealedContents, type Unnamed } from './sealed.ts'
import { at as shardAt, contextOf, shardOfContent } from './placement.ts'
import { createContentId, isChunked, parseToken } from './token.ts'
import { whole } from './whole.ts'

/** The most bytes of one field, and of one chunk that a reader is given. A format constant: readers count by it. */
export const CHUNK_BYTES: number = 256 * 1024

/** What is set aside for content of which no byte has come, and how many of these are kept to be used again. */
const FIRST_BYTES = 16 * 1024
const MOST_SPARE = 256

/** The most contents that are read with one command: they are at most 256 KiB each, and a prefix. */
const MOST_READ = 32

const NOTHING = Buffer.alloc(0)
const spare: Buffer[] = []

function giveBack(buffer: Buffer): void {
  if (buffer.length === FIRST_BYTES && spare.length < MOST_SPARE) spare.push(buffer)
}

/** Content ids that one script takes. */
const PAGE = 100

/** The spool of one store. */
export class RedisSpool implements Spool {
  readonly #shards: readonly Context[]
  readonly #sealed = new SealedContents()
  /** One for each shard. */
  readonly #reading: readonly Batches<Reading>[]

  constructor(shards: readonly Context[]) {
    this.#shards = shards
    this.#reading = shards.map(
      ({ connection }) => new Batches<Reading>(MOST_READ, (batch) => readTogether(connection, batch)),
    )
  }

  async stage(options: StageOptions): Promise<ContentWriter> {
    const { message, beside } = options
    const lease = beside === undefined ? undefined : parseToken(beside)
    // A token that names no shard is lost, and what is spawned with it is not.
    const context = (lease && this.#shards[lease.shard]) ?? contextOf(message, this.#shards)
    return new Writer(context, this.#sealed, options)
  }

  async persist(): Promise<void> {}

  async *open(content: ContentId, range?: ContentRange): AsyncIterable<Uint8Array> {
    const context = this.#shards[shardOfContent(content) ?? -1]
    if (context === undefined) throw missing(content)
    const { connection, keys } = context
    const key = keys.content(content)
    const start = Math.max(0, range?.start ?? 0)
    if (!isChunked(content)) {
      const whole = await this.#text(context, content, start, range?.end)
      for (let at = 0; at < whole.length; at += CHUNK_BYTES) yield whole.subarray(at, at + CHUNK_BYTES)
      return
    }
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

  /** Reads content that lies in one piece; what several ask for in a turn is read together. */
  async #text({ connection, keys }: Context, content: ContentId, start: number, end?: number): Promise<Buffer> {
    const key = keys.content(content)
    if (start > 0 || end !== undefined) {
      // A negative place would be one from the end.
      const part = end === undefined || end > start ? await connection.part(key, start, end ?? 0) : Buffer.alloc(0)
      if (part.length > 0) return part
    }
    const text = await new Promise<Buffer | null>((resolve, reject) => {
      this.#reading[keys.shard]?.add({ key, sizeBytes: 0, alone: false, resolve, reject })
    })
    if (text === null) throw missing(content)
    return text.subarray(start, end)
  }

  async drop(contents: readonly ContentId[]): Promise<void> {
    for (const content of contents) this.#sealed.delete(content)
    for (const context of this.#shards) {
      const here = contents.filter((content) => shardOfContent(content) === context.keys.shard)
      await this.#dropStaged(context, here)
    }
  }

  async sweep(inUse: (ids: readonly ContentId[]) => Promise<ReadonlySet<ContentId>>): Promise<SweepReport> {
    const old = this.#sealed.expired(shardAt(this.#shards, 0).now())
    let examined = old.length
    let removed = 0
    if (old.length > 0) {
      const kept = await inUse(old)
      for (const id of old) if (!kept.has(id) && this.#sealed.delete(id)) removed += 1
    }
    for (const context of this.#shards) {
      const report = await this.#sweepStaged(context, inUse)
      examined += report.examined
      removed += report.removed
    }
    return { examined, removed }
  }

  /** The arguments by which a script names contents, each once: see ARRIVALS. `sent` is to be called in the end. */
  naming(contents: readonly (SealedContent | ContentRef | undefined)[]): {
    readonly args: readonly Argument[]
    readonly staged: readonly Staged[]
  } {
    // One may be named by its id first, and by what `seal` gave after that.
    const ids = new Map<ContentId, Unnamed | undefined>()
    for (const content of contents) {
      if (content === undefined) continue
      const id = 'ref' in content ? content.ref : content.id
      ids.set(id, ids.get(id) ?? this.#sealed.get(content))
      this.#sealed.begin(content)
    }
    const args: Argument[] = [ids.size]
    const staged: Staged[] = []
    for (const [id, unnamed] of ids) {
      if (unnamed === undefined) args.push(id, 'ref')
      else if (unnamed.staged === 0) {
        args.push(id, 'put')
        const keys = this.#shards[shardOfContent(id) ?? -1]?.keys
        if (keys !== undefined) staged.push({ key: keys.content(id), bytes: [unnamed.prefix, unnamed.tail] })
      } else args.push(id, 'end', unnamed.sizeBytes, unnamed.staged, unnamed.prefix, unnamed.tail)
    }
    return { args, staged }
  }

  /** The call that named them has ended, done or failed. */
  sent(contents: readonly (SealedContent | ContentRef | undefined)[]): void {
    for (const content of contents) if (content !== undefined) this.#sealed.end(content)
  }

  /** Forgets here what entries name now; after `sent`. */
  named(contents: readonly (SealedContent | ContentRef | undefined)[]): void {
    for (const content of contents) if (content !== undefined) this.#sealed.named(content)
  }

  async #sweepStaged(
    context: Context,
    inUse: (ids: readonly ContentId[]) => Promise<ReadonlySet<ContentId>>,
  ): Promise<SweepReport> {
    const { connection, keys, time } = context
    let examined = 0
    let removed = 0
    for (let passed = 0; ;) {
      const { rest } = wordOf(await connection.run(expired, [keys.seq], [time(), passed]))
      const ids = listOf(rest[0]).map((id) => contentId(textOf(id)))
      if (ids.length === 0) return { examined, removed }
      const kept = await inUse(ids)
      const unused = ids.filter((id) => !kept.has(id))
      for (const id of unused) this.#sealed.delete(id)
      const dropped = await this.#dropStaged(context, unused)
      removed += dropped
      examined += ids.length
      // What could not be dropped is there still: passed over, or this would not end.
      passed += ids.length - dropped
    }
  }

  async #dropStaged({ connection, keys }: Context, contents: readonly ContentId[]): Promise<number> {
    let dropped = 0
    for (let from = 0; from < contents.length; from += PAGE) {
      const { rest } = wordOf(await connection.run(drop, [keys.seq], contents.slice(from, from + PAGE)))
      dropped += numberOf(rest[0])
    }
    return dropped
  }
}

/** One read of content in one piece, on its way. */
interface Reading extends Ask {
  readonly key: string
  readonly resolve: (text: Buffer | null) => void
  readonly reject: (reason: unknown) => void
}

async function readTogether(connection: Route, batch: readonly Reading[]): Promise<void> {
  try {
    const texts = await connection.texts(batch.map(({ key }) => key))
    for (const [n, { resolve }] of batch.entries()) resolve(texts[n] ?? null)
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}

class Writer implements ContentWriter {
  readonly #context: Context
  readonly #sealed: SealedContents
  #id: ContentId | undefined
  readonly #ttlMs: number
  #buffer: Buffer
  #filled = 0
  #staged = 0
  #touchedAt: number
  #ended = false

  constructor(context: Context, sealed: SealedContents, options: StageOptions) {
    this.#context = context
    this.#sealed = sealed
    this.#ttlMs = whole(options.ttlMs, 'ttlMs')
    this.#touchedAt = context.now()
    this.#buffer = spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES)
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
    const buffer = this.#buffer
    this.#buffer = NOTHING
    this.#id ??= createContentId(this.#context.keys.shard, 'w')
    return this.#sealed.add(this.#id, {
      sizeBytes,
      staged: this.#staged,
      prefix: Buffer.from(prefix),
      tail: buffer.subarray(0, this.#filled),
      expiresAt: this.#context.now() + this.#ttlMs,
      free: () => giveBack(buffer),
    })
  }

  async abort(): Promise<void> {
    this.#ended = true
    this.#filled = 0
    giveBack(this.#buffer)
    this.#buffer = NOTHING
    if (this.#id === undefined) return
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
      const larger = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, Math.max(needed, 2 * this.#buffer.length)))
      this.#buffer.copy(larger, 0, 0, this.#filled)
      giveBack(this.#buffer)
      this.#buffer = larger
    }
    this.#buffer.set(chunk, this.#filled)
    this.#filled = needed
  }

  async #stage(bytes?: Buffer): Promise<void> {
    const { connection, keys, time, now } = this.#context
    this.#touchedAt = now()
    this.#id ??= createContentId(this.#context.keys.shard, 'h')
    const args = [time(), this.#id, this.#ttlMs, this.#staged]
    const reply = await connection.run(stage, [keys.seq], bytes === undefined ? args : [...args, bytes])
    if (wordOf(reply).word !== 'staged') throw new QueueUnavailableError('content that was staged is gone from Redis')
  }
}

function missing(content: ContentId): ContentMissingError {
  return new ContentMissingError(`there is no content ${content}`)
}
