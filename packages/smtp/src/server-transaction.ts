/**
 * The mail transaction of a server session (RFC 5321 §3.3): its recipients, and its content while that comes in, behind DATA
 * or by BDAT.
 */

import type { Reply } from '@postroad/envelope'
import { ChunkReader } from './chunk-reader.ts'
import type { Chunk } from './chunk-reader.ts'
import { ContentReader } from './content-reader.ts'
import type { ContentRules } from './given-content.ts'
import type { Verb } from './command-order.ts'
import type { MailRequest } from './handler.ts'
import type { InputBuffer } from './input-buffer.ts'
import type { NoticeEvent } from './server-event.ts'
import type { ServerSessionOptions } from './server-session-options.ts'
import type { SessionLimits } from './session-limits.ts'
import { CONTENT_FAULTS } from './session-replies.ts'

/** The octets of a chunk have been read, or the content of DATA to its end. */
export type ContentEnd = { readonly type: 'end' }
const END: ContentEnd = { type: 'end' }

/** A BDAT whose octets are dropped. */
export interface DroppedChunk {
  /** What is said behind them. */
  readonly reply: Reply
  /** The command, as it may be told; `undefined`: the handler refused it, and knows. */
  readonly line: string | undefined
  /** What it counts as. */
  readonly as: 'error' | 'content'
}

const NO_CHUNK: Chunk = { octets: 0, last: false }

/** One transaction, used again for the next. */
export class ServerTransaction {
  readonly #isLmtp: boolean
  readonly #rules: ContentRules
  #place: 'ready' | 'mail' | 'rcpt' | 'chunks' = 'ready'
  #begun = 0
  #recipients = 0
  #smtputf8 = false
  #binary = false
  #forwarded: Map<string, string> | undefined
  /** Content comes in, or waits for its reply. */
  #reading = false
  #data: ContentReader | undefined
  #chunks: ChunkReader | undefined
  #chunk: Chunk = NO_CHUNK
  /** Octets of a dropped chunk that have not come. */
  #left = 0
  #dropped: DroppedChunk | undefined
  #fault: Reply | undefined
  /** A chunk was refused: nothing but RSET or a hello goes on. */
  #failed = false
  /** The last MAIL, or since it a RCPT, was refused. */
  #refused = false

  constructor({ protocol, bareNewlines = 'refuse' }: ServerSessionOptions, limits: SessionLimits) {
    this.#isLmtp = protocol === 'lmtp'
    this.#rules = { bareNewlines, maxBytes: limits.maxMessageBytes, maxLineBytes: limits.maxContentLineBytes }
  }

  /** Where it stands; `ready`: there is none. */
  get state(): 'ready' | 'mail' | 'rcpt' | 'chunks' {
    return this.#place
  }

  /** Content or the octets of a BDAT come in, or the reply to them is awaited. */
  get reading(): boolean {
    return this.#reading
  }

  /** Transactions begun in the session. */
  get begun(): number {
    return this.#begun
  }

  /** Accepted ones. */
  get recipients(): number {
    return this.#recipients
  }

  /** SMTPUTF8 stood among the parameters of MAIL (RFC 6531 §3.4). */
  get smtputf8(): boolean {
    return this.#smtputf8
  }

  /** BODY=BINARYMIME stood among the parameters of MAIL (RFC 3030 §3). */
  get binary(): boolean {
    return this.#binary
  }

  /** What XFORWARD said of its client, for this transaction or the next. */
  get forwarded(): ReadonlyMap<string, string> | undefined {
    return this.#forwarded
  }

  /** Why the content is refused; to be said behind its end. */
  get fault(): Reply | undefined {
    return this.#fault
  }

  /** A chunk was refused; the message cannot go on. */
  get failed(): boolean {
    return this.#failed
  }

  /**
   * What a command counts as that is out of order. A client that pipelines cannot know yet that its MAIL, or all its RCPT,
   * were refused (RFC 2920 §3.1): what it sent behind them is no mistake.
   */
  countsAs(verb: Verb): 'error' | 'recipient' | 'content' {
    const isContent = verb === 'DATA' || verb === 'BDAT'
    if (!this.#refused || (this.#place !== 'ready' && this.#place !== 'mail')) return 'error'
    if (isContent) return 'content'
    return verb === 'RCPT' ? 'recipient' : 'error'
  }

  /** The BDAT that is being read. */
  get chunk(): Chunk {
    return this.#chunk
  }

  /** The BDAT that is being dropped. */
  get dropped(): DroppedChunk | undefined {
    return this.#dropped
  }

  /** Whether the content comes by BDAT. */
  get isChunked(): boolean {
    return this.#chunks !== undefined
  }

  /**
   * How many replies the end of the content has: in LMTP one for each accepted recipient (RFC 2033 §4.2, §4.3).
   *
   * Deviation: RFC 2033 §4.3 has a BDAT LAST without any accepted recipient answered with no reply at all; it gets its 503,
   * as DATA does, for a client that waits would wait for ever.
   */
  get replies(): number {
    return this.#isLmtp ? Math.max(1, this.#recipients) : 1
  }

  /** Whether refusals tell something of the client. In LMTP it is one's own, and they are a mailbox's matter. */
  get countsRefusals(): boolean {
    return !this.#isLmtp
  }

  /** MAIL or RCPT was refused. */
  refuse(): void {
    this.#refused = true
  }

  /** MAIL was accepted. */
  begin({ smtputf8, body }: MailRequest): void {
    this.#place = 'mail'
    this.#refused = false
    this.#begun += 1
    this.#smtputf8 = smtputf8 === true
    this.#binary = body === 'binarymime'
  }

  /** RCPT was accepted. */
  addRecipient(): void {
    this.#place = 'rcpt'
    this.#recipients += 1
  }

  /** XFORWARD was accepted: what it knows is added to what others before it said. */
  forward(attributes: ReadonlyMap<string, string | undefined>): void {
    const forwarded = new Map(this.#forwarded)
    for (const [name, value] of attributes) {
      if (value === undefined) forwarded.delete(name)
      else forwarded.set(name, value)
    }
    this.#forwarded = forwarded
  }

  /** DATA was accepted: what comes in now is content. */
  beginContent(): void {
    this.#reading = true
    this.#data = new ContentReader(this.#rules)
  }

  /** A BDAT is first of its message: its octets come once it is decided what becomes of them. */
  announce(chunk: Chunk): void {
    this.#chunk = chunk
  }

  /** A BDAT was accepted: its octets come now. */
  beginChunk(chunk: Chunk): void {
    this.#reading = true
    this.#chunk = chunk
    this.#chunks ??= new ChunkReader(this.#rules, this.#binary)
    this.#chunks.begin(chunk)
  }

  /** A BDAT was refused: its octets come now and are dropped. */
  drop(chunk: Chunk, dropped: DroppedChunk): void {
    this.#reading = true
    this.#chunk = chunk
    this.#left = chunk.octets
    this.#dropped = dropped
  }

  /** The next of the content; `undefined`: until more comes. */
  read(input: InputBuffer): NoticeEvent | ContentEnd | undefined {
    if (this.#dropped !== undefined) return this.#drop(input)
    const part = this.#data === undefined ? this.#chunks?.read(input) : this.#data.read(input)
    if (part === undefined) return undefined
    if (part.kind === 'bytes') return { type: 'content', bytes: part.bytes }
    if (part.kind === 'fault') {
      this.#fault = CONTENT_FAULTS[part.fault]
      return { type: 'content-refused', reply: this.#fault }
    }
    return END
  }

  #drop(input: InputBuffer): ContentEnd | undefined {
    const octets = Math.min(this.#left, input.length)
    input.at += octets
    this.#left -= octets
    return this.#left === 0 ? END : undefined
  }

  /** A chunk that was not the last has been read; `accepted`: and was taken. */
  endChunk(accepted: boolean): void {
    this.#reading = false
    this.#place = 'chunks'
    this.#failed = !accepted
  }

  /** A dropped chunk has been read; `failed`: its message has failed with it. */
  endDropped(failed: boolean): void {
    this.#dropped = undefined
    if (failed) this.endChunk(false)
    else this.#reading = false
  }

  /** All content was read; its reply is awaited. */
  endContent(): void {
    this.#data = undefined
    this.#chunks = undefined
  }

  /** Gives nothing more of the content that is coming in, and answers its end so. The first refusal counts. */
  refuseContent(refusal: Reply): void {
    const reader = this.#data ?? this.#chunks
    if (reader === undefined || this.#fault !== undefined || this.#failed) return
    this.#fault = refusal
    reader.refuse()
  }

  /** Forgets everything but how many transactions there were. */
  clear(): void {
    this.#place = 'ready'
    this.#recipients = 0
    this.#smtputf8 = false
    this.#binary = false
    this.#forwarded = undefined
    this.#reading = false
    this.#data = undefined
    this.#chunks = undefined
    this.#chunk = NO_CHUNK
    this.#dropped = undefined
    this.#fault = undefined
    this.#failed = false
    this.#refused = false
  }
}
