/**
 * Puts the events of one session to its handler, and the handler's answers into the session.
 *
 * An answer that is ready at once is given at once: no promise and no closure is made for it. This is the one place
 * where what a handler throws, rejects with, or never answers becomes 451 4.3.0 (within AUTH 454 4.7.0, at the greeting
 * 421); never is anything accepted then.
 *
 * The sink of a message gets exactly one of `end` and `abort`, however the session ends; the handler gets `end` once.
 */

import type { Duplex } from 'node:stream'
import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { isQuestion } from '@postroad/smtp'
import type { ContentSink, QuestionEvent, ServerEvent, ServerSession } from '@postroad/smtp'
import { AuthDialogue } from './auth-dialogue.ts'
import type { AuthRules, Channel } from './auth-dialogue.ts'
import { commandOf } from './command-of.ts'
import { endsGroup } from './ends-group.ts'
import { SmtpServerError } from './errors.ts'
import { FAULT, faultReplyTo } from './fault-reply.ts'
import { readForwardedClient } from './forwarded-client.ts'
import { isList, isPromise, isSink, isVerdict, unfit } from './handler-answer.ts'
import type { Given } from './handler-answer.ts'
import type { LiveSession } from './live-session.ts'
import type { ServerObserver } from './observer.ts'
import { authenticates } from './server-handler.ts'
import type { ServerHandler } from './server-handler.ts'
import { TransactionTally } from './transaction-tally.ts'

const NO_CLIENT = reply(501, '5.5.4', 'Neither an address nor a port')

/** What a dialogue asks of whoever runs its session. */
export interface DialogueHost extends Channel {
  /** The client has this address from now on; what refuses it where there are too many sessions from there. */
  readmit(address: string): Reply | undefined
}

/** One session's conversation with its handler. */
export class Dialogue {
  readonly transactions: TransactionTally
  readonly #session: ServerSession
  readonly #handler: ServerHandler
  readonly #view: LiveSession
  readonly #observer: ServerObserver | undefined
  readonly #host: DialogueHost
  readonly #authRules: AuthRules
  /** The question whose answer is on its way; what comes for another is too late. */
  #awaited: ServerEvent | undefined
  #sink: ContentSink | undefined
  /** The exchange of AUTH that is under way. */
  #auth: AuthDialogue | undefined
  /** Who gets the stream behind ATRN. */
  #taker: ((stream: Duplex) => void) | undefined
  #ended = false

  constructor(parts: {
    readonly session: ServerSession
    readonly handler: ServerHandler
    readonly view: LiveSession
    readonly clock: Clock
    readonly observer: ServerObserver | undefined
    readonly host: DialogueHost
    readonly authRules: AuthRules
  }) {
    this.#session = parts.session
    this.#handler = parts.handler
    this.#view = parts.view
    this.#observer = parts.observer
    this.#host = parts.host
    this.#authRules = parts.authRules
    this.transactions = new TransactionTally(parts.view, parts.clock, parts.observer)
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
      this.#fault(event, error)
      return undefined
    }
  }

  /** The handler has had its time: a fault; its answer will be too late. */
  giveUp(): void {
    const event = this.#awaited
    this.#awaited = undefined
    if (event === undefined) return
    this.#fault(event, new SmtpServerError('SMTP_SERVER_ANSWER_TIMEOUT', 'a handler did not answer in time'))
  }

  /** Gives the stream to who takes it behind ATRN; what that throws is a fault, and false. Rejecting destroys the stream. */
  turn(stream: Duplex): boolean {
    const take = this.#taker
    this.#taker = undefined
    return (
      take !== undefined &&
      this.#quietly(
        () => take(stream),
        () => stream.destroy(),
      )
    )
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
      this.#fault(event, error)
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
        this.transactions.addContent(bytes.length)
        const written = this.#sink?.write(bytes)
        return written === undefined ? undefined : written.then(nothing)
      }
      case 'end-of-data':
        return this.#endContent()
      case 'vrfy':
        return handler.vrfy?.(event.argument)
      case 'expn':
        return handler.expn?.(event.argument)
      case 'help':
        return handler.help?.(event.argument)
      case 'etrn':
        return handler.etrn?.({ node: event.node, kind: event.kind })
      case 'atrn':
        return handler.atrn?.(event.domains, (take) => {
          this.#taker = take
        })
      case 'xclient':
        return handler.xclient?.(event.attributes)
      case 'xforward':
        return handler.xforward?.(event.attributes)
      case 'command':
        return handler.command?.(event.word, event.argument)
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
        this.transactions.end([event.reply])
        return undefined
      case 'reset':
        this.#abortSink()
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
      case 'expn':
      case 'help':
      case 'etrn':
      case 'atrn':
      case 'xclient':
      case 'xforward':
      case 'command':
        if (isSink(given) || isVerdict(given) || isList(given)) throw unfit()
        this.#settleReply(event, given)
        break
      case 'data':
        this.#settleContent(event, given)
        break
      case 'end-of-data':
        if (isSink(given) || isVerdict(given) || given === undefined) throw unfit()
        this.#session.answer(given)
        this.transactions.end(isList(given) ? given : [given])
        break
      case 'auth':
      case 'auth-response':
        this.#settleAuth(event, given)
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

  #settleReply(event: QuestionEvent, given: Reply | undefined): void {
    if (event.type === 'atrn' && isAccepted(given) && this.#taker === undefined) throw unfit()
    const answer = event.type === 'xclient' && isAccepted(given) ? this.#readdress(event.attributes) : given
    if (answer !== undefined && !isAccepted(answer)) {
      this.#refuse(event, answer)
      if (event.type === 'atrn') this.#taker = undefined
      return
    }
    this.#session.answer(answer)
    if (event.type === 'mail') this.transactions.begin(event.mail.reversePath)
    else if (event.type === 'rcpt') this.transactions.addRecipient()
    else if (event.type === 'hello') this.#view.hello = this.#session.hello
  }

  /**
   * Answers with a refusal, and tells it. Where the session says another reply in its place, 503 to what stands behind the
   * command or 421 to too much, it tells that itself.
   */
  #refuse(event: QuestionEvent, refusal: Reply): void {
    const session = this.#session
    const isBehind = endsGroup(event) && session.unreadBytes > 0
    session.answer(refusal)
    const endsSession = refusal.code === 421 || event.type === 'connect'
    if (session.state === 'closed' && (isBehind || !endsSession)) return
    if (this.#observer !== undefined) this.#reportRefused(commandOf(event), refusal)
  }

  /** The session goes on as that of the client whom a trusted proxy speaks for; or what refuses that. */
  #readdress(attributes: ReadonlyMap<string, string | undefined>): Reply | undefined {
    const client = readForwardedClient(attributes)
    if (client === undefined) return NO_CLIENT
    const view = this.#view
    const { remoteAddress = view.remoteAddress, remotePort = view.remotePort, localPort = view.localPort } = client
    const refusal = this.#host.readmit(remoteAddress)
    if (refusal !== undefined) return refusal
    view.remoteAddress = remoteAddress
    view.remotePort = remotePort
    view.localPort = localPort
    view.account = client.account
    view.proxied = true
    view.hello = undefined
    return undefined
  }

  #settleContent(event: QuestionEvent, given: Given): void {
    if (isSink(given)) {
      this.#session.answer()
      // Something stood behind DATA: the session is over.
      if (this.#session.state === 'closed') this.#quietly(() => given.abort())
      else this.#sink = given
      return
    }
    if (given === undefined || isVerdict(given) || isList(given)) throw unfit()
    this.#refuse(event, given)
  }

  #endContent(): Given | Promise<Given> {
    const sink = this.#sink
    // From here on the sink is done, whatever it answers: it is not aborted any more.
    this.#sink = undefined
    return sink?.end()
  }

  #beginAuth(event: QuestionEvent & { type: 'auth' }): Given | Promise<Given> {
    if (!authenticates(this.#handler)) throw unfit()
    this.#auth = new AuthDialogue({
      event,
      session: this.#session,
      handler: this.#handler,
      view: this.#view,
      channel: this.#host,
      rules: this.#authRules,
      observer: this.#observer,
    })
    return this.#auth.start()
  }

  #settleAuth(event: QuestionEvent, given: Given): void {
    if (!isVerdict(given)) throw unfit()
    const auth = this.#auth
    if (given.kind !== 'challenge') this.#auth = undefined
    const refusal = auth?.settle(given)
    if (refusal !== undefined) this.#refuse(event, refusal)
  }

  /** The one place where a fault becomes a reply. */
  #fault(event: ServerEvent, error: unknown): void {
    this.#observer?.({ type: 'fault', session: this.#view, error })
    if (this.#ended) return
    this.#auth = undefined
    this.#taker = undefined
    if (this.#session.waiting) {
      this.#session.answer(faultReplyTo(event))
      if (event.type === 'end-of-data') this.transactions.end([FAULT])
    } else if (this.#sink !== undefined) {
      this.#session.refuseContent(FAULT)
      this.#abortSink()
      this.transactions.end([FAULT])
    }
  }

  #abortSink(): void {
    const sink = this.#sink
    this.#sink = undefined
    if (sink !== undefined) this.#quietly(() => sink.abort())
  }

  /** The transaction ends without having been accepted or refused. */
  #endTransaction(): void {
    if (this.transactions.drop()) this.#quietly(() => this.#handler.reset?.())
  }

  #reportRefused(line: string, refusal: Reply): void {
    this.#observer?.({ type: 'reply.refused', session: this.#view, line: line.slice(0, 512), reply: refusal })
  }

  /**
   * For calls that no reply depends on; false where one throws. Nobody waits for what one promises against its type; that
   * it rejects is a fault all the same, and `onReject` is called.
   */
  #quietly(call: () => unknown, onReject?: () => void): boolean {
    try {
      const given = call()
      if (given instanceof Promise) {
        given.catch((error: unknown) => {
          this.#observer?.({ type: 'fault', session: this.#view, error })
          onReject?.()
        })
      }
      return true
    } catch (error) {
      this.#observer?.({ type: 'fault', session: this.#view, error })
      return false
    }
  }
}

/** Nothing said means: as usual. */
function isAccepted(given: Reply | undefined): boolean {
  return given === undefined || given.code < 300
}

function nothing(): undefined {
  return undefined
}
