/** Content on its way in: a buffer, and the pieces of it that lie in the database already. */

import { type ContentId, contentId } from '@postroad/envelope'
import type { ContentWriter, SealedContent } from '@postroad/queue'
import { contentMissing } from './faults.ts'
import { ownBytes } from './instant.ts'
import type { NewContent } from './protocol.ts'

/** The longest piece, and the longest content that is kept in memory. */
export const PIECE_BYTES = 262_144
/** What a new buffer holds, and the least one piece has where memory is short. */
const FIRST_BYTES = 16_384

/** What a staged content needs of its spool. */
export interface Staging {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Throws once the store is disposed. */
  readonly check: () => void
  /** Whether so many bytes more may be held now, over all content. */
  readonly fits: (bytes: number) => boolean
  /** Told how the bytes held have changed. */
  readonly held: (change: number) => void
  /** Keeps a piece in the database. */
  readonly keep: (content: ContentId, start: number, bytes: Uint8Array, expiresAt: number) => Promise<void>
  /** Removes the pieces again. */
  readonly remove: (content: ContentId) => Promise<void>
  /** Forgets this content: nothing can name it any more. */
  readonly forget: (content: ContentId) => void
}

/** Content that no entry names yet, and what writes it. */
export class StagedContent implements ContentWriter {
  readonly id: ContentId
  readonly #staging: Staging
  readonly #ttlMs: number
  #buffer: Uint8Array = new Uint8Array(0)
  /** Bytes in the buffer, and before them in the database. */
  #filled = 0
  #flushed = 0
  #heldBytes = 0
  #expiresAt: number
  #sealed: NewContent['sealed']
  #isForgotten = false
  #isAborted = false

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

  /** When it may be swept: milliseconds since the epoch. */
  get expiresAt(): number {
    return this.#expiresAt
  }

  /** Lets go of what it holds; nothing can be written any more. To be called by the spool. */
  forgotten(): void {
    this.#isForgotten = true
    this.#replace(new Uint8Array(0))
    this.#sealed = undefined
    this.#hold(0)
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
    const isChunked = this.#flushed > 0
    const sizeBytes = prefix.length + this.#flushed + this.#filled
    const front = new Uint8Array(isChunked ? prefix.length : sizeBytes)
    front.set(prefix)
    if (!isChunked) front.set(this.#buffer.subarray(0, this.#filled), prefix.length)
    else if (this.#filled > 0) await this.#flush()
    this.#replace(new Uint8Array(0))
    this.#hold(front.length)
    this.#sealed = { sizeBytes, front, isChunked }
    return { id: this.id, sizeBytes }
  }

  async abort(): Promise<void> {
    if (this.#isAborted) return
    this.#isAborted = true
    this.#staging.forget(this.id)
    if (this.#flushed > 0) await this.#staging.remove(this.id)
  }

  #check(): void {
    this.#staging.check()
    if (this.#isForgotten) throw contentMissing(this.id)
  }

  /** Takes what fits; gives how much that was. */
  #take(chunk: Uint8Array): number {
    if (this.#filled + chunk.length > this.#buffer.length) this.#grow(this.#filled + chunk.length)
    const part = chunk.subarray(0, this.#buffer.length - this.#filled)
    this.#buffer.set(part, this.#filled)
    this.#filled += part.length
    return part.length
  }

  /** A larger buffer where memory allows; where not, pieces are shorter. The first 16 KiB are always there. */
  #grow(neededBytes: number): void {
    const { length } = this.#buffer
    const wanted = Math.min(PIECE_BYTES, Math.max(FIRST_BYTES, length * 2, neededBytes))
    const granted = wanted > length && this.#staging.fits(wanted - length) ? wanted : Math.max(length, FIRST_BYTES)
    if (granted === length) return
    const larger = new Uint8Array(granted)
    larger.set(this.#buffer.subarray(0, this.#filled))
    this.#replace(larger)
  }

  /** The buffer is free again when the promise resolves: the piece goes over as a copy. */
  async #flush(): Promise<void> {
    const start = this.#flushed
    const bytes = ownBytes(this.#buffer.subarray(0, this.#filled))
    this.#flushed += this.#filled
    try {
      await this.#staging.keep(this.id, start, bytes, this.#expiresAt)
    } catch (error) {
      // A piece may be missing now: this content must never be named.
      this.#staging.forget(this.id)
      throw error
    }
    this.#check()
    this.#filled = 0
    if (this.#buffer.length > FIRST_BYTES && !this.#staging.fits(0)) this.#replace(new Uint8Array(FIRST_BYTES))
  }

  async #writeOn(rest: Uint8Array): Promise<void> {
    for (let at = 0; at < rest.length;) {
      if (this.#filled === this.#buffer.length) await this.#flush()
      at += this.#take(rest.subarray(at))
    }
  }

  #replace(buffer: Uint8Array): void {
    this.#buffer = buffer
    this.#filled = Math.min(this.#filled, buffer.length)
    this.#hold(buffer.length)
  }

  #hold(bytes: number): void {
    this.#staging.held(bytes - this.#heldBytes)
    this.#heldBytes = bytes
  }
}
