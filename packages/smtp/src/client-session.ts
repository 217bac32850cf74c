/**
 * The client role of one SMTP (RFC 5321) or LMTP (RFC 2033) session, without I/O, timers or a clock.
 *
 * Bytes from the server go in through `receive`, what happened comes out of `next`, what to send out of `takeOutput`;
 * commands are methods. The session greets by itself: after the greeting it sends EHLO, HELO where that is not known
 * (RFC 5321 §3.2), or LHLO, and says `ready`. Then one thing at a time: `startTls`, `authenticate`, `transact`, `quit`.
 *
 * Whatever the server sends: nothing throws, at most one reply and the events of one transaction are kept, and
 * `closed` is the last event. A reply that nobody asked for, and what is no reply, end the session.
 */

import { fromLatin1, fromUtf8 } from '@postroad/bytes'
import type { Reply } from '@postroad/envelope'
import type { ClientMechanism } from '@postroad/sasl'
import { ClientAuthentication } from './client-auth.ts'
import { DotStuffer } from './client-content.ts'
import { CLIENT_DEADLINES, type ClientDeadlines } from './client-deadlines.ts'
import { isSilent, type ClientCloseCause, type ClientEvent } from './client-event.ts'
import { parseExtensions, type PeerExtensions } from './client-extensions.ts'
import { ClientSessionError } from './client-fault.ts'
import type { ClientPhase } from './client-outcome.ts'
import { ClientOutput } from './client-output.ts'
import type { ClientSessionOptions } from './client-session-options.ts'
import { DEADLINE_KINDS, PHASES, type ClientState } from './client-state.ts'
import { ClientTransaction, type TransactionRequest, type TransactionStep } from './client-transaction.ts'
import { ReplyReader } from './reply-reader.ts'

/** The client role of one session; see the head of this file. */
export class ClientSession {
  readonly #hostname: string
  readonly #lmtp: boolean
  readonly #deadlines: ClientDeadlines
  readonly #onLine: ((from: 'client' | 'server', line: string) => void) | undefined
  readonly #reader: ReplyReader
  readonly #events: ClientEvent[] = []
  #eventsTaken = 0
  readonly #output = new ClientOutput()
  #state: ClientState = 'greeting'
  #extensions: PeerExtensions | undefined
  #progress = 0
  #authentication: ClientAuthentication | undefined
  #transaction: ClientTransaction | undefined
  #transactionFacts: TransactionRequest['facts'] | undefined
  #stuffer: DotStuffer | undefined
  #contentBytes = 0
  #terminatorQueued = false
  #commandQueued = false
  #needsReset = false
  #closeCause: ClientCloseCause | undefined

  /** @throws {ClientSessionError} `SMTP_CLIENT_HOSTNAME` where the name has a space or a control character, or is empty. */
  constructor(options: ClientSessionOptions) {
    if (!/^[^\u0000-\u0020\u007f]+$/.test(options.hostname)) {
      throw new ClientSessionError(
        'SMTP_CLIENT_HOSTNAME',
        'The hostname for EHLO is empty or holds a space or a control character.',
      )
    }
    this.#hostname = options.hostname
    this.#lmtp = options.protocol === 'lmtp'
    this.#deadlines = { ...CLIENT_DEADLINES, ...options.deadlines }
    this.#onLine = options.onLine
    this.#reader = new ReplyReader(options.replies)
  }

  /** What the peer offers; `undefined` before `ready`, and again from STARTTLS on until the next `ready`. */
  get extensions(): PeerExtensions | undefined {
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

  /** Whether the running or last transaction got a reply other than 421: without one nothing has happened to it. */
  get transactionAnswered(): boolean {
    return this.#transaction?.answered ?? false
  }

  /** Where the conversation stands; `done` while no command is under way. */
  get phase(): ClientPhase {
    return this.#state === 'transaction' ? (this.#transaction?.phase ?? 'done') : PHASES[this.#state]
  }

  /** How long what is awaited now may take, in milliseconds; 0 while nothing is. */
  get deadlineMs(): number {
    if (this.#state === 'starttls') return this.#deadlines.commandMs
    if (this.#state === 'quitting') return this.#deadlines.quitMs
    const kind = DEADLINE_KINDS[this.phase]
    return kind === undefined ? 0 : this.#deadlines[kind]
  }

  /** Takes bytes from the server. Never throws; `bytes` are not kept. Ignored once the session is closed. */
  receive(bytes: Uint8Array): void {
    if (this.#state === 'closed' || bytes.length === 0) return
    if (this.#state === 'handshake') return this.#close('bytes-before-tls')
    this.#reader.receive(bytes)
    for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) {
      this.#progress += 1
      if (this.#onLine !== undefined) this.#traceReply(reply)
      // A reply cannot be meant for a command that has not left yet.
      if (this.#commandQueued) return this.#close('unexpected-reply')
      this.#take(reply)
      if (this.closed) return
    }
    if (this.#reader.fault !== undefined) this.#close(this.#reader.fault)
  }

  /** The next event, or `undefined` until more bytes or a command come. */
  next(): ClientEvent | undefined {
    const event = this.#events[this.#eventsTaken]
    if (event === undefined) {
      if (this.#eventsTaken > 0) {
        this.#events.length = 0
        this.#eventsTaken = 0
      }
      return undefined
    }
    this.#eventsTaken += 1
    return event
  }

  /** How many bytes wait to be taken. */
  get outputBytes(): number {
    return this.#output.bytes
  }

  /**
   * The bytes to write since the last call; `undefined` when there are none. They may share the memory of what
   * `content` was given. What is taken counts as sent: with the terminator taken, a lost connection means `unknown`.
   */
  takeOutput(): Uint8Array | undefined {
    const bytes = this.#output.take()
    this.#commandQueued = false
    if (this.#terminatorQueued) {
      this.#terminatorQueued = false
      this.#transaction?.terminated()
    }
    return bytes
  }

  /**
   * Asks for TLS (RFC 3207). Answered by `start-tls` or `starttls-refused`.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_NOT_READY` unless idle.
   */
  startTls(): void {
    this.#expectIdle()
    this.#state = 'starttls'
    this.#sendLine('STARTTLS')
  }

  /** The handshake after `start-tls` is done: introduces itself again; `ready` follows. */
  tlsStarted(): void {
    if (this.closed) return
    if (this.#state !== 'handshake') throw notReady()
    this.#sendHello()
  }

  /**
   * Authenticates (RFC 4954 §4). Answered by `authenticated` or `authentication-refused`.
   *
   * Whether the channel is fit for the credentials is the caller's to judge.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_NOT_READY` unless idle.
   */
  authenticate(mechanism: ClientMechanism): void {
    this.#expectIdle()
    this.#state = 'auth'
    this.#authentication = new ClientAuthentication(mechanism)
    this.#sendLine(this.#authentication.line, this.#authentication.shown)
  }

  /**
   * Begins a mail transaction. Answered by `content` where the peer wants it, an `outcome` for each recipient, and
   * `transaction-ended`.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_NOT_READY` unless idle.
   */
  transact(request: TransactionRequest): void {
    const extensions = this.#expectIdle()
    this.#state = 'transaction'
    this.#contentBytes = 0
    this.#transactionFacts = request.facts
    this.#transaction = new ClientTransaction(request, extensions, {
      lmtp: this.#lmtp,
      reset: this.#needsReset,
      settle: (recipient, outcome) => this.#events.push({ type: 'outcome', recipient, outcome }),
    })
    if (this.#transaction.ended) return this.#endTransaction(this.#transaction)
    this.#sendCommands(this.#transaction)
  }

  /**
   * Takes content after `content`, with CRLF line ends and without dot-stuffing; the dots are doubled here where the
   * facts say that there are any. `bytes` must stay as they are until `takeOutput` has given them out and they are
   * written. Ignored where the peer does not want it any more.
   */
  content(bytes: Uint8Array): void {
    if (this.#transaction?.phase !== 'content' || this.#state !== 'transaction' || this.#terminatorQueued) return
    this.#contentBytes += bytes.length
    if (this.#stuffer === undefined) this.#output.push(bytes)
    else this.#stuffer.push(bytes, (slice) => this.#output.push(slice))
  }

  /**
   * Ends the content with CRLF.CRLF. Ignored where the peer does not want it any more.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_CONTENT_LENGTH` where more or less came than the facts say; the session
   *   must be dropped then (`lost`).
   */
  endContent(): void {
    const facts = this.#transactionFacts
    if (this.#transaction?.phase !== 'content' || this.#state !== 'transaction' || facts === undefined) return
    if (this.#contentBytes !== facts.sizeBytes) {
      throw new ClientSessionError('SMTP_CLIENT_CONTENT_LENGTH', 'The content is not as long as its facts say.')
    }
    // RFC 5321 §4.1.1.4: the first CRLF is the one that ends the last line.
    this.#terminate(facts.endsWithCrlf ? '.\r\n' : '\r\n.\r\n')
  }

  /** Says QUIT; `closed` follows. In the middle of something, and where nothing was said yet, closes at once. */
  quit(): void {
    if (this.closed) return
    if (this.#state !== 'ready') return this.#close('quit')
    this.#state = 'quitting'
    this.#sendLine('QUIT')
  }

  /** The connection is gone, a deadline passed, or the caller gives up: settles what is open, then `closed`. */
  lost(cause: 'lost' | 'timeout' | 'aborted'): void {
    if (!this.closed) this.#close(this.#state === 'quitting' ? 'quit' : cause)
  }

  #expectIdle(): PeerExtensions {
    if (this.#state !== 'ready' || this.#extensions === undefined) throw notReady()
    return this.#extensions
  }

  #take(reply: Reply): void {
    if (this.#state === 'transaction' && this.#transaction !== undefined)
      return this.#takeTransaction(this.#transaction, reply)
    if (reply.code === 421) return this.#close('closing', reply)
    switch (this.#state) {
      case 'greeting':
        return reply.code < 300 ? this.#sendHello() : this.#close('refused', reply)
      case 'ehlo':
        // RFC 5321 §3.2: HELO where EHLO is not known; LMTP has no other (RFC 2033 §4.1).
        if (reply.code >= 500 && !this.#lmtp) {
          this.#state = 'helo'
          return this.#sendLine(`HELO ${this.#hostname}`)
        }
        return this.#takeHello(reply, true)
      case 'helo':
        return this.#takeHello(reply, false)
      case 'starttls':
        return this.#takeStartTls(reply)
      case 'auth':
      case 'auth-cancelled':
        return this.#takeAuth(reply)
      case 'quitting':
        return this.#close('quit')
      case 'transaction':
      case 'ready':
      case 'handshake':
      case 'closed':
        return this.#close('unexpected-reply')
    }
  }

  #sendHello(): void {
    this.#extensions = undefined
    this.#reader.enhancedStatusCodes = false
    this.#state = 'ehlo'
    this.#sendLine(`${this.#lmtp ? 'LHLO' : 'EHLO'} ${this.#hostname}`)
  }

  #takeHello(reply: Reply, extended: boolean): void {
    if (reply.code >= 300) return this.#close('refused', reply)
    this.#extensions = parseExtensions(reply, extended)
    this.#reader.enhancedStatusCodes = this.#extensions.enhancedStatusCodes
    this.#state = 'ready'
    this.#events.push({ type: 'ready', extensions: this.#extensions })
  }

  #takeStartTls(reply: Reply): void {
    if (reply.code >= 300) {
      this.#state = 'ready'
      this.#events.push({ type: 'starttls-refused', reply })
      return
    }
    this.#extensions = undefined
    // RFC 3207 §4.2: what came in clear is not used under TLS; what came behind the 220 is an attack or a fault.
    if (this.#reader.pending) return this.#close('bytes-before-tls')
    this.#state = 'handshake'
    this.#events.push({ type: 'start-tls' })
  }

  #takeAuth(reply: Reply): void {
    if (reply.code < 300 && this.#state === 'auth') {
      this.#endAuth()
      this.#events.push({ type: 'authenticated' })
      return
    }
    if (reply.code >= 400) {
      const abandoned = this.#state === 'auth-cancelled'
      this.#endAuth()
      this.#events.push({ type: 'authentication-refused', reply, abandoned })
      return
    }
    if (reply.code !== 334 || this.#state === 'auth-cancelled') return this.#close('unexpected-reply')
    const response = this.#authentication?.respond(reply.lines[0] ?? '') ?? '*'
    // RFC 4954 §4: "*" cancels, and 501 follows.
    if (response === '*') this.#state = 'auth-cancelled'
    this.#sendLine(response, response === '*' ? response : '****')
  }

  #endAuth(): void {
    this.#authentication = undefined
    this.#state = 'ready'
  }

  #takeTransaction(transaction: ClientTransaction, reply: Reply): void {
    const step: TransactionStep = transaction.take(reply)
    switch (step) {
      case 'wait':
        return this.#sendCommands(transaction)
      case 'content':
        this.#stuffer = this.#transactionFacts?.dotLines === 0 ? undefined : new DotStuffer()
        this.#events.push({ type: 'content' })
        return
      case 'void':
        return this.#terminate('.\r\n')
      case 'ended':
        return this.#endTransaction(transaction)
      case 'broken':
        if (reply.code === 421) return this.#close('closing', reply)
        return this.#close(transaction.phase === 'content' ? 'content-interrupted' : 'unexpected-reply', reply)
    }
  }

  #endTransaction(transaction: ClientTransaction): void {
    this.#needsReset = transaction.open || (this.#needsReset && transaction.phase === 'hello')
    this.#transactionFacts = undefined
    this.#state = 'ready'
    this.#events.push({ type: 'transaction-ended', phase: transaction.phase })
  }

  #sendCommands(transaction: ClientTransaction): void {
    const lines = transaction.takeLines()
    if (lines.length === 0) return
    if (this.#onLine !== undefined) for (const line of lines) this.#onLine('client', line.slice(0, -2))
    this.#commandQueued = true
    this.#output.push(fromUtf8(lines.join('')))
  }

  #terminate(terminator: string): void {
    if (this.#terminatorQueued) return
    this.#output.push(fromLatin1(terminator))
    this.#terminatorQueued = true
    this.#onLine?.('client', '.')
  }

  #sendLine(line: string, shown = line): void {
    this.#onLine?.('client', shown)
    this.#commandQueued = true
    this.#output.push(fromUtf8(`${line}\r\n`))
  }

  #traceReply({ code, status, lines }: Reply): void {
    const prefix = status === undefined ? '' : `${status} `
    for (const [index, line] of lines.entries()) {
      const text = code === 334 && this.#state === 'auth' ? '****' : line
      this.#onLine?.('server', `${code}${index === lines.length - 1 ? ' ' : '-'}${prefix}${text}`)
    }
  }

  #close(cause: ClientCloseCause, reply?: Reply): void {
    const phase = this.phase
    const transaction = this.#state === 'transaction' ? this.#transaction : undefined
    if (transaction !== undefined) {
      if (!transaction.ended) transaction.fail(isSilent(cause) ? '4.4.2' : '4.5.0')
      this.#events.push({ type: 'transaction-ended', phase })
    }
    this.#state = 'closed'
    this.#closeCause = cause
    this.#output.clear()
    this.#terminatorQueued = false
    this.#authentication = undefined
    this.#events.push(reply === undefined ? { type: 'closed', cause, phase } : { type: 'closed', cause, phase, reply })
  }
}

function notReady(): ClientSessionError {
  return new ClientSessionError('SMTP_CLIENT_NOT_READY', 'The session cannot take this command now.')
}
