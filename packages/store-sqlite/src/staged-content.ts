/**
 * Content on its way in: a buffer, and behind it a file where the content is larger than that.
 *
 * The buffer is a block of the spool's slabs, which the writer reads where it lies: so nothing may be written to it after
 * `seal`, and it is given back only when nobody can be reading it any more (`pin`, `unpin`). Where slabs are full it is a
 * buffer of its own, which a message to the writer copies.
 */

import { type ContentId, contentId } from '@postroad/envelope'
import type { ContentWriter, SealedContent } from '@postroad/queue'
import { contentMissing } from './faults.ts'
import type { NewContent } from './protocol.ts'
import type { Block } from './slabs.ts'

/** The longest content that is kept in memory and in the database; what is longer is a file. */
export const ROW_BYTES = 262_144
/** What a new buffer holds, and the least that is written to a file at once where memory is short. */
const FIRST_BYTES = 16_384
/** Room in front of what is written for the prefix, in all blocks but the largest. */
const HEADROOM_BYTES = 1_024
const NOTHING = new Uint8Array(0)

/** What a staged content needs of its spool. */
export interface Staging {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Throws once the store is disposed. */
  readonly check: () => void
  /** Whether so many bytes more may be held now, over all content. */
  readonly fits: (bytes: number) => boolean
  /** A block of so many bytes or more, in place of so many that are held now; `undefined` where it does not fit. */
  readonly take: (bytes: number, instead: number) => Block | undefined
  /** Takes a block back, that nobody reads or writes any more. */
  readonly give: (block: Block) => void
  /** Told how the bytes held have changed. */
  readonly held: (change: number) => void
  /** Begins a file that writes at once what it is given, from where it lies. */
  readonly begin: (content: ContentId, ttlMs: number) => Promise<ContentWriter>
  /** Forgets this content: nothing can name it any more. Resolves once its file is gone. */
  readonly discard: (content: ContentId) => Promise<void>
}

/** Content that no entry names yet, and what writes it. */
export class StagedContent implements ContentWriter {
  readonly id: ContentId
  readonly #staging: Staging
  readonly #ttlMs: number
  #buffer: Uint8Array = NOTHING
  /** Where the buffer lies; `undefined` where it is no block. */
  #block: Block | undefined
  /** Where in the buffer what is written begins. */
  #start = 0
  #filled = 0
  /** How many may be reading the buffer now. */
  #pins = 0
  #file: ContentWriter | undefined
  #heldBytes = 0
  #expiresAt: number
  #sealed: NewContent['sealed']
  #isForgotten = false
  #isAborted = false
  /** Whether its file is durable. To be set by the spool. */
  isKept = false

  constructor(id: string, staging: Staging, ttlMs: number) {
    this.id = contentId(id)
    this.#staging = staging
    this.#ttlMs = ttlMs
    this.#expiresAt = staging.now() + ttlMs
  }

  /** How it goes to the writer with the entry that names it; `undefined` until it is sealed. */
  get sealed(): NewContent['sealed'] {
    return this.#sealed
  }

  /** Its file; `undefined` while it needs none. */
  get file(): ContentWriter | undefined {
    return this.#file
  }

  /** When it may be swept: milliseconds since the epoch. */
  get expiresAt(): number {
    return this.#expiresAt
  }

  /** Lets go of what it holds; nothing can be written any more. To be called by the spool, which sees to the file. */
  forgotten(): void {
    this.#isForgotten = true
    this.#sealed = undefined
    if (this.#pins === 0) this.#replace(NOTHING)
  }

  /** Somebody is about to read what it holds, in whatever thread: it stays where it is until `unpin`. */
  pin(): void {
    this.#pins += 1
  }

  /** To be called once for each `pin`, when that reader cannot be reading any more. */
  unpin(): void {
    this.#pins -= 1
    if (this.#pins === 0 && this.#isForgotten) this.#replace(NOTHING)
  }

  write(chunk: Uint8Array): void | Promise<void> {
    this.#check()
    this.#expiresAt = this.#staging.now() + this.#ttlMs
    const taken = this.#take(chunk)
    return taken < chunk.length ? this.#writeOn(chunk.subarray(taken)) : undefined
  }

  async seal({ prefix }: { readonly prefix: Uint8Array }): Promise<SealedContent> {
    this.#check()
    this.#expiresAt = this.#staging.now() + this.#ttlMs
    if (this.#file === undefined && prefix.length + this.#filled <= ROW_BYTES) {
      const front = this.#inFront(prefix)
      return this.#seal(front.length, front)
    }
    if (this.#filled > 0) await this.#flush()
    const { sizeBytes } = await this.#toFile((file) => file.seal({ prefix }))
    return this.#seal(sizeBytes, undefined)
  }

  async abort(): Promise<void> {
    if (this.#isAborted) return
    this.#isAborted = true
    await this.#staging.discard(this.id)
  }

  #check(): void {
    this.#staging.check()
    if (this.#isForgotten) throw contentMissing(this.id)
    // The writer may be reading it.
    if (this.#sealed !== undefined) throw new Error(`content ${this.id} is sealed already`)
  }

  #seal(sizeBytes: number, front: Uint8Array | undefined): SealedContent {
    if (front === undefined) this.#replace(NOTHING)
    this.#sealed = { sizeBytes, front: front ?? NOTHING, isFile: front === undefined }
    return { id: this.id, sizeBytes }
  }

  /** All of small content: what was written stays where it is if there is room in front of it. */
  #inFront(prefix: Uint8Array): Uint8Array {
    const length = prefix.length + this.#filled
    if (prefix.length > this.#start) {
      const written = this.#buffer.subarray(this.#start, this.#start + this.#filled)
      if (length <= this.#buffer.length) this.#buffer.set(written, prefix.length)
      else {
        const larger = new Uint8Array(length)
        larger.set(written, prefix.length)
        this.#replace(larger)
      }
      this.#start = prefix.length
    }
    const front = this.#buffer.subarray(this.#start - prefix.length, this.#start + this.#filled)
    front.set(prefix)
    return front
  }

  /** Takes what fits; gives how much that was. */
  #take(chunk: Uint8Array): number {
    if (chunk.length > this.#room) this.#grow(this.#filled + chunk.length)
    const room = this.#room
    const part = chunk.length <= room ? chunk : chunk.subarray(0, room)
    this.#buffer.set(part, this.#start + this.#filled)
    this.#filled += part.length
    return part.length
  }

  get #room(): number {
    return this.#buffer.length - this.#start - this.#filled
  }

  /** A larger buffer where memory allows; where not, less is written at once. The first 16 KiB are always there. */
  #grow(neededBytes: number): void {
    const { length } = this.#buffer
    if (length >= ROW_BYTES) return
    const wanted = Math.min(ROW_BYTES, Math.max(FIRST_BYTES, length * 2, neededBytes + HEADROOM_BYTES))
    const block = this.#staging.take(wanted, length)
    if (block === undefined && length >= FIRST_BYTES) return
    const larger = block?.bytes ?? new Uint8Array(FIRST_BYTES)
    const start = block === undefined || larger.length >= ROW_BYTES ? 0 : HEADROOM_BYTES
    larger.set(this.#buffer.subarray(this.#start, this.#start + this.#filled), start)
    this.#replace(larger, block, start)
  }

  async #flush(): Promise<void> {
    const written = this.#buffer.subarray(this.#start, this.#start + this.#filled)
    this.pin()
    try {
      await this.#toFile(async (file) => file.write(written))
    } finally {
      this.unpin()
    }
    this.#filled = 0
    if (this.#buffer.length > FIRST_BYTES && !this.#staging.fits(0)) this.#replace(new Uint8Array(FIRST_BYTES))
  }

  async #toFile<Result>(act: (file: ContentWriter) => Promise<Result>): Promise<Result> {
    let result: Result
    try {
      this.#file ??= await this.#staging.begin(this.id, this.#ttlMs)
      this.#check()
      result = await act(this.#file)
    } catch (error) {
      // Part of it may be missing now: this content must never be named.
      const wasForgotten = this.#isForgotten
      await this.#staging.discard(this.id)
      await this.#file?.abort()
      // The end of the store forgets all.
      this.#staging.check()
      throw wasForgotten ? contentMissing(this.id) : error
    }
    this.#check()
    return result
  }

  async #writeOn(rest: Uint8Array): Promise<void> {
    for (let at = 0; at < rest.length;) {
      if (this.#room === 0) await this.#flush()
      at += this.#take(rest.subarray(at))
    }
  }

  /** Takes another buffer, and gives the block of the one before back. */
  #replace(buffer: Uint8Array, block?: Block, start = 0): void {
    if (this.#block !== undefined) this.#staging.give(this.#block)
    this.#buffer = buffer
    this.#block = block
    this.#start = start
    this.#hold(buffer.length)
  }

  #hold(bytes: number): void {
    this.#staging.held(bytes - this.#heldBytes)
    this.#heldBytes = bytes
  }
}
