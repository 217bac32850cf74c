/**
 * Puts the events of one session to its handler, and the handler's answers into the session.
 *
 * An answer that is ready at once is given at once: no promise and no closure is made for it. This is the one place
 * where what a handler throws, rejects with, or never answers becomes 451 4.3.0; never is anything accepted then.
 *
 * The sink of a message gets exactly one of `end` and `abort`, however the session ends; the handler gets `end` once.
 */

import { formatPath } from '@postroad/address'
import type { ReversePath } from '@postroad/address'
import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { createServerMechanism } from '@postroad/sasl'
import { isQuestion } from '@postroad/smtp'
import type {
  ContentSink,
  QuestionEvent,
  ServerEvent,
  ServerSession,
  SessionHandler,
  SubmissionHandler,
} from '@postroad/smtp'
import { createAuthExchange } from './authentication.ts'
import type { AuthExchange, AuthVerdict } from './authentication.ts'
import { SmtpServerError } from './errors.ts'
import type { LiveSession } from './live-session.ts'
import type { ServerObserver } from './observer.ts'

const FAULT = reply(451, '4.3.0', 'Local error in processing')
/** A greeting is 220, 421 or 554 (RFC 5321 §4.3.2). */
const FAULT_AT_GREETING = reply(421, '4.3.0', 'Local error in processing')

/** What an answer to a question may be. */
type Given = Reply | readonly Reply[] | ContentSink | AuthVerdict | undefined

interface Transaction {
  readonly reversePath: ReversePath
  readonly startedAt: number
  recipients: number
  sizeBytes: number
}

/** One session's conversation with its handler. */
export class Dialogue {
  readonly #session: ServerSession
  readonly #handler: SessionHandler | SubmissionHandler
  readonly #view: LiveSession
  readonly #clock: Clock
  readonly #observer: ServerObserver | undefined
  /** The question whose answer is on its way; what comes for another is too late. */
  #awaited: ServerEvent | undefined
  #sink: ContentSink | undefined
  #auth: AuthExchange | undefined
  #transaction: Transaction | undefined
  #ended = false

  accepted = 0
  refused = 0

  constructor(parts: {
    readonly session: ServerSession
    readonly handler: SessionHandler | SubmissionHandler
    readonly view: LiveSession
    readonly clock: Clock
    readonly observer: ServerObserver | undefined
  }) {
    this.#session = parts.session
    this.#handler = parts.handler
    this.#view = parts.view
    this.#clock = parts.clock
    this.#observer = parts.observer
  }

  /** Whether a transaction is open, or its content is being judged. */
  get inTransaction(): boolean {
    return this.#transaction !== undefined
  }

  /** Has an event decided. A promise where that takes time: it resolves when the session may go on, and never rejects. */
  decide(event: ServerEvent): Promise<void> | undefined {
    try {
      const given = this.#ask(event)
      if (!isPromise(given)) {
        this.#settle(event, given)
        return undefined
      }
      return this.#later(event, given)
    } catch (error) {
      this.#fault(error)
      return undefined
    }
  }

  /** The handler has had its time: a fault; its answer will be too late. */
  giveUp(): void {
    this.#awaited = undefined
    this.#fault(new SmtpServerError('SMTP_SERVER_ANSWER_TIMEOUT', 'a handler did not answer in time'))
  }

  /** The session is over: whatever is open is closed, and the handler told. Once; later calls do nothing. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#abortSink()
    this.#endTransaction()
    this.#quietly(() => this.#handler.end?.())
  }

  async #later(event: ServerEvent, given: Promise<Given>): Promise<void> {
    this.#awaited = event
    try {
      const answer = await given
      if (this.#awaited !== event) {
        if (isSink(answer)) this.#quietly(() => answer.abort())
        return
      }
      this.#awaited = undefined
      this.#settle(event, answer)
    } catch (error) {
      if (this.#awaited === event) this.#awaited = undefined
      this.#fault(error)
    }
  }

  /** The handler's answer to an event, now or later. */
  #ask(event: ServerEvent): Given | Promise<Given> {
    const handler = this.#handler
    switch (event.type) {
      case 'connect':
        return handler.connection?.()
      case 'hello':
        return handler.hello?.(event.hello)
      case 'mail':
        return handler.mail(event.mail)
      case 'rcpt':
        return handler.rcpt(event.rcpt)
      case 'data':
        return handler.content()
      case 'content': {
        const { bytes } = event
        if (this.#transaction !== undefined) this.#transaction.sizeBytes += bytes.length
        const written = this.#sink?.write(bytes)
        return written === undefined ? undefined : written.then(() => undefined)
      }
      case 'end-of-data':
        return this.#endContent()
      case 'vrfy':
        return handler.vrfy?.(event.argument)
      case 'auth':
        return this.#beginAuth(event)
      case 'auth-response':
        return this.#auth?.receive(event.response)
      case 'auth-cancel':
        this.#auth = undefined
        this.#reportRefused('AUTH', event.reply)
        return undefined
      case 'content-refused':
        this.#abortSink()
        this.#reportTransaction([event.reply])
        return undefined
      case 'reset':
        this.#endTransaction()
        return undefined
      case 'refused':
        this.#reportRefused(event.line, event.reply)
        return undefined
      case 'starttls':
      case 'flush':
      case 'quit':
        break
    }
    return undefined
  }

  /** Puts an answer into the session. What does not fit is a fault of the handler. */
  #settle(event: ServerEvent, given: Given): void {
    // The peer has gone, or the session was closed while the handler thought.
    if (this.#ended || (isQuestion(event) && !this.#session.waiting)) {
      if (isSink(given)) this.#quietly(() => given.abort())
      return
    }
    switch (event.type) {
      case 'connect':
      case 'hello':
      case 'mail':
      case 'rcpt':
      case 'vrfy':
        if (isSink(given) || isVerdict(given) || isList(given)) throw unfit()
        this.#session.answer(given)
        this.#noteAnswer(event, given)
        break
      case 'data':
        this.#settleContent(given)
        break
      case 'end-of-data': {
        if (isSink(given) || isVerdict(given) || given === undefined) throw unfit()
        this.#session.answer(given)
        this.#reportTransaction(isList(given) ? given : [given])
        break
      }
      case 'auth':
      case 'auth-response':
        if (!isVerdict(given)) throw unfit()
        this.#settleAuth(given)
        break
      case 'starttls':
        this.#session.answer()
        break
      case 'content':
      case 'content-refused':
      case 'auth-cancel':
      case 'reset':
      case 'refused':
      case 'flush':
      case 'quit':
        break
    }
  }

  #noteAnswer(event: ServerEvent, given: Reply | undefined): void {
    if (given !== undefined && given.code >= 300) {
      if (this.#observer !== undefined) this.#reportRefused(commandOf(event), given)
    } else if (event.type === 'mail') {
      this.#transaction = {
        reversePath: event.mail.reversePath,
        startedAt: this.#clock.monotonic(),
        recipients: 0,
        sizeBytes: 0,
      }
    } else if (event.type === 'rcpt' && this.#transaction !== undefined) this.#transaction.recipients += 1
    else if (event.type === 'hello') this.#view.hello = this.#session.hello
  }

  #settleContent(given: Given): void {
    if (isSink(given)) {
      this.#session.answer()
      // Something stood behind DATA: the session is over.
      if (this.#session.state === 'content') this.#sink = given
      else this.#quietly(() => given.abort())
      return
    }
    if (given === undefined || isVerdict(given) || isList(given)) throw unfit()
    this.#session.answer(given)
    this.#reportRefused('DATA', given)
  }

  #endContent(): Given | Promise<Given> {
    const sink = this.#sink
    // From here on the sink is done, whatever it answers: it is not aborted any more.
    this.#sink = undefined
    return sink?.end()
  }

  #beginAuth(event: QuestionEvent & { type: 'auth' }): AuthVerdict | Promise<AuthVerdict> {
    const mechanism = createServerMechanism(event.mechanism)
    if (mechanism === undefined || !('authenticate' in this.#handler)) throw unfit()
    this.#auth = createAuthExchange(mechanism, this.#handler)
    return this.#auth.start(event.initialResponse)
  }

  #settleAuth(verdict: AuthVerdict): void {
    if (verdict.kind === 'challenge') {
      this.#session.challenge(verdict.bytes)
      return
    }
    // A refusal never opens the door, whatever its reply says.
    if (verdict.kind === 'refused' && verdict.reply.code < 400) throw unfit()
    const mechanism = this.#auth?.mechanism ?? ''
    this.#auth = undefined
    this.#session.answer(verdict.reply)
    if (verdict.kind === 'refused') this.#reportRefused('AUTH', verdict.reply)
    // Unless something stood behind the AUTH: then the session is over, and nobody was let in.
    else if (this.#session.authenticated) {
      this.#view.account = verdict.account
      this.#observer?.({ type: 'session.authenticated', session: this.#view, mechanism })
    }
  }

  /** The one place where a fault becomes a reply. */
  #fault(error: unknown): void {
    this.#observer?.({ type: 'fault', session: this.#view, error })
    if (this.#ended) return
    this.#auth = undefined
    if (this.#session.waiting) {
      const atEnd = this.#session.state === 'content'
      this.#session.answer(this.#session.state === 'greeting' ? FAULT_AT_GREETING : FAULT)
      if (atEnd) this.#reportTransaction([FAULT])
    } else if (this.#sink !== undefined) {
      this.#session.refuseContent(FAULT)
      this.#abortSink()
      this.#reportTransaction([FAULT])
    }
  }

  #abortSink(): void {
    const sink = this.#sink
    this.#sink = undefined
    if (sink !== undefined) this.#quietly(() => sink.abort())
  }

  /** The transaction ends without having been accepted or refused. */
  #endTransaction(): void {
    if (this.#transaction === undefined) return
    this.#transaction = undefined
    this.#quietly(() => this.#handler.reset?.())
  }

  #reportTransaction(replies: readonly Reply[]): void {
    const transaction = this.#transaction
    this.#transaction = undefined
    const accepted = replies.some(({ code }) => code < 300)
    if (accepted) this.accepted += 1
    else this.refused += 1
    if (this.#observer === undefined || transaction === undefined) return
    this.#observer({
      type: accepted ? 'transaction.accepted' : 'transaction.refused',
      session: this.#view,
      reversePath: transaction.reversePath,
      recipients: transaction.recipients,
      sizeBytes: transaction.sizeBytes,
      durationMs: this.#clock.monotonic() - transaction.startedAt,
      replies,
    })
  }

  #reportRefused(line: string, refusal: Reply): void {
    this.#observer?.({ type: 'reply.refused', session: this.#view, line: line.slice(0, 512), reply: refusal })
  }

  /** For calls that no reply depends on. */
  #quietly(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#observer?.({ type: 'fault', session: this.#view, error })
    }
  }
}

/** The command that a question came from, without its parameters. */
function commandOf(event: ServerEvent): string {
  switch (event.type) {
    case 'mail':
      return `MAIL FROM:${formatPath(event.mail.reversePath)}`
    case 'rcpt':
      return `RCPT TO:${formatPath(event.rcpt.forwardPath)}`
    case 'hello':
      return `${event.hello.verb} ${event.hello.name}`
    default:
      return event.type.toUpperCase()
  }
}

function unfit(): SmtpServerError {
  return new SmtpServerError('SMTP_SERVER_ANSWER', 'the answer of a handler does not fit the question')
}

function isPromise(given: Given | Promise<Given>): given is Promise<Given> {
  return given !== undefined && 'then' in given
}

function isSink(given: Given): given is ContentSink {
  return given !== undefined && 'write' in given
}

function isVerdict(given: Given): given is AuthVerdict {
  return given !== undefined && 'kind' in given
}

function isList(given: Given): given is readonly Reply[] {
  return Array.isArray(given)
}
