/** What a session has to say and has not been taken yet. */

import { toBase64 } from '@postroad/bytes'
import type { Reply } from '@postroad/envelope'
import type { ReplyForm } from './reply-writer.ts'
import { encode, sayReply } from './said-replies.ts'
import type { SaidReply } from './said-replies.ts'

/** Output that makes the session ask for a `flush`, in characters. */
const FLUSH_AT = 16_384

/** With an enhanced status code, in ASCII; with characters outside of it, too. */
const WITH_STATUS: ReplyForm = { status: true, utf8: false }
const WITH_STATUS_IN_UTF8: ReplyForm = { status: true, utf8: true }
/** As the greeting and the answers to a hello (RFC 2034 §4), and every reply where ENHANCEDSTATUSCODES is left out. */
export const WITHOUT_STATUS: ReplyForm = { status: false, utf8: false }
const WITHOUT_STATUS_IN_UTF8: ReplyForm = { status: false, utf8: true }

/** Replies in their order, to leave in one write. */
export class SessionOutput {
  readonly #onLine: ((from: 'client' | 'server', line: string) => void) | undefined
  readonly #usual: ReplyForm
  /** How a reply is written that may hold characters outside of ASCII. */
  readonly inUtf8: ReplyForm
  #text = ''
  #utf8 = false
  /** What waits is this reply and nothing else. */
  #only: SaidReply | undefined
  #asked = false
  #delayMs = 0

  /** `statusCodes`: replies carry enhanced status codes. */
  constructor(onLine: ((from: 'client' | 'server', line: string) => void) | undefined, statusCodes: boolean) {
    this.#onLine = onLine
    this.#usual = statusCodes ? WITH_STATUS : WITHOUT_STATUS
    this.inUtf8 = statusCodes ? WITH_STATUS_IN_UTF8 : WITHOUT_STATUS_IN_UTF8
  }

  /** How long what waits is to be held back, in milliseconds. */
  get delayMs(): number {
    return this.#delayMs
  }

  /** What waits, in characters. */
  get length(): number {
    return this.#text.length
  }

  /** Whether anybody follows the dialogue. */
  get isFollowed(): boolean {
    return this.#onLine !== undefined
  }

  /** Adds a reply; in ASCII unless said otherwise. */
  say(said: Reply, form: ReplyForm = this.#usual): void {
    const reply = sayReply(said, form)
    this.#only = this.#text === '' ? reply : undefined
    this.#text += reply.text
    this.#utf8 ||= form.utf8
    if (this.#onLine !== undefined) {
      for (const line of reply.text.slice(0, -2).split('\r\n')) this.#onLine('server', line)
    }
  }

  /** Adds a challenge of an authentication; an empty one is `334` and a space (RFC 4954 §4). */
  challenge(bytes: Uint8Array): void {
    this.#only = undefined
    this.#text += `334 ${toBase64(bytes)}\r\n`
    this.#onLine?.('server', '334 ***')
  }

  /** Tells a line of the client to whoever follows the dialogue. */
  heard(line: string): void {
    this.#onLine?.('client', line)
  }

  /** Holds back what waits for at least so long. */
  delay(delayMs: number): void {
    this.#delayMs = Math.max(this.#delayMs, delayMs)
  }

  /** Whether so much waits, or what must be held back, that it should be written first; says so once until it is taken. */
  wantsFlush(): boolean {
    if (this.#asked || (this.#text.length < FLUSH_AT && this.#delayMs === 0)) return false
    this.#asked = true
    return true
  }

  /** What was said since the last call, not to be changed; `undefined` when nothing was. */
  take(): Uint8Array | undefined {
    if (this.#text === '') return undefined
    const bytes = this.#only?.bytes ?? encode(this.#text, this.#utf8)
    this.#text = ''
    this.#utf8 = false
    this.#only = undefined
    this.#asked = false
    this.#delayMs = 0
    return bytes
  }
}
