/**
 * The client role of one SMTP (RFC 5321) or LMTP (RFC 2033) session, without I/O, timers or a clock.
 *
 * Bytes from the server go in through `receive`, what happened comes out of `next`, what to send out of `takeOutput`;
 * commands are methods. The session greets by itself: after the greeting it sends EHLO, HELO where that is not known
 * (RFC 5321 §3.2), or LHLO, and says `ready`. Then one thing at a time: `startTls`, `authenticate`, `transact`, a command
 * such as `verify`, `quit`.
 *
 * Whatever the server sends: nothing throws, at most one reply and the events of one transaction are kept, and
 * `closed` is the last event. A reply that nobody asked for, and what is no reply, end the session.
 */

import type { Recipient, Reply } from '@postroad/envelope'
import type { ClientMechanism } from '@postroad/sasl'
import { expectParameters } from './client-agreed-parameters.ts'
import { ClientAuthentication, type ClientAuthStep } from './client-auth.ts'
import { CLIENT_DEADLINES, type ClientDeadlines } from './client-deadlines.ts'
import { ClientDialogue } from './client-dialogue.ts'
import { ClientEventQueue } from './client-event-queue.ts'
import { isSilent, type ClientCloseCause, type ClientEvent } from './client-event.ts'
import type { PeerExtensions } from './client-extensions.ts'
import { notReady } from './client-fault.ts'
import { ClientHello } from './client-hello.ts'
import type { ClientPhase } from './client-outcome.ts'
import { ClientInquiries } from './client-inquiries.ts'
import { askLine, type ClientQuestion } from './client-question.ts'
import type { TransactionRequest } from './client-request.ts'
import type { ClientSessionOptions } from './client-session-options.ts'
import { DEADLINE_KINDS, PHASES, type ClientState } from './client-state.ts'
import { ClientTransfer } from './client-transfer.ts'
import { ReplyReader } from './reply-reader.ts'

/** The client role of one session; see the head of this file. */
export class ClientSession extends ClientInquiries {
  readonly #hello: ClientHello
  readonly #deadlines: ClientDeadlines
  readonly #reader: ReplyReader
  readonly #events = new ClientEventQueue()
  readonly #dialogue: ClientDialogue
  readonly #transfer: ClientTransfer
  #state: ClientState = 'greeting'
  #extensions: PeerExtensions | undefined
  #progress = 0
  #authentication: ClientAuthentication | undefined
  #authenticated = false
  #limitsOffered = false
  #question: ClientQuestion = askLine('NOOP')
  #closeCause: ClientCloseCause | undefined

  /** @throws {ClientSessionError} `SMTP_CLIENT_HOSTNAME` where the hostname has no form that is one word of ASCII. */
  constructor(options: ClientSessionOptions) {
    super()
    this.#hello = new ClientHello(options)
    this.#deadlines = { ...CLIENT_DEADLINES, ...options.deadlines }
    this.#reader = new ReplyReader(options.replies)
    this.#dialogue = new ClientDialogue(options.onLine)
    this.#transfer = new ClientTransfer(options.protocol === 'lmtp', this.#dialogue, this.#events)
  }

  /** What the peer offers; `undefined` before `ready`, and again from STARTTLS and XCLIENT on until the next `ready`. */
  override get extensions(): PeerExtensions | undefined {
    return this.#extensions
  }

  /** Nothing can be sent or received any more. */
  get closed(): boolean {
    return this.#state === 'closed'
  }

  /** Why it is closed; `undefined` while it is not. */
  get closeCause(): ClientCloseCause | undefined {
    return this.#closeCause
  }

  /** A new command may be given. */
  get idle(): boolean {
    return this.#state === 'ready'
  }

  /** Counts replies; a deadline begins anew when it grows. */
  get progress(): number {
    return this.#progress
  }

  /**
   * Whether the running or last transaction got a reply other than 421. Without one, and unless it is
   * `transactionTerminated`, nothing has happened to it.
   */
  get transactionAnswered(): boolean {
    return this.#transfer.answered
  }

  /**
   * Whether the end of the content of the running or last transaction was handed out by `takeOutput`: lost from then on
   * without an answer, a recipient is `unknown`. In a flight that is so before any reply.
   */
  get transactionTerminated(): boolean {
    return this.#transfer.terminated
  }

  /** How many more transactions the peer takes in this session (MAILMAX, RFC 9422 §4); `Infinity` where it did not say. */
  get transactionsLeft(): number {
    return this.#extensions === undefined ? Infinity : this.#transfer.transactionsLeft(this.#extensions)
  }

  /**
   * Whether one transaction with these recipients keeps to what the peer takes in this session (RFC 9422 §4). If not, a
   * transaction defers the surplus with 4.5.3 unasked; `splitByLimits` deals recipients out.
   */
  hasRoomFor(recipients: readonly Recipient[]): boolean {
    return this.#extensions === undefined || this.#transfer.hasRoomFor(recipients, this.#extensions)
  }

  /** Content may be given: from `content` until `endContent`, or until the peer does not want it any more. */
  get wantsContent(): boolean {
    return this.#transfer.wantsContent
  }

  /**
   * Content that was given waits for a reply of the peer: give no more before it does not, and memory stays bounded. The
   * reply makes output to be taken.
   */
  get contentBlocked(): boolean {
    return this.#transfer.blocked
  }

  /** Where the conversation stands; `done` while no command of a transaction or of the beginning is under way. */
  get phase(): ClientPhase {
    return this.#state === 'transaction' ? this.#transfer.phase : PHASES[this.#state]
  }

  /** How long what is awaited now may take, in milliseconds; 0 while nothing is. */
  get deadlineMs(): number {
    if (this.#state === 'starttls') return this.#deadlines.commandMs
    if (this.#state === 'quitting') return this.#deadlines.quitMs
    if (this.#state === 'asking') return this.#deadlines[this.#question.command === 'ATRN' ? 'turnMs' : 'commandMs']
    const kind = DEADLINE_KINDS[this.#state === 'transaction' ? this.#transfer.awaitedPhase : PHASES[this.#state]]
    return kind === undefined ? 0 : this.#deadlines[kind]
  }

  /** Takes bytes from the server. Never throws; `bytes` are not kept. Ignored once the session is closed or turned. */
  receive(bytes: Uint8Array): void {
    if (this.#state === 'closed' || this.#state === 'turned' || bytes.length === 0) return
    if (this.#state === 'handshake') return this.#close('bytes-before-tls')
    this.#reader.receive(bytes)
    for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) {
      this.#progress += 1
      this.#dialogue.showReply(reply, this.#state === 'auth')
      // No reply can be meant for a command that has not left; 421 needs none (RFC 5321 §3.8).
      if (this.#dialogue.commandQueued && reply.code !== 421) return this.#close('unexpected-reply')
      this.#take(reply)
      if (this.closed) return
    }
    if (this.#reader.fault !== undefined) this.#close(this.#reader.fault)
  }

  /** The next event, or `undefined` until more bytes or a command come. */
  next(): ClientEvent | undefined {
    return this.#events.next()
  }

  /** How many bytes wait to be taken. */
  get outputBytes(): number {
    return this.#dialogue.output.bytes
  }

  /**
   * The bytes to write since the last call; `undefined` when there are none. They may share the memory of what
   * `content` was given. What is taken counts as sent: with the end of the content taken, a lost connection means
   * `unknown`.
   */
  takeOutput(): Uint8Array | undefined {
    const bytes = this.#dialogue.take()
    this.#transfer.handedOut()
    return bytes
  }

  /**
   * As `takeOutput`, in parts to be written one behind the other: what is short is joined, and slices of content from
   * 16 KiB on are given out without a copy. Empty where there is nothing.
   */
  takeParts(): readonly Uint8Array[] {
    const parts = this.#dialogue.takeParts()
    this.#transfer.handedOut()
    return parts
  }

  /**
   * Asks for TLS (RFC 3207). Answered by `start-tls` or `starttls-refused`.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_NOT_READY` unless idle.
   */
  startTls(): void {
    this.#expectIdle()
    this.#state = 'starttls'
    this.#dialogue.sendLine('STARTTLS')
  }

  /** The handshake after `start-tls` is done: introduces itself again; `ready` follows. */
  tlsStarted(): void {
    if (this.closed) return
    if (this.#state !== 'handshake') throw notReady()
    this.#sendHello()
  }

  /**
   * Authenticates (RFC 4954 §4). Answered by `authenticated` or `authentication-refused`; before, where the mechanism
   * needs a key, by `derive-key`, to be answered with `keyDerived`.
   *
   * Whether the channel is fit for the credentials is the caller's to judge.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_NOT_READY` unless idle.
   */
  authenticate(mechanism: ClientMechanism): void {
    this.#limitsOffered = this.#expectIdle().keywords.has('LIMITS')
    this.#authentication = new ClientAuthentication(mechanism)
    this.#state = 'auth'
    this.#dialogue.sendLine(this.#authentication.line, this.#authentication.shown)
  }

  /** Takes the key that `derive-key` asked for. Ignored where the exchange has ended meanwhile. */
  keyDerived(key: Uint8Array): void {
    if (this.#authentication?.deriving === true) this.#answerChallenge(this.#authentication.derived(key))
  }

  /**
   * Begins a mail transaction. Answered by `content` where it is wanted, an `outcome` for each recipient, and
   * `transaction-ended`. Where the content leaves in one flight with the commands, `content` comes at once.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_NOT_READY` unless idle; `SMTP_CLIENT_PARAMETER` where a parameter that was
   *   agreed on is none.
   */
  transact(request: TransactionRequest): void {
    const extensions = this.#expectIdle()
    expectParameters(request)
    if (this.#transfer.begin(request, extensions, this.#authenticated)) this.#state = 'transaction'
  }

  /**
   * Takes content after `content`, without dot-stuffing and with CRLF line ends unless it is binary; dots are doubled
   * here where DATA wants it and the facts say that there are any. `bytes` must stay as they are until `takeOutput` has
   * given them out and they are written: while `contentBlocked`, some of them were not. Ignored where the peer does not
   * want it any more.
   */
  content(bytes: Uint8Array): void {
    this.#transfer.content(bytes)
  }

  /**
   * Ends the content: with CRLF.CRLF, or with the last octet of BDAT LAST. Ignored where the peer does not want it any
   * more.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_CONTENT_LENGTH` where more or less came than the facts say; the session
   *   must be dropped then (`lost`).
   */
  endContent(): void {
    this.#transfer.endContent()
  }

  /** Says QUIT; `closed` follows. In the middle of something, and where nothing was said yet, closes at once. */
  quit(): void {
    if (this.closed) return
    if (this.#state !== 'ready') return this.#close('quit')
    this.#state = 'quitting'
    this.#dialogue.sendLine('QUIT')
  }

  /** The connection is gone, a deadline passed, or the caller gives up: settles what is open, then `closed`. */
  lost(cause: 'lost' | 'timeout' | 'aborted'): void {
    if (!this.closed) this.#close(this.#state === 'quitting' ? 'quit' : cause)
  }

  #expectIdle(): PeerExtensions {
    if (this.#state !== 'ready' || this.#extensions === undefined) throw notReady()
    return this.#extensions
  }

  protected override ask(question: ClientQuestion): void {
    this.#expectIdle()
    this.#state = 'asking'
    this.#question = question
    this.#dialogue.sendLine(question.line)
  }

  #take(reply: Reply): void {
    if (this.#state === 'transaction') return this.#takeTransaction(reply)
    if (reply.code === 421) return this.#close('closing', reply)
    if (this.#authentication !== undefined) return this.#takeAuth(reply, this.#authentication)
    switch (this.#state) {
      case 'greeting':
        return reply.code < 300 ? this.#sendHello() : this.#close('refused', reply)
      case 'hello':
        return this.#takeHello(reply)
      case 'starttls':
        return this.#takeStartTls(reply)
      case 'asking':
        return this.#takeAnswer(reply)
      case 'quitting':
        return this.#close('quit')
      default:
        return this.#close('unexpected-reply')
    }
  }

  #sendHello(standing?: PeerExtensions): void {
    this.#extensions = standing
    this.#authenticated &&= standing !== undefined
    this.#reader.enhancedStatusCodes = false
    this.#state = 'hello'
    this.#dialogue.sendLine(this.#hello.begin(standing))
  }

  #takeHello(reply: Reply): void {
    const taken = this.#hello.take(reply)
    if (taken === undefined) return this.#close('refused', reply)
    if (typeof taken === 'string') return this.#dialogue.sendLine(taken)
    this.#extensions = taken
    this.#reader.enhancedStatusCodes = taken.enhancedStatusCodes
    this.#state = 'ready'
    this.#events.push({ type: 'ready', extensions: taken })
  }

  #takeStartTls(reply: Reply): void {
    if (reply.code >= 300) {
      this.#state = 'ready'
      return this.#events.push({ type: 'starttls-refused', reply })
    }
    this.#extensions = undefined
    // RFC 3207 §4.2: what came in clear is not used under TLS; what came behind the 220 is an attack or a fault.
    if (this.#reader.pending) return this.#close('bytes-before-tls')
    this.#state = 'handshake'
    this.#events.push({ type: 'start-tls' })
  }

  #takeAuth(reply: Reply, authentication: ClientAuthentication): void {
    const cancelled = this.#state === 'auth-cancelled'
    if (reply.code >= 400 || (reply.code < 300 && !cancelled)) {
      this.#authentication = undefined
      this.#state = 'ready'
      // RFC 5802 §5: success of a server that has not proved itself is none.
      this.#authenticated = reply.code < 300 && authentication.succeeded()
      if (!this.#authenticated) {
        return this.#events.push({ type: 'authentication-refused', reply, ...authentication.whyRefused })
      }
      this.#events.push({ type: 'authenticated' })
      // RFC 9422: who authenticates may be given other limits.
      return this.#limitsOffered ? this.#sendHello(this.#extensions) : undefined
    }
    if (reply.code !== 334 || cancelled || authentication.deriving) return this.#close('unexpected-reply')
    this.#answerChallenge(authentication.challenge(reply.lines.join('')))
  }

  #answerChallenge(step: ClientAuthStep): void {
    if (step.kind === 'derive') {
      this.#events.push({ type: 'derive-key', derivation: step.derivation })
      return
    }
    if (step.cancels) this.#state = 'auth-cancelled'
    this.#dialogue.sendLine(step.line, step.shown)
  }

  #takeAnswer(reply: Reply): void {
    const { command, rest, follows } = this.#question
    if (rest !== undefined && reply.code < 300) {
      this.#question = rest
      return this.#dialogue.sendLine(rest.line)
    }
    this.#state = 'ready'
    this.#events.push({ type: 'replied', command, reply })
    if (command === 'XCLIENT' && (reply.code < 300 || follows === true)) return this.#sendHello()
    if (command === 'ATRN' && reply.code < 300) return this.#turn(reply)
  }

  #turn(reply: Reply): void {
    // RFC 2645 §5.3: the next word is ours, as a server's.
    if (this.#reader.pending) return this.#close('unexpected-reply')
    this.#state = 'turned'
    this.#events.push({ type: 'turned', reply })
  }

  #takeTransaction(reply: Reply): void {
    const step = this.#transfer.take(reply)
    if (step === 'ended') this.#state = 'ready'
    if (step !== 'broken') return
    const { farewell } = this.#transfer
    if (farewell !== undefined) return this.#close('closing', farewell)
    return this.#close(this.#transfer.phase === 'content' ? 'content-interrupted' : 'unexpected-reply', reply)
  }

  #close(cause: ClientCloseCause, reply?: Reply): void {
    const phase = this.phase
    if (this.#state === 'transaction') this.#transfer.fail(isSilent(cause) ? '4.4.2' : '4.5.0')
    this.#state = 'closed'
    this.#closeCause = cause
    this.#dialogue.output.clear()
    this.#authentication = undefined
    this.#events.push(reply === undefined ? { type: 'closed', cause, phase } : { type: 'closed', cause, phase, reply })
  }
}
