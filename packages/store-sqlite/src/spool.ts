/**
 * The spool of the SQLite store.
 *
 * Content up to 256 KiB waits in memory until the entry that names it takes it along into the one commit. Larger content
 * goes to a file beside the database while it arrives, and `write` gives a promise where the caller must wait: so a
 * message holds 256 KiB, whatever its size. All messages together hold `memoryBytes` at most; where that is used up,
 * those that go on have a buffer of 16 KiB, and what is longer than that is a file. The file is made durable before the
 * writer is asked to name it.
 */

import { contentId, type ContentId, messageId } from '@postroad/envelope'
import {
  ContentMissingError,
  type ContentRange,
  type ContentWriter,
  QueueUnavailableError,
  type SealedContent,
  type Spool,
  type StageOptions,
  type SweepReport,
} from '@postroad/queue'
import type { Clock } from '@postroad/runtime'
import { contentFilePath, type FileSpool } from '@postroad/spool-fs'
import { contentMissing } from './faults.ts'
import type { FileRemoval } from './file-removal.ts'
import type { LazyThread } from './lazy-thread.ts'
import type { NewContent, NewRow, ReadSteps, WriteSteps } from './protocol.ts'
import { type Block, Slabs } from './slabs.ts'
import { ROW_BYTES, StagedContent, type Staging } from './staged-content.ts'

/**
 * How long the number in an id is, filled up in front: so ids sort as they were made, and content that goes in the order in
 * which it came is together on few pages of their index.
 */
const SERIAL_CHARACTERS = 8

/** What a spool is made of. */
export interface SqliteSpoolParts {
  readonly clock: Clock
  readonly writer: LazyThread<WriteSteps>
  readonly reader: LazyThread<ReadSteps>
  /** Content files, and their folder. */
  readonly files: FileSpool
  readonly folder: string
  readonly removal: FileRemoval
  /** Makes ids unlike those of other processes. */
  readonly prefix: string
  /** What content in transit may hold in memory, over all messages. */
  readonly memoryBytes: number
}

/** The spool over the writer and the reader threads. */
export class SqliteSpool implements Spool {
  readonly #parts: SqliteSpoolParts
  readonly #staging: Staging
  readonly #slabs: Slabs
  readonly #staged = new Map<string, StagedContent>()
  /** Sealed content that an enqueue or a settlement brought and did not name: kept for a repeat, while there is room. */
  readonly #unclaimed = new Set<string>()
  #heldBytes = 0
  #serial = 0
  #isEnded = false

  constructor(parts: SqliteSpoolParts) {
    this.#parts = parts
    const { clock, files, memoryBytes } = parts
    this.#slabs = new Slabs(memoryBytes)
    this.#staging = {
      now: () => clock.now(),
      check: () => this.#check(),
      fits: (bytes) => this.#fits(bytes),
      take: (bytes, instead) => this.#take(bytes, instead),
      give: (block) => this.#slabs.give(block),
      held: (change) => {
        this.#heldBytes += change
      },
      // Without a buffer of its own: what is held here is all there is.
      begin: (id, ttlMs) => files.stage({ id, message: messageId(''), ttlMs, bufferBytes: 0 }),
      discard: async (content) => {
        await this.#discard(content)
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
    const id = `${this.#parts.prefix}.${(this.#serial += 1).toString(36).padStart(SERIAL_CHARACTERS, '0')}`
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
    const { sizeBytes, front, isFile } = opened
    if (isFile) {
      yield* this.#openFile(content, range)
      return
    }
    const end = Math.min(sizeBytes, range?.end ?? sizeBytes)
    let at = Math.max(0, range?.start ?? 0)
    while (at < Math.min(end, front.length)) {
      const to = Math.min(end, front.length, at + ROW_BYTES)
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
    const strangers = contents.filter((id) => !this.#staged.has(id))
    for (const id of contents) await this.#discard(id)
    if (strangers.length > 0) await this.#parts.removal.removeOrphans(strangers)
  }

  async sweep(inUse: (ids: readonly ContentId[]) => Promise<ReadonlySet<ContentId>>): Promise<SweepReport> {
    this.#check()
    const { clock, files, reader, writer } = this.#parts
    const before = clock.now()
    const isFresh = (id: ContentId): boolean => (this.#staged.get(id)?.expiresAt ?? -Infinity) >= before
    const { examined, stale } = await reader.ask('stale', { before })
    const staged = this.#staged.size
    const here = [...this.#staged].filter(([, { expiresAt }]) => expiresAt < before).map(([id]) => contentId(id))
    // Content of version 1 that was staged and never named.
    const rows = stale.map((id) => contentId(id))
    const used = await inUse([...here, ...rows])
    let removed = 0
    for (const id of here) if (!used.has(id) && !isFresh(id) && (await this.#discard(id))) removed += 1
    const unused = rows.filter((id) => !used.has(id))
    if (unused.length > 0) removed += (await writer.ask('unstage', { contents: unused, expiredBefore: before })).length

    // Files that this process does not know, or knows to be older than their time says: asked about, and then taken from
    // whoever would name them, before they go.
    const orphans: string[] = []
    const left = await files.sweep(async (ids) => {
      const named = await inUse(ids)
      const rest = ids.filter((id) => !named.has(id) && !this.#staged.has(id))
      const taken = new Set(rest.length === 0 ? [] : await writer.ask('orphan', { files: rest }))
      orphans.push(...taken)
      return new Set(ids.filter((id) => !taken.has(id)))
    })
    if (orphans.length > 0) await writer.ask('unlinked', { files: orphans })
    // What other processes noted and did not live to remove.
    this.#parts.removal.wake()
    return { examined: examined + staged + left.examined, removed: removed + left.removed }
  }

  /** Sealed content as it goes to the writer with the entry that names it. */
  bring({ id }: SealedContent): NewContent {
    const sealed = this.#staged.get(id)?.sealed
    return sealed === undefined ? { id } : { id, sealed }
  }

  /**
   * Calls what brings rows to the writer. What they bring stays in its place until that is answered, whatever else becomes
   * of the content meanwhile; files are made durable before, and nothing is asked for where that rejects.
   */
  async bringing<Result>(rows: readonly NewRow[], act: () => Promise<Result>): Promise<Result> {
    const pinned: StagedContent[] = []
    const unkept = new Set<StagedContent>()
    for (const { content } of rows) {
      const staged = content?.sealed === undefined ? undefined : this.#staged.get(content.id)
      if (staged === undefined) continue
      staged.pin()
      pinned.push(staged)
      if (content?.sealed?.isFile === true && !staged.isKept) unkept.add(staged)
    }
    try {
      if (unkept.size > 0) await this.#keep([...unkept])
      return await act()
    } finally {
      for (const staged of pinned) staged.unpin()
    }
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
        // A file holds no memory; it goes with its time.
        if (content?.sealed?.isFile === false && this.#staged.has(content.id)) this.#unclaimed.add(content.id)
      }
    }
  }

  /** Refuses all from now on. Files that were not made durable are gone when this resolves. */
  async end(): Promise<void> {
    this.#isEnded = true
    for (const id of this.#staged.keys()) this.#forget(id)
    await this.#parts.files[Symbol.asyncDispose]()
  }

  /** A block; makes room by what is only kept for a repeat, the oldest first. */
  #take(bytes: number, instead: number): Block | undefined {
    if (!this.#fits(bytes - instead)) return undefined
    for (;;) {
      const block = this.#slabs.take(bytes)
      const [oldest] = this.#unclaimed
      if (block !== undefined || oldest === undefined) return block
      this.#forget(oldest)
    }
  }

  /** Whether so many bytes more may be held; makes room by what is only kept for a repeat, the oldest first. */
  #fits(bytes: number): boolean {
    for (const id of this.#unclaimed) {
      if (this.#heldBytes + bytes <= this.#parts.memoryBytes) break
      this.#forget(id)
    }
    return this.#heldBytes + bytes <= this.#parts.memoryBytes
  }

  /** Forgets content, and leaves its file as it is. */
  #forget(id: string): StagedContent | undefined {
    const staged = this.#staged.get(id)
    this.#staged.delete(id)
    this.#unclaimed.delete(id)
    staged?.forgotten()
    return staged
  }

  /** Forgets content that nobody is to name, and removes its file; `false` where there is no such content. */
  async #discard(id: string): Promise<boolean> {
    const staged = this.#forget(id)
    if (staged?.isKept === true) await this.#parts.removal.removeOrphans([id])
    else await staged?.file?.abort()
    return staged !== undefined
  }

  async #keep(contents: readonly StagedContent[]): Promise<void> {
    const outcomes = await Promise.allSettled(
      contents.map(async (staged) => {
        try {
          await this.#parts.files.persist([{ id: staged.id, sizeBytes: staged.sealed?.sizeBytes ?? 0 }])
          staged.isKept = true
        } catch (error) {
          this.#forget(staged.id)
          throw error
        }
      }),
    )
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async *#openFile(content: ContentId, range: ContentRange | undefined): AsyncIterable<Uint8Array> {
    const { files, folder, reader } = this.#parts
    try {
      yield* files.open(content, range)
    } catch (error) {
      if (!(error instanceof ContentMissingError)) throw error
      // Either the last entry that names it has gone just now, or somebody has taken its file.
      if ((await reader.ask('open', { content })) === undefined) throw contentMissing(content)
      const path = contentFilePath(folder, content) ?? folder
      throw new QueueUnavailableError(`the file of content that is needed is missing: ${path}`, { cause: error })
    }
  }

  #check(): void {
    if (this.#isEnded) throw new QueueUnavailableError('the store is disposed')
  }
}
