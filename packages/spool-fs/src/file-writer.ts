/**
 * Content on its way into a file.
 *
 * What is written is gathered in a buffer and goes to the file when that is full; the file is made then, so content that
 * is aborted early never touched the disk. Nothing is synced before `finish`, which `persist` calls.
 */

import { crc32 } from 'node:zlib'
import type { ContentId } from '@postroad/envelope'
import type { ContentWriter, SealedContent } from '@postroad/queue'
import type { Disk, DiskFile } from './disk.ts'
import { codeOf, contentMissing, unavailable } from './faults.ts'
import { formatTrailer } from './trailer.ts'

/** What a new buffer holds. */
const FIRST_BYTES = 16_384
/**
 * For how much of its time to live a writer may gather and leave its file as it is: other processes know by the file alone
 * when it was last written to.
 */
const SILENT_PART = 1 / 8
/** The last instant that a file's time is set to: all file systems of today have it. */
const LAST_INSTANT = 15_000_000_000_000

/** What a writer needs of its spool. */
export interface FileWriterParts {
  readonly id: ContentId
  readonly ttlMs: number
  /** The file while it is not kept. */
  readonly path: string
  /** The longest buffer; 0: each write goes to the file at once, from where it lies. */
  readonly bufferBytes: number
  readonly disk: Disk
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Throws once the spool is disposed. */
  readonly check: () => void
  /** Makes the folder of `path`. */
  readonly makeFolder: () => Promise<void>
  /** Told when the content can never be kept. */
  readonly onGone: () => void
}

/** Content that is not kept yet, and what writes it. */
export class FileWriter implements ContentWriter {
  readonly id: ContentId
  readonly #parts: FileWriterParts
  #state: 'writing' | 'sealed' | 'gone' = 'writing'
  #file: Promise<DiskFile> | undefined
  #fileBytes = 0
  #buffer: Uint8Array = new Uint8Array(0)
  #filled = 0
  #bodyBytes = 0
  #bodyCrc = 0
  #expiresAt: number
  /** When its file was last written to; `undefined` where there is none. */
  #outAt: number | undefined
  #discarding: Promise<void> | undefined

  constructor(parts: FileWriterParts) {
    this.id = parts.id
    this.#parts = parts
    this.#expiresAt = parts.now() + parts.ttlMs
  }

  /** The file while it is not kept. */
  get path(): string {
    return this.#parts.path
  }

  /** When it may be swept: milliseconds since the epoch. */
  get expiresAt(): number {
    return this.#expiresAt
  }

  /** Whether it is whole. */
  get isSealed(): boolean {
    return this.#state === 'sealed'
  }

  write(chunk: Uint8Array): void | Promise<void> {
    this.#check()
    this.#prolong()
    this.#bodyCrc = crc32(chunk, this.#bodyCrc)
    this.#bodyBytes += chunk.length
    return this.#put(chunk)
  }

  async seal({ prefix }: { readonly prefix: Uint8Array }): Promise<SealedContent> {
    this.#check()
    this.#prolong()
    const trailer = formatTrailer(this.id, {
      bodyBytes: this.#bodyBytes,
      prefixBytes: prefix.length,
      bodyCrc: this.#bodyCrc,
      prefixCrc: crc32(prefix),
    })
    const end = new Uint8Array(prefix.length + trailer.length)
    end.set(prefix)
    end.set(trailer, prefix.length)
    await this.#put(end)
    await this.#flush()
    this.#buffer = new Uint8Array(0)
    this.#state = 'sealed'
    return { id: this.id, sizeBytes: this.#bodyBytes + prefix.length }
  }

  abort(): Promise<void> {
    return this.discard()
  }

  /**
   * Makes the file durable where it lies, and closes it; its time of modification is then when it may be swept. After a
   * failure it must be discarded: what a failed sync has written is not known, and no second sync tells.
   *
   * @param syncs `false`: it is closed, and nothing is durable.
   */
  async finish(syncs: boolean): Promise<void> {
    const { path } = this.#parts
    const file = await this.#file
    if (file === undefined || this.#state !== 'sealed') throw contentMissing(this.id)
    try {
      await file.setModifiedAt(Math.min(LAST_INSTANT, Math.max(0, this.#expiresAt)))
      if (syncs) await file.sync()
    } catch (error) {
      throw unavailable(error, path)
    }
    this.#file = undefined
    await file.close().catch((error: unknown) => {
      throw unavailable(error, path)
    })
  }

  /** Closes and removes the file; what is written from now on is refused. Never rejects: a sweep finds what is left. */
  discard(): Promise<void> {
    return (this.#discarding ??= this.#discard())
  }

  /** As `discard`, but leaves the file. */
  async leave(): Promise<void> {
    this.#state = 'gone'
    this.#buffer = new Uint8Array(0)
    this.#parts.onGone()
    try {
      await (await this.#file)?.close()
    } catch {
      // It could not be opened, or is closed as far as it can be.
    }
  }

  async #discard(): Promise<void> {
    const isThere = this.#fileBytes > 0 || this.#file !== undefined
    await this.leave()
    if (isThere) await this.#parts.disk.unlink(this.#parts.path).catch(() => undefined)
  }

  #check(): void {
    this.#parts.check()
    if (this.#state !== 'writing') throw contentMissing(this.id)
  }

  #prolong(): void {
    this.#expiresAt = this.#parts.now() + this.#parts.ttlMs
  }

  /** Takes bytes of the file, which are the caller's again when this returns or resolves. */
  #put(bytes: Uint8Array): void | Promise<void> {
    if (this.#filled + bytes.length > this.#parts.bufferBytes) return this.#putOn(bytes)
    this.#take(bytes)
    const { now, ttlMs } = this.#parts
    if (this.#outAt !== undefined && now() - this.#outAt > ttlMs * SILENT_PART) return this.#flush()
  }

  async #putOn(bytes: Uint8Array): Promise<void> {
    const { bufferBytes } = this.#parts
    const head = this.#filled === 0 ? 0 : bufferBytes - this.#filled
    this.#take(bytes.subarray(0, head))
    await this.#flush()
    const rest = bytes.subarray(head)
    if (rest.length > bufferBytes) await this.#out(rest)
    else this.#take(rest)
  }

  /** The buffer must have room. */
  #take(bytes: Uint8Array): void {
    const needed = this.#filled + bytes.length
    if (needed > this.#buffer.length) {
      const wanted = Math.max(FIRST_BYTES, this.#buffer.length * 2, needed)
      const larger = new Uint8Array(Math.min(this.#parts.bufferBytes, wanted))
      larger.set(this.#buffer.subarray(0, this.#filled))
      this.#buffer = larger
    }
    this.#buffer.set(bytes, this.#filled)
    this.#filled = needed
  }

  async #flush(): Promise<void> {
    if (this.#filled === 0) return
    await this.#out(this.#buffer.subarray(0, this.#filled))
    this.#filled = 0
  }

  async #out(bytes: Uint8Array): Promise<void> {
    // It may have ended meanwhile: no file is made for it then.
    this.#check()
    try {
      const file = await (this.#file ??= this.#create())
      await file.write(bytes, this.#fileBytes)
      this.#fileBytes += bytes.length
      this.#outAt = this.#parts.now()
    } catch (error) {
      // Part of it may be missing now: this content must never be kept.
      const isGone = this.#state === 'gone'
      await this.discard()
      throw isGone ? contentMissing(this.id) : unavailable(error, this.#parts.path)
    }
    this.#check()
  }

  async #create(): Promise<DiskFile> {
    const { disk, path, makeFolder } = this.#parts
    try {
      return await disk.create(path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      await makeFolder()
      return disk.create(path)
    }
  }
}
