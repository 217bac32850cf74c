/**
 * How a server session takes content: DATA (RFC 5321 §4.1.1.4) and BDAT (RFC 3030 §2), what is answered to them, and what
 * is said behind their octets.
 *
 * A BDAT that is not taken has its octets read and dropped, and is answered behind them. One that belonged to a message
 * fails it: every further one is answered 503 until RSET or a hello, or until the last has gone by, with which the message
 * is over (RFC 3030 §2).
 *
 * Deviation: RFC 3030 §2 has the octets discarded before any 4yz or 5yz: a 421 is said at once, for nothing more is read
 * behind it.
 */

import type { Reply } from '@postroad/envelope'
import { parseChunk } from './chunk-command.ts'
import type { Chunk } from './chunk-reader.ts'
import { outOfOrder } from './command.ts'
import { COMMAND_ORDER } from './command-order.ts'
import type { CommandState } from './command-order.ts'
import type { NoticeEvent, QuestionEvent } from './server-event.ts'
import type { DroppedChunk } from './server-transaction.ts'
import { isAcceptance, judgeContentAnswer, repeat } from './session-answer.ts'
import type { GivenAnswer } from './session-answer.ts'
import type { SessionParts } from './session-parts.ts'
import type { RefusedEvent } from './session-refusals.ts'
import * as say from './session-replies.ts'
import { showLine } from './shown-line.ts'

const FIRST_CHUNK: QuestionEvent = { type: 'data', chunked: true }
const END_OF_DATA: QuestionEvent = { type: 'end-of-data' }
const RESET: NoticeEvent = { type: 'reset' }

/** The content of the messages of one session. */
export class SessionContent {
  readonly #parts: SessionParts
  readonly #chunking: boolean

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#chunking = parts.standing.table.verbs.has('BDAT')
  }

  /** BDAT: a question where it is the first of its message. `text`: the line. */
  command(argument: string, text: string, state: CommandState): QuestionEvent | RefusedEvent | undefined {
    const { transaction, refusals } = this.#parts
    const chunk = parseChunk(argument)
    if (chunk === undefined) return refusals.lost(showLine(text))
    const refusal = this.#refusal(state)
    if (refusal !== undefined) return this.#drop(chunk, { ...refusal, line: showLine(text) })
    if (state === 'rcpt') {
      transaction.announce(chunk)
      return this.#parts.ask(FIRST_CHUNK)
    }
    transaction.beginChunk(chunk)
    return undefined
  }

  /** Why a BDAT is not in order here; `undefined`: it is. */
  #refusal(state: CommandState): Omit<DroppedChunk, 'line'> | undefined {
    const { transaction, refusedWith } = this.#parts
    if (refusedWith !== undefined) return { reply: refusedWith, as: 'error' }
    if (!this.#chunking) return { reply: say.NOT_IMPLEMENTED, as: 'error' }
    if (!COMMAND_ORDER.BDAT.includes(state)) {
      return { reply: outOfOrder(state), as: transaction.countsAs('BDAT') === 'error' ? 'error' : 'content' }
    }
    return transaction.failed ? { reply: say.MESSAGE_FAILED, as: 'content' } : undefined
  }

  /** The answer to DATA, or to the first BDAT of a message; none: it is taken. */
  answer(chunked: boolean, refusal: Reply | undefined): void {
    const { transaction } = this.#parts
    if (refusal === undefined) {
      if (chunked) transaction.beginChunk(transaction.chunk)
      else {
        this.#parts.output.say(say.GO_ON)
        transaction.beginContent()
      }
    } else if (chunked && refusal.code !== 421) {
      transaction.drop(transaction.chunk, { line: undefined, reply: refusal, as: 'content' })
    } else if (this.#isTooMuch()) this.#parts.notice = this.#parts.refusals.tooMuch('')
    else this.#parts.output.say(refusal)
  }

  /** The next event of what is coming in; `wait`: until more comes; `undefined`: its end was reached and answered. */
  read(): NoticeEvent | QuestionEvent | 'wait' | undefined {
    const { transaction, input } = this.#parts
    const part = transaction.read(input.buffer)
    if (part === undefined) {
      input.release()
      return 'wait'
    }
    if (part.type !== 'end') return part
    const { chunk, dropped, fault, isChunked } = transaction
    if (dropped !== undefined) return this.#endDropped(chunk, dropped)
    if (isChunked && !chunk.last) return this.#endChunk(chunk, fault)
    if (fault !== undefined) return this.#say(repeat(fault, transaction.replies))
    transaction.endContent()
    return this.#parts.ask(END_OF_DATA)
  }

  /** The answer to the end of the content. */
  answerEnd(given: GivenAnswer): void {
    this.#say(judgeContentAnswer(given, this.#parts.transaction.replies))
  }

  /** Its octets are dropped and it is refused behind them, unless too many were dropped. */
  #drop(chunk: Chunk, dropped: DroppedChunk & { readonly line: string }): RefusedEvent | undefined {
    if (this.#parts.tally.dropped(chunk.octets)) return this.#parts.refusals.tooMuch(dropped.line)
    this.#parts.transaction.drop(chunk, dropped)
    return undefined
  }

  /** All octets of a chunk that is not the last were given, or there was a fault in them. */
  #endChunk({ octets }: Chunk, fault: Reply | undefined): undefined {
    this.#parts.transaction.endChunk(fault === undefined)
    this.#parts.output.say(fault ?? say.DONE)
    if (fault?.code === 421) this.#parts.end()
    // One without octets brings nothing forward, and could be said for ever.
    else if (fault !== undefined || octets === 0) this.#endWhereTooMuch()
  }

  #endDropped(chunk: Chunk, { line, reply, as }: DroppedChunk): NoticeEvent {
    const { transaction, output, refusals } = this.#parts
    const { failed } = transaction
    // Those that did not belong to a message leave it as it is.
    const isMessage = line === undefined || failed
    const isOver = chunk.last && isMessage
    // In LMTP also a BDAT LAST that failed has a reply for each accepted recipient (RFC 2033 §4.3).
    for (let more = isOver ? transaction.replies - 1 : 0; more > 0; more -= 1) output.say(reply)
    transaction.endDropped(isMessage)
    if (isOver) transaction.clear()
    if (line !== undefined) return as === 'error' ? refusals.mistake(line, reply) : refusals.content(line, reply)
    output.say(reply)
    this.#endWhereTooMuch()
    return RESET
  }

  /** Ends the transaction; in LMTP each accepted recipient has its reply, in order (RFC 2033 §4.2). */
  #say(replies: readonly Reply[]): undefined {
    const form = this.#parts.transaction.smtputf8 ? this.#parts.output.inUtf8 : undefined
    let accepted = false
    let last = false
    for (const each of replies) {
      this.#parts.output.say(each, form)
      accepted ||= isAcceptance(each)
      last ||= each.code === 421
    }
    this.#parts.transaction.clear()
    if (last) this.#parts.end()
    else if (accepted) this.#parts.tally.message()
    else this.#endWhereTooMuch()
  }

  /** The message has its own reply; 421 comes behind it (RFC 5321 §3.8). */
  #endWhereTooMuch(): void {
    if (this.#isTooMuch()) this.#parts.refusals.tooMuch('')
  }

  #isTooMuch(): boolean {
    return this.#parts.transaction.countsRefusals && this.#parts.tally.idle()
  }
}
