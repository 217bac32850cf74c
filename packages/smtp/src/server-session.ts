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
 * Nothing may be sent behind DATA, STARTTLS, or an AUTH that needs another line, before its reply: bytes that are
 * there already are answered 503 5.5.1, whatever the answer would have been, and the session ends. So neither content
 * behind a refused DATA nor plaintext behind STARTTLS (RFC 3207 §4.2) is ever taken for commands.
 */

import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { hideCredentials, readAuthResponse } from './auth-request.ts'
import { readCommand } from './command.ts'
import type { Situation } from './command.ts'
import { findVerb, UNIMPLEMENTED } from './command-order.ts'
import type { CommandState, SessionState, Verb } from './command-order.ts'
import { splitCommandLine } from './command-line.ts'
import { ContentReader } from './content-reader.ts'
import { LocalProtocolError } from './errors.ts'
import type { Extension, ExtensionContext } from './extension.ts'
import { EXTENSIONS } from './extensions.ts'
import type { Hello, TlsView } from './handler.ts'
import { InputBuffer } from './input-buffer.ts'
import { LineReader } from './line-reader.ts'
import type { Line } from './line-reader.ts'
import type { NoticeEvent, QuestionEvent, ServerEvent } from './server-event.ts'
import type { ServerSessionOptions } from './server-session-options.ts'
import { DEFAULT_SESSION_LIMITS } from './session-limits.ts'
import type { SessionLimits } from './session-limits.ts'
import { isAcceptance, judgeAnswer, judgeContentAnswer } from './session-answer.ts'
import type { GivenAnswer } from './session-answer.ts'
import { SessionOutput } from './session-output.ts'
import * as say from './session-replies.ts'
import { SessionTally } from './session-tally.ts'

/** Commands behind which nothing may be sent before their reply (RFC 2920 §3.1, RFC 3207 §4, RFC 4954 §4). */
const ENDS_GROUP: ReadonlySet<Verb> = new Set<Verb>(['DATA', 'STARTTLS', 'AUTH'])
/** All others are counted when they are read (`maxIdleCommands`). */
const CARRIES_MAIL: ReadonlySet<Verb> = new Set<Verb>(['MAIL', 'RCPT', 'DATA', 'QUIT'])

const FLUSH: NoticeEvent = { type: 'flush' }
const END_OF_DATA: QuestionEvent = { type: 'end-of-data' }

/** One session of a server. */
export class ServerSession {
  readonly #options: ServerSessionOptions
  readonly #limits: SessionLimits
  readonly #extensions: readonly Extension[]
  readonly #mechanisms: readonly string[]
  readonly #input = new InputBuffer()
  readonly #lines: LineReader
  readonly #output: SessionOutput
  readonly #tally: SessionTally
  #content: ContentReader | undefined
  #contentFault: Reply | undefined
  #state: SessionState = 'greeting'
  #waiting: QuestionEvent | undefined
  #notice: NoticeEvent | undefined

  #tls: TlsView | undefined
  #hello: Hello | undefined
  #authenticated = false
  #recipients = 0
  #smtputf8 = false

  constructor(options: ServerSessionOptions) {
    this.#options = options
    this.#limits =
      options.limits === undefined ? DEFAULT_SESSION_LIMITS : { ...DEFAULT_SESSION_LIMITS, ...options.limits }
    this.#extensions = options.extensions ?? EXTENSIONS
    this.#mechanisms = options.mechanisms ?? []
    this.#lines = new LineReader(options.bareNewlines ?? 'refuse')
    this.#output = new SessionOutput(options.onLine)
    this.#tally = new SessionTally(this.#limits)
  }

  /** Where the session stands. */
  get state(): SessionState {
    return this.#state
  }

  /** How the client introduced itself; `undefined` before it did, and again after STARTTLS. */
  get hello(): Hello | undefined {
    return this.#hello
  }

  /** What protects the session; `undefined`: nothing. */
  get tls(): TlsView | undefined {
    return this.#tls
  }

  /** An AUTH command has succeeded. */
  get authenticated(): boolean {
    return this.#authenticated
  }

  /** Recipients accepted in the transaction. */
  get recipients(): number {
    return this.#recipients
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
        event = this.#readContent()
        if (event === undefined && this.#content !== undefined) return this.#nothingYet()
      } else {
        const maxBytes = this.#state === 'auth' ? this.#limits.maxAuthLineBytes : this.#limits.maxCommandLineBytes
        const line = this.#lines.read(this.#input, maxBytes)
        if (line === undefined) return this.#nothingYet()
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
        this.#say(answer ?? this.#greeting(), { status: false })
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
        if (this.#refuseWhatIsBehind()) break
        this.#say(answer ?? say.GO_ON)
        if (answer === undefined) this.#beginContent()
        break
      case 'starttls':
        if (this.#refuseWhatIsBehind()) break
        this.#say(answer ?? say.READY_FOR_TLS)
        if (answer === undefined) this.#state = 'tls'
        break
      case 'auth':
      case 'auth-response':
        if (answer !== undefined) this.#answerAuth(answer, positive)
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
    if (this.#content === undefined || this.#contentFault !== undefined) return
    this.#contentFault = refusal
    this.#content.refuse()
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
    this.#tls = tls
    this.#hello = undefined
    this.#authenticated = false
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
    const tooMany = !this.#authenticated && this.#tally.unauthenticated(line.bytes)
    if (line.kind === 'fault') return this.#refuse('', say.LINE_FAULTS[line.fault])
    const { word, argument } = splitCommandLine(line.text)
    const shown = word === 'AUTH' ? hideCredentials(line.text) : line.text
    this.#output.heard(shown)
    const verb = findVerb(word, this.#options.protocol)
    if (tooMany) return this.#tooMuch(shown)
    if (verb === undefined) {
      return this.#refuse(shown, UNIMPLEMENTED.has(word) ? say.NOT_IMPLEMENTED : say.UNKNOWN_COMMAND)
    }
    // AUTH with an initial response may be one line, and others may follow at once (RFC 4954 §4).
    if (ENDS_GROUP.has(verb) && !(verb === 'AUTH' && argument.includes(' ')) && this.#refuseWhatIsBehind()) {
      return { type: 'refused', line: shown, reply: say.NOTHING_BEHIND }
    }
    const meaning = readCommand(verb, argument, this.#situation(state))
    if (meaning.kind === 'refuse' && meaning.error) return this.#refuse(shown, meaning.reply)
    if (!CARRIES_MAIL.has(verb) && this.#tally.idle()) return this.#tooMuch(shown)
    switch (meaning.kind) {
      case 'refuse':
        this.#say(meaning.reply)
        return { type: 'refused', line: shown, reply: meaning.reply }
      case 'do':
        return this.#carryOut(meaning.verb)
      case 'ask':
        return this.#ask(meaning.event)
    }
  }

  #carryOut(verb: 'RSET' | 'NOOP' | 'HELP' | 'QUIT'): ServerEvent | undefined {
    if (verb === 'QUIT') {
      this.#say(reply(221, '2.0.0', `${this.#options.hostname} closing connection`))
      this.#end()
      return { type: 'quit' }
    }
    this.#say(verb === 'HELP' ? say.HELP : say.DONE)
    return verb === 'RSET' && this.#resetTransaction() ? { type: 'reset' } : undefined
  }

  #welcome(hello: Hello): void {
    this.#hello = hello
    const { hostname } = this.#options
    const lines = [hostname]
    if (hello.verb !== 'HELO') {
      const context = this.#context()
      for (const extension of this.#extensions) {
        const keyword = extension.keyword(context)
        if (keyword !== undefined) lines.push(keyword)
      }
    }
    this.#say({ code: 250, status: undefined, lines })
    if (this.#resetTransaction()) this.#notice = { type: 'reset' }
    this.#state = 'ready'
  }

  // Transactions

  #answerTransaction(event: QuestionEvent & { type: 'mail' | 'rcpt' }, answer: Reply, positive: boolean): void {
    if (!positive) {
      const counts = event.type === 'mail' || this.#options.protocol !== 'lmtp'
      if (counts && this.#tally.idle()) {
        this.#tooMuch('')
        return
      }
    } else if (event.type === 'mail') {
      this.#state = 'mail'
      this.#smtputf8 = event.mail.smtputf8 === true
    } else {
      this.#state = 'rcpt'
      this.#recipients += 1
    }
    this.#say(answer, { utf8: this.#smtputf8 })
  }

  #beginContent(): void {
    this.#state = 'content'
    this.#contentFault = undefined
    this.#content = new ContentReader({
      bareNewlines: this.#options.bareNewlines ?? 'refuse',
      maxBytes: this.#limits.maxMessageBytes,
      maxLineBytes: this.#limits.maxContentLineBytes,
    })
  }

  /** The next event of the content; none with `#content` gone: it ended and was refused. */
  #readContent(): ServerEvent | undefined {
    const part = this.#content?.read(this.#input)
    if (part === undefined) return undefined
    if (part.kind === 'bytes') return { type: 'content', bytes: part.bytes }
    if (part.kind === 'fault') {
      this.#contentFault = say.CONTENT_FAULTS[part.fault]
      return { type: 'content-refused', reply: this.#contentFault }
    }
    this.#content = undefined
    if (this.#contentFault === undefined) return this.#ask(END_OF_DATA)
    for (let count = this.#repliesToContent(); count > 0; count -= 1) this.#say(this.#contentFault)
    this.#resetTransaction()
    return undefined
  }

  #answerContent(given: GivenAnswer): void {
    const replies = judgeContentAnswer(given, this.#repliesToContent())
    this.#waiting = undefined
    // In LMTP each accepted recipient has its reply, in order (RFC 2033 §4.2).
    for (const each of replies) this.#say(each, { utf8: this.#smtputf8 })
    if (replies.some(isAcceptance)) this.#tally.message()
    this.#resetTransaction()
    if (replies.some(({ code }) => code === 421)) this.#end()
  }

  #repliesToContent(): number {
    return this.#options.protocol === 'lmtp' ? this.#recipients : 1
  }

  /** Forgets the transaction; whether there was one. */
  #resetTransaction(): boolean {
    const was = this.#state === 'mail' || this.#state === 'rcpt' || this.#state === 'content'
    if (was) this.#state = 'ready'
    this.#recipients = 0
    this.#smtputf8 = false
    return was
  }

  // Authentication

  #readResponse(line: Line): ServerEvent {
    this.#output.heard('***')
    this.#state = 'ready'
    if (this.#tally.unauthenticated(line.bytes)) return { type: 'auth-cancel', reply: this.#tooMuch('').reply }
    const response = readAuthResponse(line)
    if (response.ok) return this.#ask({ type: 'auth-response', response: response.value })
    return { type: 'auth-cancel', reply: this.#refuse('', response.reply).reply }
  }

  #answerAuth(answer: Reply, positive: boolean): void {
    this.#state = 'ready'
    if (positive) this.#authenticated = true
    else if (answer.code >= 500 && this.#tally.authFailure()) {
      this.#tooMuch('')
      return
    }
    this.#say(answer)
  }

  // What every command needs

  /** All input was read: lets go of it, so that an idle session keeps nothing. */
  #nothingYet(): undefined {
    this.#input.clear()
  }

  #ask<Event extends QuestionEvent>(event: Event): Event {
    this.#waiting = event
    return event
  }

  #refuse(line: string, refusal: Reply): NoticeEvent & { type: 'refused' } {
    if (this.#tally.error()) return this.#tooMuch(line)
    this.#say(refusal)
    return { type: 'refused', line, reply: refusal }
  }

  /** A limit of the session is reached: 421, and the end. */
  #tooMuch(line: string): NoticeEvent & { type: 'refused' } {
    const refusal = reply(421, '4.7.0', `${this.#options.hostname} Too many errors or idle commands`)
    this.#say(refusal)
    this.#end()
    return { type: 'refused', line, reply: refusal }
  }

  /** Where input is behind a command that had to be the last: 503, and the end. */
  #refuseWhatIsBehind(): boolean {
    if (this.#input.length === 0) return false
    this.#say(say.NOTHING_BEHIND)
    this.#end()
    return true
  }

  #say(said: Reply, form?: { readonly status?: boolean; readonly utf8?: boolean }): void {
    this.#output.say(said, form)
  }

  #end(): void {
    this.#state = 'closed'
    this.#waiting = undefined
    this.#notice = undefined
    this.#content = undefined
    this.#input.clear()
    this.#lines.clear()
  }

  #greeting(): Reply {
    const { hostname, protocol } = this.#options
    return reply(220, undefined, `${hostname} ${protocol === 'lmtp' ? 'LMTP' : 'ESMTP'}`)
  }

  #situation(state: CommandState): Situation {
    const auth = { mechanisms: this.#mechanisms, safe: this.#isSafe(), authenticated: this.#authenticated }
    return { state, extensions: this.#extensions, context: this.#context(), auth, recipients: this.#recipients }
  }

  #context(): ExtensionContext {
    return {
      limits: this.#limits,
      secured: this.#tls !== undefined,
      startTls: this.#options.startTls === true && this.#tls === undefined,
      mechanisms: this.#isSafe() && !this.#authenticated ? this.#mechanisms : [],
      smtputf8: this.#smtputf8,
    }
  }

  /** Whether a password may be sent (RFC 4954 §4). */
  #isSafe(): boolean {
    return this.#tls !== undefined || this.#options.allowPlaintextAuth === true
  }
}
