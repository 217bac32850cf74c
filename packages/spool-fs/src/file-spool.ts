/**
 * A spool over a folder.
 *
 * Content is written to a file of its own in `staging`. `persist` syncs the file, renames it to its place in `kept` and
 * syncs that folder, once for all that come there at the same time. What is never persisted costs no sync. Whatever a
 * crash leaves, between any two of these steps, lies in one of the two folders with its time, and a sweep finds it.
 */

import { resolve } from 'node:path'
import { contentId, type ContentId } from '@postroad/envelope'
import {
  type ContentRange,
  type ContentWriter,
  type ForeignSpool,
  QueueUnavailableError,
  type SealedContent,
  type StageOptions,
  type SweepReport,
} from '@postroad/queue'
import type { Clock, Random } from '@postroad/runtime'
import { systemClock, systemRandom } from '@postroad/runtime/system'
import { contentFilePath, isContentFileId, keptFolder, stagingFolder, stagingPath, subFolder } from './content-path.ts'
import { listContentFiles } from './content-files.ts'
import { type Disk, systemDisk } from './disk.ts'
import { codeOf, contentMissing, unavailable } from './faults.ts'
import { FileWriter } from './file-writer.ts'
import { Folders } from './folders.ts'
import { readContent } from './read-content.ts'

/** The longest buffer of a writer, unless told otherwise. */
const BUFFER_BYTES = 131_072
/** Most ids that a sweep asks about at once. */
const ASKED_AT_ONCE = 1_000

/** How a spool of files is opened. */
export interface FileSpoolOptions {
  /**
   * Where its files lie; made where it is not there, for this user alone. A local disk, all of it in one file system.
   * Several processes may share it.
   */
  readonly folder: string
  /** Default: the machine's clock. */
  readonly clock?: Clock
  /** Makes ids unlike those of other processes. Default: the machine's randomness. */
  readonly random?: Random
  /**
   * Whether `persist` makes content durable; default `true`. `false`: it survives a crash of the process, and a power cut
   * may lose or cut it. For tests, and where that is accepted.
   */
  readonly fsync?: boolean
  /** What a writer gathers before it goes to its file, in bytes; default 131,072. Grows from 16 KiB as it is needed. */
  readonly bufferBytes?: number
}

/** As `StageOptions`, and what only files have. */
export interface FileStageOptions extends StageOptions {
  /** The content's id, where the caller makes it: unlike any before, and `isContentFileId`. Default: one of the spool's own. */
  readonly id?: ContentId
  /** Instead of the spool's; 0: each write goes to the file at once, and its bytes are in use until it resolves. */
  readonly bufferBytes?: number
}

/**
 * A spool over a folder: a foreign spool, whose content is there once `persist` has resolved and until `drop`. Disposing
 * it removes what this process has staged and not persisted.
 */
export interface FileSpool extends ForeignSpool, AsyncDisposable {
  /** As `Spool.stage`. Throws a `RangeError` where `id` is none that a file can have. */
  stage(options: FileStageOptions): Promise<ContentWriter>
  /** Ends it and leaves every file as it lies, as the end of the process would: what is not persisted is for a sweep. */
  abandon(): Promise<void>
}

/**
 * Opens a spool, and makes its folders.
 *
 * @throws {QueueUnavailableError} Where they cannot be made.
 */
export async function openFileSpool(options: FileSpoolOptions): Promise<FileSpool> {
  const spool = new FolderSpool(options)
  await spool.makeFolders()
  return spool
}

/** As `openFileSpool`, but touches nothing before content is staged: where that is rare, there is no folder until then. */
export function createFileSpool(options: FileSpoolOptions): FileSpool {
  return new FolderSpool(options)
}

/** What may be swept: a file, or what this process is writing. */
interface Stale {
  readonly id: ContentId
  readonly path: string | undefined
}

/** The spool over a folder. Not exported by the package. */
export class FolderSpool implements FileSpool {
  readonly isForeign = true
  readonly #folder: string
  readonly #clock: Clock
  readonly #prefix: string
  readonly #syncs: boolean
  readonly #bufferBytes: number
  readonly #disk: Disk
  readonly #folders: Folders
  /** What this process has staged and not persisted. */
  readonly #staged = new Map<ContentId, FileWriter>()
  /** What is being persisted. */
  readonly #keeping = new Map<ContentId, Promise<void>>()
  #serial = 0
  #isEnded = false

  /** @param disk A test gives one that counts, or fails. */
  constructor(options: FileSpoolOptions, disk: Disk = systemDisk) {
    const { folder, clock = systemClock, random = systemRandom, fsync = true, bufferBytes = BUFFER_BYTES } = options
    this.#folder = resolve(folder)
    this.#clock = clock
    this.#prefix = Array.from(random.bytes(12), (byte) => byte.toString(16).padStart(2, '0')).join('')
    this.#syncs = fsync
    this.#bufferBytes = bufferBytes
    this.#disk = disk
    this.#folders = new Folders(disk, this.#folder, fsync)
  }

  /** Makes the folders that every content needs. */
  async makeFolders(): Promise<void> {
    await this.#makeFolder(stagingFolder(this.#folder))
    await this.#makeFolder(keptFolder(this.#folder))
  }

  async stage({ id, ttlMs, bufferBytes }: FileStageOptions): Promise<ContentWriter> {
    this.#check()
    const own = id ?? contentId(`${this.#prefix}.${(this.#serial += 1).toString(36)}`)
    if (!isContentFileId(own)) throw new RangeError('the id of content cannot be the name of a file')
    if (this.#staged.has(own)) throw new RangeError('content of this id is being written')
    const writer: FileWriter = new FileWriter({
      id: own,
      ttlMs,
      path: stagingPath(this.#folder, own, ttlMs),
      bufferBytes: bufferBytes ?? this.#bufferBytes,
      disk: this.#disk,
      now: () => this.#clock.now(),
      check: () => this.#check(),
      makeFolder: () => {
        // Not made yet, or somebody has removed it.
        this.#folders.forget()
        return this.#makeFolder(stagingFolder(this.#folder))
      },
      onGone: () => {
        if (this.#staged.get(own) === writer) this.#staged.delete(own)
      },
    })
    this.#staged.set(own, writer)
    return writer
  }

  async persist(contents: readonly SealedContent[]): Promise<void> {
    this.#check()
    const outcomes = await Promise.allSettled(contents.map(({ id }) => this.#persistOne(id)))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async *open(content: ContentId, range?: ContentRange): AsyncIterable<Uint8Array> {
    this.#check()
    const path = contentFilePath(this.#folder, content)
    if (path === undefined) throw contentMissing(content)
    yield* readContent(this.#disk, path, content, range)
  }

  async drop(contents: readonly ContentId[]): Promise<void> {
    this.#check()
    for (const id of contents) {
      const path = contentFilePath(this.#folder, id)
      if (path === undefined) continue
      await this.#keeping.get(id)?.catch(() => undefined)
      await this.#staged.get(id)?.discard()
      await this.#unlink(path)
    }
  }

  async sweep(inUse: (ids: readonly ContentId[]) => Promise<ReadonlySet<ContentId>>): Promise<SweepReport> {
    this.#check()
    const now = this.#clock.now()
    const report = { examined: 0, removed: 0 }
    let found: Stale[] = []
    const clear = async (): Promise<void> => {
      const files = found
      found = []
      if (files.length > 0) report.removed += await this.#clear(files, now, inUse)
    }
    for (const [id, writer] of this.#staged) {
      report.examined += 1
      if (writer.expiresAt < now) found.push({ id, path: undefined })
    }
    await clear()
    try {
      for await (const { id, path, isKept, expiresAt } of listContentFiles(this.#folder, this.#disk)) {
        // The time of what is written here is known better than by its file.
        if (!isKept && this.#staged.has(id)) continue
        report.examined += 1
        if (expiresAt < now && found.push({ id, path }) >= ASKED_AT_ONCE) await clear()
      }
    } catch (error) {
      throw unavailable(error, this.#folder)
    }
    await clear()
    return report
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true
    await Promise.allSettled(this.#keeping.values())
    await Promise.all([...this.#staged.values()].map((writer) => writer.discard()))
  }

  async abandon(): Promise<void> {
    this.#isEnded = true
    await Promise.allSettled(this.#keeping.values())
    await Promise.all([...this.#staged.values()].map((writer) => writer.leave()))
  }

  async #persistOne(id: ContentId): Promise<void> {
    const keeping = this.#keeping.get(id)
    if (keeping !== undefined) return keeping
    const writer = this.#staged.get(id)
    if (writer === undefined) return this.#confirm(id)
    if (!writer.isSealed) throw contentMissing(id)
    const mine = this.#keep(writer).finally(() => this.#keeping.delete(id))
    this.#keeping.set(id, mine)
    return mine
  }

  async #keep(writer: FileWriter): Promise<void> {
    const { id, path } = writer
    const folder = subFolder(this.#folder, id)
    const kept = contentFilePath(this.#folder, id) ?? ''
    try {
      await writer.finish(this.#syncs)
      await this.#makeFolder(folder)
      try {
        await this.#disk.rename(path, kept)
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error
        // Somebody has removed the folder; or the file, and then this fails again.
        this.#folders.forget()
        await this.#makeFolder(folder)
        await this.#disk.rename(path, kept)
      }
      await this.#folders.sync(folder)
      this.#staged.delete(id)
    } catch (error) {
      await writer.discard()
      await this.#disk.unlink(kept).catch(() => undefined)
      throw unavailable(error, kept)
    }
  }

  /** Content that was persisted before: by an earlier call, or by another process. */
  async #confirm(id: ContentId): Promise<void> {
    const path = contentFilePath(this.#folder, id)
    if (path === undefined) throw contentMissing(id)
    try {
      await this.#disk.stat(path)
      // Its file was synced before it came here; its name perhaps not yet.
      await this.#folders.sync(subFolder(this.#folder, id))
    } catch (error) {
      throw codeOf(error) === 'ENOENT' ? contentMissing(id) : unavailable(error, path)
    }
  }

  /** Removes what is not in use; gives how many. */
  async #clear(
    files: readonly Stale[],
    now: number,
    inUse: (ids: readonly ContentId[]) => Promise<ReadonlySet<ContentId>>,
  ): Promise<number> {
    const used = await inUse(files.map(({ id }) => id))
    let removed = 0
    for (const { id, path } of files) {
      if (used.has(id)) continue
      if (path !== undefined) {
        if (!this.#keeping.has(id) && (await this.#unlink(path))) removed += 1
        continue
      }
      const writer = this.#staged.get(id)
      // Asking took time: somebody may have gone on writing, or begun to persist it.
      if (writer === undefined || writer.expiresAt >= now || this.#keeping.has(id)) continue
      await writer.discard()
      removed += 1
    }
    return removed
  }

  async #makeFolder(folder: string): Promise<void> {
    try {
      await this.#folders.ensure(folder)
    } catch (error) {
      throw unavailable(error, folder)
    }
  }

  /** `false` where it was gone. */
  async #unlink(path: string): Promise<boolean> {
    try {
      await this.#disk.unlink(path)
      return true
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false
      throw unavailable(error, path)
    }
  }

  #check(): void {
    if (this.#isEnded) throw new QueueUnavailableError('the spool is disposed')
  }
}
