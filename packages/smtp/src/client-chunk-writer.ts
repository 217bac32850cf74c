/**
 * Content on its way out by BDAT (RFC 3030 §2): cut into chunks of announced length, as it is, in any cut of what is
 * given.
 *
 * The length of each chunk is known from the facts, so nothing is gathered. The very last octet leaves only once the
 * caller has said that the content ended and as long as the facts say: what is too long or too short never becomes a
 * message. At most so many chunks are begun without an answer; what is given beyond waits here, uncopied.
 */

import { fromLatin1 } from '@postroad/bytes'
import type { ClientOutput } from './client-output.ts'
import { wrongLength } from './client-data-writer.ts'

/** How the content is cut. */
export interface ChunkSetting {
  readonly totalBytes: number
  /** Octets of a chunk; the last may be shorter. */
  readonly chunkBytes: number
  /** How many chunks may be without an answer, 1 or more. */
  readonly window: number
  /** Told each BDAT without its CRLF. */
  readonly onCommand: ((line: string) => void) | undefined
}

const EMPTY = new Uint8Array(0)

/** Writes the content of one message by BDAT, and counts its replies; used by `ClientSession` and its transaction. */
export class ChunkWriter {
  readonly #setting: ChunkSetting
  readonly #output: ClientOutput
  /** Octets the caller gave, put into the output, and at which the chunk that is open ends. */
  #given = 0
  #framed = 0
  #chunkEnd = 0
  /** What waits for an answer to an earlier chunk. */
  #waiting: Uint8Array[] = []
  #lastOctet: Uint8Array = EMPTY
  /** Chunks whose command is in the output, whose octets all are, whose octets all were handed out, with a reply. */
  #begun = 0
  #finished = 0
  #left = 0
  #answered = 0
  #lastBegun = false
  #stopped = false
  #ended = false

  constructor(setting: ChunkSetting, output: ClientOutput) {
    this.#setting = setting
    this.#output = output
  }

  /** Content may be given; after `stop` only what an announced chunk still lacks. */
  get wanted(): boolean {
    return !this.#ended && (!this.#stopped || this.#open)
  }

  /** Content that was given waits for an answer of the peer. */
  get blocked(): boolean {
    return this.#waiting.length > 0
  }

  /** A BDAT is in the output, or was. */
  get begun(): boolean {
    return this.#begun > 0
  }

  /** A chunk was handed out whole and has no reply yet. */
  get awaited(): boolean {
    return this.#left > this.#answered
  }

  /** The next reply is the one to BDAT LAST. */
  get lastAwaited(): boolean {
    return this.#lastBegun && this.#answered === this.#begun - 1
  }

  /** BDAT LAST was handed out with all its octets. */
  get terminated(): boolean {
    return this.#lastBegun && this.#left === this.#begun
  }

  /** Every chunk that was begun has its reply. */
  get settled(): boolean {
    return this.#answered === this.#begun
  }

  get #open(): boolean {
    return this.#framed < this.#chunkEnd
  }

  push(bytes: Uint8Array): void {
    const { totalBytes } = this.#setting
    this.#given += bytes.length
    if (bytes.length === 0 || this.#given > totalBytes) return
    if (this.#given < totalBytes) return this.#write(bytes)
    // Not `slice`, which shares the memory where the chunk is a Buffer.
    this.#lastOctet = new Uint8Array(bytes.subarray(-1))
    this.#write(bytes.subarray(0, -1))
  }

  /** @throws {ClientSessionError} `SMTP_CLIENT_CONTENT_LENGTH`; the last octet is held back then. */
  end(): void {
    if (this.#given !== this.#setting.totalBytes) throw wrongLength()
    this.#ended = true
    if (this.#setting.totalBytes > 0) return this.#write(this.#lastOctet)
    this.#begin(0)
    this.#finished += 1
  }

  /** No chunk is begun any more (RFC 3030 §2: none may be sent after one was refused). */
  stop(): void {
    this.#stopped = true
    this.#move()
  }

  /** What was in the output was handed out. */
  handedOut(): void {
    this.#left = this.#finished
  }

  /** A chunk was answered. */
  answer(): void {
    this.#answered += 1
    this.#move()
  }

  #write(bytes: Uint8Array): void {
    const rest = this.#waiting.length > 0 ? bytes : this.#put(bytes)
    if (rest.length > 0) this.#waiting.push(rest)
  }

  /** Puts what waited into the output as far as the window allows. */
  #move(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const bytes of waiting) {
      const rest = this.#waiting.length > 0 ? bytes : this.#put(bytes)
      if (rest.length > 0) this.#waiting.push(rest)
    }
  }

  /** Gives what must wait; empty where all went, or where the rest is not wanted any more. */
  #put(bytes: Uint8Array): Uint8Array {
    let rest = bytes
    while (rest.length > 0) {
      if (!this.#open) {
        if (this.#stopped) return EMPTY
        if (this.#begun - this.#answered >= this.#setting.window) return rest
        this.#begin(Math.min(this.#setting.chunkBytes, this.#setting.totalBytes - this.#framed))
      }
      const part = rest.subarray(0, this.#chunkEnd - this.#framed)
      this.#output.push(part)
      this.#framed += part.length
      if (!this.#open) this.#finished += 1
      rest = rest.subarray(part.length)
    }
    return rest
  }

  #begin(octets: number): void {
    this.#begun += 1
    this.#chunkEnd = this.#framed + octets
    this.#lastBegun = this.#chunkEnd === this.#setting.totalBytes
    const line = `BDAT ${octets}${this.#lastBegun ? ' LAST' : ''}`
    this.#setting.onCommand?.(line)
    this.#output.push(fromLatin1(`${line}\r\n`))
  }
}
