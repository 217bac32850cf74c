/**
 * The server side of one SMTP or LMTP session (RFC 5321, RFC 2033), without I/O, timers or a clock.
 *
 * Bytes go in through `receive`, what the client did comes out of `next`, decisions go in through `answer`, and what
 * to send comes out of `takeOutput`. At most one event waits for its answer, so pipelined commands queue behind it
 * (RFC 2920 §3.2).
 *
 * Nothing a peer sends makes it throw. It keeps no more than one line that is not complete (`maxAuthLineBytes`), the
 * bytes of one `receive` that were not read yet, and, where `flush` is heeded, 16 KiB of output and one reply.
 *
 * Nothing may be sent behind DATA, STARTTLS, AUTH, or a response to a challenge, before its reply: bytes that are there
 * already are answered 503 5.5.1, whatever the answer would have been, and the session ends. So neither content behind a
 * refused DATA, nor a password behind a refused AUTH, nor plaintext behind STARTTLS (RFC 3207 §4.2) is taken for commands.
 *
 * Deviation: RFC 4954 §4 lets commands follow an AUTH of one round trip at once. No client is known to do so, and what
 * it sends would be read whether it authenticated or not: it is refused as the others are.
 */

import type { Reply } from '@postroad/envelope'
import { readAuthResponse } from './auth-request.ts'
import { readCommand } from './command.ts'
import { CARRIES_MAIL, ENDS_GROUP, findVerb } from './command-order.ts'
import type { CommandState, SessionState } from './command-order.ts'
import { splitCommandLine } from './command-line.ts'
import { LocalProtocolError } from './errors.ts'
import type { Hello, TlsView } from './handler.ts'
import type { Line } from './line-reader.ts'
import type { NoticeEvent, QuestionEvent, ServerEvent } from './server-event.ts'
import type { ServerSessionOptions } from './server-session-options.ts'
import { ServerTransaction } from './server-transaction.ts'
import { DEFAULT_SESSION_LIMITS } from './session-limits.ts'
import type { SessionLimits } from './session-limits.ts'
import { isAcceptance, judgeAnswer, judgeContentAnswer } from './session-answer.ts'
import type { GivenAnswer } from './session-answer.ts'
import { SessionInput } from './session-input.ts'
import { SessionOutput } from './session-output.ts'
import { SessionRefusals } from './session-refusals.ts'
import type { RefusedEvent } from './session-refusals.ts'
import * as say from './session-replies.ts'
import { SessionStanding } from './session-standing.ts'
import { SessionTally } from './session-tally.ts'
import { HIDDEN, ShownLines } from './shown-line.ts'

const FLUSH: NoticeEvent = { type: 'flush' }

/** One session of a server. */
export class ServerSession {
  readonly #options: ServerSessionOptions
  readonly #limits: SessionLimits
  readonly #standing: SessionStanding
  readonly #transaction: ServerTransaction
  readonly #input: SessionInput
  readonly #output: SessionOutput
  readonly #tally: SessionTally
  readonly #refusals: SessionRefusals
  readonly #shownLines = new ShownLines()
  #state: SessionState = 'greeting'
  #waiting: QuestionEvent | undefined
  #notice: NoticeEvent | undefined

  constructor(options: ServerSessionOptions) {
    this.#options = options
    this.#limits =
      options.limits === undefined ? DEFAULT_SESSION_LIMITS : { ...DEFAULT_SESSION_LIMITS, ...options.limits }
    this.#standing = new SessionStanding(options, this.#limits)
    this.#transaction = new ServerTransaction(options, this.#limits)
    this.#input = new SessionInput(options.bareNewlines)
    this.#output = new SessionOutput(options.onLine)
    this.#tally = new SessionTally(this.#limits)
    this.#refusals = new SessionRefusals(options.hostname, this.#output, this.#tally, () => this.#end())
  }

  /** Where the session stands. */
  get state(): SessionState {
    return this.#state
  }

  /** How the client introduced itself; `undefined` before it did, and again after STARTTLS. */
  get hello(): Hello | undefined {
    return this.#standing.hello
  }

  /** What protects the session; `undefined`: nothing. */
  get tls(): TlsView | undefined {
    return this.#standing.tls
  }

  /** An AUTH command has succeeded. */
  get authenticated(): boolean {
    return this.#standing.authenticated
  }

  /** Recipients accepted in the transaction. */
  get recipients(): number {
    return this.#transaction.recipients
  }

  /** Whether an event waits for its answer. */
  get waiting(): boolean {
    return this.#waiting !== undefined
  }

  /** How long to wait for the client's next bytes, in milliseconds (RFC 5321 §4.5.3.2). */
  get deadlineMs(): number {
    return this.#state === 'content' ? this.#limits.contentTimeoutMs : this.#limits.commandTimeoutMs
  }

  /**
   * Takes bytes from the client. Never throws: nothing a peer sends is our bug.
   *
   * They are kept, not copied, until they were read; give more once `next` is out of events. After `closed` they are
   * dropped. While the handshake after STARTTLS runs, bytes are a violation, and the session is over.
   */
  receive(bytes: Uint8Array): void {
    if (this.#state === 'tls') this.#end()
    if (this.#state !== 'closed' && bytes.length > 0) this.#input.push(bytes)
  }

  /** The next event, or `undefined` until more bytes or an answer arrive. */
  next(): ServerEvent | undefined {
    if (this.#waiting !== undefined) return undefined
    if (this.#notice !== undefined) {
      const notice = this.#notice
      this.#notice = undefined
      return notice
    }
    for (;;) {
      if (this.#output.wantsFlush()) return FLUSH
      if (this.#state === 'closed' || this.#state === 'tls') return undefined
      if (this.#state === 'greeting') return this.#ask({ type: 'connect' })
      let event: ServerEvent | undefined
      if (this.#state === 'content') {
        const part = this.#transaction.readContent(this.#input.buffer)
        if (part === undefined) return this.#input.release()
        event = part.type === 'end-of-data' ? this.#endContent(part) : part
      } else {
        const maxBytes = this.#state === 'auth' ? this.#limits.maxAuthLineBytes : this.#limits.maxCommandLineBytes
        const line = this.#input.readLine(maxBytes)
        const skipped = this.#input.takeSkippedBytes()
        if (skipped > 0 && this.#tally.bytes(skipped, this.#standing)) return this.#refusals.tooMuch('')
        if (line === undefined) return this.#input.release()
        event = this.#state === 'auth' ? this.#readResponse(line) : this.#readCommand(this.#state, line)
      }
      if (event !== undefined) return event
    }
  }

  /**
   * Answers the event that waits, each as `QuestionEvent` says; a reply of 421 ends the session.
   *
   * @throws {LocalProtocolError} `SMTP_NO_EVENT_WAITING`; `SMTP_REPLY_NOT_ALLOWED` and `SMTP_REPLY_COUNT`, after which
   *   the event still waits.
   */
  answer(given?: GivenAnswer): void {
    const waiting = this.#waiting
    if (waiting === undefined) throw new LocalProtocolError('SMTP_NO_EVENT_WAITING', 'no event waits for an answer')
    if (waiting.type === 'end-of-data') return this.#answerContent(given)
    const answer = judgeAnswer(waiting, given)
    const positive = answer === undefined || isAcceptance(answer)
    this.#waiting = undefined
    switch (waiting.type) {
      case 'connect':
        this.#say(answer ?? say.greeting(this.#options.hostname, this.#options.protocol), { status: false })
        this.#state = 'connected'
        if (!positive) this.#end()
        break
      case 'hello':
        if (positive) this.#welcome(waiting.hello)
        else this.#say(answer, { status: false })
        break
      case 'mail':
      case 'rcpt':
        if (answer !== undefined) this.#answerTransaction(waiting, answer, positive)
        break
      case 'data':
        if (!this.#refuseWhatIsBehind()) this.#answerData(answer)
        break
      case 'starttls':
        if (this.#refuseWhatIsBehind()) break
        this.#say(answer ?? say.READY_FOR_TLS)
        if (answer === undefined) this.#state = 'tls'
        break
      case 'auth':
      case 'auth-response':
        if (answer !== undefined && !this.#refuseWhatIsBehind()) this.#answerAuth(answer, positive)
        break
      case 'vrfy':
        this.#say(answer ?? say.CANNOT_VRFY, { utf8: waiting.smtputf8 })
        break
    }
    if (answer?.code === 421) this.#end()
  }

  /**
   * Answers an `auth` or `auth-response` with a challenge (RFC 4954 §4); the response comes as `auth-response`.
   *
   * @throws {LocalProtocolError} `SMTP_WRONG_STATE` where no such event waits.
   */
  challenge(bytes: Uint8Array): void {
    if (this.#waiting?.type !== 'auth' && this.#waiting?.type !== 'auth-response') {
      throw new LocalProtocolError('SMTP_WRONG_STATE', 'no authentication waits for a challenge')
    }
    this.#waiting = undefined
    if (this.#refuseWhatIsBehind()) return
    this.#state = 'auth'
    this.#output.challenge(bytes)
  }

  /**
   * Refuses the content that is coming in, because it cannot be kept: what follows is read to its end and not given,
   * then `refusal` is said, in LMTP for each recipient. Nothing happens where no content is coming in.
   */
  refuseContent(refusal: Reply): void {
    this.#transaction.refuseContent(refusal)
  }

  /**
   * The handshake is done, which STARTTLS asked for: forgets all that the client said before (RFC 3207 §4.2). Or, before
   * the first event, the one that comes before everything (RFC 8314 §3).
   *
   * @throws {LocalProtocolError} `SMTP_WRONG_STATE` in any other state.
   */
  secured(tls: TlsView): void {
    const atStart = this.#state === 'greeting' && this.#waiting === undefined
    if (this.#state !== 'tls' && !atStart) {
      throw new LocalProtocolError('SMTP_WRONG_STATE', 'no handshake was agreed on')
    }
    this.#standing.secured(tls)
    if (!atStart) this.#state = 'connected'
  }

  /**
   * Ends the session from our side: an event that waits waits no longer, input is dropped.
   *
   * @param last What to say before, usually a 421; absent: nothing. Left out during a handshake and after the end.
   */
  close(last?: Reply): void {
    if (last !== undefined && this.#state !== 'closed' && this.#state !== 'tls') this.#say(last)
    this.#end()
  }

  /** Bytes to write since the last call; `undefined` when there are none. */
  takeOutput(): Uint8Array | undefined {
    return this.#output.take()
  }

  // Commands

  #readCommand(state: CommandState, line: Line): ServerEvent | undefined {
    const tooMany = this.#tally.bytes(line.bytes, this.#standing)
    if (line.kind === 'fault') {
      return tooMany ? this.#refusals.tooMuch('') : this.#refusals.mistake('', say.LINE_FAULTS[line.fault])
    }
    const { word, argument } = splitCommandLine(line.text)
    const verb = findVerb(word, this.#options.protocol)
    const shown = this.#shownLines.show(line.text, verb)
    this.#output.heard(shown)
    if (tooMany) return this.#refusals.tooMuch(shown)
    if (verb === undefined) return this.#refusals.word(shown, word)
    if (ENDS_GROUP.has(verb) && this.#input.isBehind()) return this.#refusals.behind(shown)
    const meaning = readCommand(verb, argument, this.#standing.situation(state, this.#transaction))
    if (meaning.kind === 'refuse' && meaning.error) return this.#refusals.mistake(shown, meaning.reply)
    if (!CARRIES_MAIL.has(verb) && this.#tally.idle()) return this.#refusals.tooMuch(shown)
    switch (meaning.kind) {
      case 'refuse':
        return this.#refusals.recipient(shown, meaning.reply)
      case 'do':
        return this.#carryOut(meaning.verb)
      case 'ask':
        return this.#ask(meaning.event)
    }
  }

  #carryOut(verb: 'RSET' | 'NOOP' | 'HELP' | 'QUIT'): ServerEvent | undefined {
    if (verb === 'QUIT') {
      this.#say(say.goodbye(this.#options.hostname))
      this.#end()
      return { type: 'quit' }
    }
    this.#say(verb === 'HELP' ? say.HELP : say.DONE)
    return verb === 'RSET' && this.#resetTransaction() ? { type: 'reset' } : undefined
  }

  #welcome(hello: Hello): void {
    this.#say(this.#standing.welcome(hello))
    if (this.#resetTransaction()) this.#notice = { type: 'reset' }
    this.#state = 'ready'
  }

  // Transactions

  #answerTransaction(event: QuestionEvent & { type: 'mail' | 'rcpt' }, answer: Reply, positive: boolean): void {
    if (!positive) {
      if ((event.type === 'mail' || this.#transaction.countsRefusals) && this.#tally.idle()) {
        this.#refusals.tooMuch('')
        return
      }
    } else if (event.type === 'mail') {
      this.#state = 'mail'
      this.#transaction.begin(event.mail)
    } else {
      this.#state = 'rcpt'
      this.#transaction.addRecipient()
    }
    this.#say(answer, { utf8: this.#transaction.smtputf8 })
  }

  #answerData(refusal: Reply | undefined): void {
    if (refusal !== undefined) {
      if (this.#transaction.countsRefusals && this.#tally.idle()) this.#refusals.tooMuch('')
      else this.#say(refusal)
      return
    }
    this.#say(say.GO_ON)
    this.#state = 'content'
    this.#transaction.beginContent()
  }

  /** The content has ended: asks what becomes of it, unless it is refused already. */
  #endContent(event: QuestionEvent): QuestionEvent | undefined {
    const fault = this.#transaction.contentFault
    if (fault === undefined) return this.#ask(event)
    this.#sayToContent(Array.from({ length: this.#transaction.replies }, () => fault))
    return undefined
  }

  #answerContent(given: GivenAnswer): void {
    const replies = judgeContentAnswer(given, this.#transaction.replies)
    this.#waiting = undefined
    this.#sayToContent(replies)
  }

  /** Ends the transaction; in LMTP each accepted recipient has its reply, in order (RFC 2033 §4.2). */
  #sayToContent(replies: readonly Reply[]): void {
    for (const each of replies) this.#say(each, { utf8: this.#transaction.smtputf8 })
    this.#resetTransaction()
    if (replies.some(({ code }) => code === 421)) this.#end()
    else if (replies.some(isAcceptance)) this.#tally.message()
    // The message has its own reply; 421 comes behind it (RFC 5321 §3.8).
    else if (this.#transaction.countsRefusals && this.#tally.idle()) this.#refusals.tooMuch('')
  }

  /** Forgets the transaction; whether there was one. */
  #resetTransaction(): boolean {
    const was = this.#state === 'mail' || this.#state === 'rcpt' || this.#state === 'content'
    if (was) this.#state = 'ready'
    this.#transaction.clear()
    return was
  }

  // Authentication

  #readResponse(line: Line): ServerEvent {
    this.#output.heard(HIDDEN)
    this.#state = 'ready'
    const cancel = ({ reply }: RefusedEvent): ServerEvent => ({ type: 'auth-cancel', reply })
    if (this.#tally.bytes(line.bytes, this.#standing)) return cancel(this.#refusals.tooMuch(''))
    if (this.#input.isBehind()) return cancel(this.#refusals.behind(''))
    const response = readAuthResponse(line)
    if (response.ok) return this.#ask({ type: 'auth-response', response: response.value })
    return cancel(this.#refusals.mistake('', response.reply))
  }

  #answerAuth(answer: Reply, positive: boolean): void {
    this.#state = 'ready'
    if (positive) {
      this.#standing.authenticated = true
      this.#shownLines.authenticated()
    } else if (answer.code >= 500 && this.#tally.authFailure()) {
      this.#refusals.tooMuch('')
      return
    }
    this.#say(answer)
  }

  // What every command needs

  #ask<Event extends QuestionEvent>(event: Event): Event {
    this.#waiting = event
    return event
  }

  /** Where input is behind a command that had to be the last: 503, and the end. */
  #refuseWhatIsBehind(): boolean {
    if (this.#input.isBehind()) this.#notice = this.#refusals.behind('')
    return this.#state === 'closed'
  }

  #say(said: Reply, form?: { readonly status?: boolean; readonly utf8?: boolean }): void {
    this.#output.say(said, form)
  }

  #end(): void {
    this.#state = 'closed'
    this.#waiting = undefined
    this.#notice = undefined
    this.#transaction.clear()
    this.#input.clear()
  }
}
