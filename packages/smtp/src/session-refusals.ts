/** What a server session refuses by itself: said, counted, and where a limit is reached the end of the session. */

import type { Reply } from '@postroad/envelope'
import { HTTP_METHODS, UNIMPLEMENTED } from './command-order.ts'
import type { NoticeEvent } from './server-event.ts'
import type { SessionOutput } from './session-output.ts'
import * as say from './session-replies.ts'
import type { SessionTally } from './session-tally.ts'

/** A refusal, as it is told. */
export type RefusedEvent = NoticeEvent & { readonly type: 'refused' }

/** Refuses lines. Each `line` is as it may be told; `''` where there is none to tell. */
export class SessionRefusals {
  readonly #hostname: string
  readonly #output: SessionOutput
  readonly #tally: SessionTally
  readonly #end: () => void

  /** @param end Ends the session; called behind the last reply. */
  constructor(hostname: string, output: SessionOutput, tally: SessionTally, end: () => void) {
    this.#hostname = hostname
    this.#output = output
    this.#tally = tally
    this.#end = end
  }

  /** Refuses a mistake of the client. */
  mistake(line: string, refusal: Reply): RefusedEvent {
    return this.#tally.error() ? this.tooMuch(line) : this.#refuse(line, refusal)
  }

  /** Refuses a word that is no verb here. */
  word(line: string, word: string): RefusedEvent {
    if (HTTP_METHODS.has(word)) return this.#last(line, say.wrongProtocol(this.#hostname))
    return this.mistake(line, UNIMPLEMENTED.has(word) ? say.NOT_IMPLEMENTED : say.UNKNOWN_COMMAND)
  }

  /** Refuses a recipient beyond the limit. */
  recipient(line: string, refusal: Reply): RefusedEvent {
    return this.#tally.recipientTooMany() ? this.tooMuch(line) : this.#refuse(line, refusal)
  }

  /** Input is behind a command that had to be the last: 503, and the end. */
  behind(line: string): RefusedEvent {
    return this.#last(line, say.NOTHING_BEHIND)
  }

  /** A limit of the session is reached: 421, and the end. */
  tooMuch(line: string): RefusedEvent {
    return this.#last(line, say.tooMuch(this.#hostname))
  }

  #last(line: string, refusal: Reply): RefusedEvent {
    const refused = this.#refuse(line, refusal)
    this.#end()
    return refused
  }

  #refuse(line: string, refusal: Reply): RefusedEvent {
    this.#output.say(refusal)
    return { type: 'refused', line, reply: refusal }
  }
}
