/** What a session has to say and has not been taken yet. */

import { fromUtf8, toBase64 } from '@postroad/bytes'
import type { Reply } from '@postroad/envelope'
import { formatReplyLines } from './reply-writer.ts'

/** Output that makes the session ask for a `flush`, in characters. */
const FLUSH_AT = 16_384

/** Replies in their order, to leave in one write. */
export class SessionOutput {
  readonly #onLine: ((from: 'client' | 'server', line: string) => void) | undefined
  #text = ''
  #asked = false

  constructor(onLine: ((from: 'client' | 'server', line: string) => void) | undefined) {
    this.#onLine = onLine
  }

  /** Adds a reply; with its enhanced status code and in ASCII unless said otherwise. */
  say(said: Reply, { status = true, utf8 = false }: { readonly status?: boolean; readonly utf8?: boolean } = {}): void {
    const text = formatReplyLines(said, { status, utf8 })
    this.#text += text
    if (this.#onLine !== undefined) for (const line of text.slice(0, -2).split('\r\n')) this.#onLine('server', line)
  }

  /** Adds a challenge of an authentication; an empty one is `334` and a space (RFC 4954 §4). */
  challenge(bytes: Uint8Array): void {
    this.#text += `334 ${toBase64(bytes)}\r\n`
    this.#onLine?.('server', '334 ***')
  }

  /** Tells a line of the client to whoever follows the dialogue. */
  heard(line: string): void {
    this.#onLine?.('client', line)
  }

  /** Whether so much waits that it should be written first; says so once until it is taken. */
  wantsFlush(): boolean {
    if (this.#asked || this.#text.length < FLUSH_AT) return false
    this.#asked = true
    return true
  }

  /** What was said since the last call; `undefined` when nothing was. */
  take(): Uint8Array | undefined {
    if (this.#text === '') return undefined
    const text = this.#text
    this.#text = ''
    this.#asked = false
    return fromUtf8(text)
  }
}
