/** Carries out the answers that a server session is given. */

import type { Reply } from '@postroad/envelope'
import { isAsciiText } from './ascii-text.ts'
import type { Hello } from './handler.ts'
import type { QuestionEvent } from './server-event.ts'
import { isAcceptance, judgeAnswer, judgeReply } from './session-answer.ts'
import type { GivenAnswer, PlainQuestion, UsualQuestion } from './session-answer.ts'
import { WITHOUT_STATUS } from './session-output.ts'
import type { SessionParts } from './session-parts.ts'
import * as say from './session-replies.ts'

/** The answers in one session. */
export class SessionAnswers {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** Answers the question; throws where the answer does not fit it, and then it still waits. */
  answer(waiting: QuestionEvent, given: GivenAnswer): void {
    switch (waiting.type) {
      case 'end-of-data':
        this.#parts.content.answerEnd(given)
        this.#parts.waiting = undefined
        break
      case 'mail':
      case 'rcpt':
      case 'auth':
      case 'auth-response':
      case 'etrn':
      case 'atrn':
      case 'command':
        this.#carryOutReply(waiting, judgeReply(waiting.type, given))
        break
      default:
        this.#carryOutAnswer(waiting, judgeAnswer(waiting.type, given))
    }
  }

  /** An answer that must be a reply. */
  #carryOutReply(waiting: PlainQuestion, answer: Reply): void {
    const parts = this.#parts
    parts.waiting = undefined
    switch (waiting.type) {
      case 'mail':
      case 'rcpt':
        this.#answerTransaction(waiting, answer)
        break
      case 'auth':
      case 'auth-response':
        if (!parts.refuseWhatIsBehind()) this.#answerAuth(answer)
        break
      case 'atrn':
        if (parts.refuseWhatIsBehind()) break
        parts.output.say(answer)
        if (isAcceptance(answer)) parts.leave('turned')
        break
      case 'etrn':
      case 'command':
        parts.output.say(answer)
    }
    if (answer.code === 421) parts.end()
  }

  /** An answer that may be `undefined`: as usual. */
  #carryOutAnswer(waiting: UsualQuestion, answer: Reply | undefined): void {
    const parts = this.#parts
    const { output, options } = parts
    parts.waiting = undefined
    const refusal = answer === undefined || isAcceptance(answer) ? undefined : answer
    switch (waiting.type) {
      case 'connect':
        this.#greet(answer)
        if (refusal !== undefined) this.#sendAway(refusal)
        break
      case 'hello':
        if (refusal === undefined) this.#welcome(waiting.hello)
        else output.say(refusal, WITHOUT_STATUS)
        break
      case 'data':
        if (waiting.chunked || !parts.refuseWhatIsBehind()) parts.content.answer(waiting.chunked, refusal)
        break
      case 'starttls':
        if (parts.refuseWhatIsBehind()) break
        output.say(refusal ?? say.READY_FOR_TLS)
        if (refusal === undefined) parts.phase = 'tls'
        break
      case 'vrfy':
        this.#sayMailbox(answer ?? say.CANNOT_VRFY, waiting.smtputf8, say.CANNOT_SHOW)
        break
      case 'expn':
        this.#sayMailbox(answer ?? say.NOT_IMPLEMENTED, waiting.smtputf8, say.MUST_NOT_SHOW)
        break
      case 'help':
        output.say(answer ?? say.help(options.protocol, options.table.verbs.has('EXPN')))
        break
      case 'xclient':
        if (refusal === undefined) this.#startOver(waiting.attributes)
        else output.say(refusal)
        break
      case 'xforward':
        output.say(refusal ?? say.DONE)
        if (refusal === undefined) parts.transaction.forward(waiting.attributes)
    }
    if (refusal?.code === 421) parts.end()
  }

  /**
   * Answers VRFY or EXPN; where the reply names a mailbox in UTF-8 to a client that does not take this, with `hidden`
   * (RFC 6531 §3.7.4.2). In any other refusal no name is needed, and it stands.
   */
  #sayMailbox(answer: Reply, smtputf8: boolean, hidden: Reply): void {
    const { output } = this.#parts
    const names = isAcceptance(answer) || answer.code === 551
    if (smtputf8) output.say(answer, output.inUtf8)
    else if (names && !answer.lines.every(isAsciiText)) output.say(answer.code === 551 ? say.MUST_NOT_SHOW : hidden)
    else output.say(answer)
  }

  #greet(greeting: Reply | undefined): void {
    const { output, options } = this.#parts
    output.say(greeting ?? say.greeting(options.hostname, options.protocol), WITHOUT_STATUS)
    this.#parts.phase = 'connected'
  }

  /** The greeting was a refusal: behind a 5yz the client still has to say QUIT (RFC 5321 §3.1). */
  #sendAway(refusal: Reply): void {
    if (refusal.code < 500) return this.#parts.end()
    this.#parts.phase = 'refused'
    // RFC 7504 §3: 521 may be repeated.
    this.#parts.refusedWith = refusal.code === 521 ? refusal : say.OUT_OF_ORDER
  }

  #welcome(hello: Hello): void {
    const { output, standing } = this.#parts
    output.say(standing.welcome(hello), WITHOUT_STATUS)
    if (this.#parts.resetTransaction()) this.#parts.notice = { type: 'reset' }
    this.#parts.phase = 'ready'
  }

  /** The client speaks for another: the session begins anew, as that one's. */
  #startOver(attributes: ReadonlyMap<string, string | undefined>): void {
    const { transaction, standing } = this.#parts
    transaction.clear()
    standing.speakFor(attributes.get('LOGIN') !== undefined)
    this.#greet(undefined)
  }

  #answerTransaction(event: QuestionEvent & { type: 'mail' | 'rcpt' }, answer: Reply): void {
    const { transaction, tally, refusals, output, accepted } = this.#parts
    if (!isAcceptance(answer)) {
      transaction.refuse()
      if ((event.type === 'mail' || transaction.countsRefusals) && tally.idle()) {
        this.#parts.notice = refusals.tooMuch('')
        return
      }
    } else if (event.type === 'mail') transaction.begin(event.mail)
    else transaction.addRecipient()
    const isChanged = accepted !== undefined && answer.code === 250 && answer.status !== accepted.status
    output.say(isChanged ? accepted : answer, transaction.smtputf8 ? output.inUtf8 : undefined)
  }

  #answerAuth(answer: Reply): void {
    const { standing, shownLines, tally, refusals, output } = this.#parts
    this.#parts.phase = 'ready'
    if (isAcceptance(answer)) {
      standing.authenticated = true
      shownLines.authenticated()
    } else if (answer.code >= 500 && tally.authFailure()) {
      this.#parts.notice = refusals.tooMuch('')
      return
    }
    output.say(answer)
  }
}
