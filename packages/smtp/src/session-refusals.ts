/** What a server session refuses by itself: said, counted, and where a limit is reached the end of the session. */

import type { Reply } from '@postroad/envelope'
import { HTTP_METHODS, UNIMPLEMENTED } from './command-order.ts'
import type { NoticeEvent } from './server-event.ts'
import type { SessionParts } from './session-parts.ts'
import * as say from './session-replies.ts'

/** A refusal, as it is told. */
export type RefusedEvent = NoticeEvent & { readonly type: 'refused' }

/** Refuses lines. Each `line` is as it may be told; `''` where there is none to tell. */
export class SessionRefusals {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** Refuses a mistake of the client; after some of them the reply is held back. */
  mistake(line: string, refusal: Reply): RefusedEvent {
    if (this.#parts.tally.error()) return this.tooMuch(line)
    this.#parts.output.delay(this.#parts.tally.delayMs)
    return this.#refuse(line, refusal)
  }

  /** Refuses a word that is no verb here. */
  word(line: string, word: string): RefusedEvent {
    if (HTTP_METHODS.has(word)) return this.#last(line, say.wrongProtocol(this.#parts.options.hostname))
    return this.mistake(line, UNIMPLEMENTED.has(word) ? say.NOT_IMPLEMENTED : say.UNKNOWN_COMMAND)
  }

  /** Refuses content for which there is no message; in LMTP it does not count. */
  content(line: string, refusal: Reply): RefusedEvent {
    return this.#parts.transaction.countsRefusals ? this.idle(line, refusal) : this.#refuse(line, refusal)
  }

  /** Refuses a recipient beyond the limit, or without a transaction. */
  recipient(line: string, refusal: Reply): RefusedEvent {
    return this.#parts.tally.recipientTooMany() ? this.tooMuch(line) : this.#refuse(line, refusal)
  }

  /** Refuses what is in order, and brings no mail forward. */
  idle(line: string, refusal: Reply): RefusedEvent {
    return this.#parts.tally.idle() ? this.tooMuch(line) : this.#refuse(line, refusal)
  }

  /** Octets were announced, and how many cannot be told: 501, 421, and the end. */
  lost(line: string): RefusedEvent {
    const refused = this.#refuse(line, say.BDAT_SYNTAX)
    this.#parts.output.say(say.lost(this.#parts.options.hostname))
    this.#parts.end()
    return refused
  }

  /** Input is behind a command that had to be the last: 503, and the end. */
  behind(line: string): RefusedEvent {
    return this.#last(line, say.NOTHING_BEHIND)
  }

  /** A limit of the session is reached: 421, and the end. */
  tooMuch(line: string): RefusedEvent {
    return this.#last(line, say.tooMuch(this.#parts.options.hostname))
  }

  #last(line: string, refusal: Reply): RefusedEvent {
    const refused = this.#refuse(line, refusal)
    this.#parts.end()
    return refused
  }

  #refuse(line: string, refusal: Reply): RefusedEvent {
    this.#parts.output.say(refusal)
    return { type: 'refused', line, reply: refusal }
  }
}
