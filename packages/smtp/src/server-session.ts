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
 * Nothing may be sent behind DATA, STARTTLS, AUTH, ATRN, or a response to a challenge, before its reply: bytes that are
 * there already are answered 503 5.5.1, whatever the answer would have been, and the session ends. So neither content
 * behind a refused DATA, nor a password behind a refused AUTH, nor plaintext behind STARTTLS (RFC 3207 §4.2) is taken for
 * commands. The octets of a BDAT are read whatever becomes of it, also before a hello and where CHUNKING is not offered;
 * one whose octets cannot be counted ends the session, for nobody knows where commands begin again.
 *
 * Deviation: RFC 4954 §4 lets commands follow an AUTH of one round trip at once. No client is known to do so, and what
 * it sends would be read whether it authenticated or not: it is refused as the others are.
 */

import type { Reply } from '@postroad/envelope'
import type { SessionState } from './command-order.ts'
import { LocalProtocolError } from './errors.ts'
import type { Hello, TlsView } from './handler.ts'
import type { NoticeEvent, ServerEvent } from './server-event.ts'
import type { ServerSessionOptions } from './server-session-options.ts'
import type { GivenAnswer } from './session-answer.ts'
import { SessionAnswers } from './session-answers.ts'
import { SessionCommands } from './session-commands.ts'
import { SessionParts } from './session-parts.ts'

const FLUSH: NoticeEvent = { type: 'flush' }
/** How long a client may take to say QUIT that was refused by the greeting. */
const REFUSED_TIMEOUT_MS = 30_000

/** One session of a server. */
export class ServerSession {
  readonly #parts: SessionParts
  readonly #commands: SessionCommands
  readonly #answers: SessionAnswers

  /**
   * @throws {LocalProtocolError} `SMTP_LIMIT_BELOW_FLOOR`, unless `belowFloors` allows it; `SMTP_HOSTNAME`;
   *   `SMTP_EXTENSION` for an extension whose announcement is no line of the reply to EHLO.
   */
  constructor(options: ServerSessionOptions) {
    this.#parts = new SessionParts(options)
    this.#commands = new SessionCommands(this.#parts)
    this.#answers = new SessionAnswers(this.#parts)
  }

  /** Our name as the session says it: that of the options, U-labels as A-labels. */
  get hostname(): string {
    return this.#parts.options.hostname
  }

  /** Where the session stands. */
  get state(): SessionState {
    const { phase, transaction } = this.#parts
    if (transaction.reading) return 'content'
    return phase === 'ready' ? transaction.state : phase
  }

  /** How the client introduced itself; `undefined` before it did, and again after STARTTLS and XCLIENT. */
  get hello(): Hello | undefined {
    return this.#parts.standing.hello
  }

  /** What protects the session; `undefined`: nothing. */
  get tls(): TlsView | undefined {
    return this.#parts.standing.tls
  }

  /** An AUTH command has succeeded, or a trusted proxy has said who the client is (LOGIN of XCLIENT). */
  get authenticated(): boolean {
    return this.#parts.standing.authenticated
  }

  /**
   * What XFORWARD said of the client of this transaction, or of the next; attributes in upper case, without those that the
   * proxy did not know. `undefined`: nothing was said. It goes with the transaction.
   */
  get forwarded(): ReadonlyMap<string, string> | undefined {
    return this.#parts.transaction.forwarded
  }

  /** Recipients accepted in the transaction. */
  get recipients(): number {
    return this.#parts.transaction.recipients
  }

  /** Whether an event waits for its answer. */
  get waiting(): boolean {
    return this.#parts.waiting !== undefined
  }

  /** How long to wait for the client's next bytes, in milliseconds (RFC 5321 §4.5.3.2); 30 seconds for a refused one. */
  get deadlineMs(): number {
    const { transaction, limits, phase } = this.#parts
    if (phase === 'refused') return Math.min(REFUSED_TIMEOUT_MS, limits.commandTimeoutMs)
    return transaction.reading ? limits.contentTimeoutMs : limits.commandTimeoutMs
  }

  /**
   * How long to hold back what `takeOutput` would give, in milliseconds; 0: not at all.
   *
   * More where a client goes on making mistakes (`errorDelayMs`); an event `flush` tells that it is. Whoever drives the
   * session waits, calls neither `next` nor `receive` meanwhile, and then takes the output and writes it, which sets this
   * back. The session itself has no timer.
   */
  get delayMs(): number {
    return this.#parts.output.delayMs
  }

  /**
   * Bytes that were received and have not been read; 0: nothing of what `receive` was given is needed any more. An
   * incomplete line is a copy and does not count.
   */
  get unreadBytes(): number {
    return this.#parts.input.buffer.length
  }

  /** What it keeps at this moment: bytes not read, of a line that is not complete, and characters of output not taken. */
  get heldBytes(): number {
    return this.#parts.input.heldBytes + this.#parts.output.length
  }

  /**
   * Takes bytes from the client. Never throws: nothing a peer sends is our bug.
   *
   * They are kept, not copied, until they were read; give more once `next` is out of events. After `closed` and `turned`
   * they are dropped. While the handshake after STARTTLS runs, bytes are a violation, and the session is over.
   */
  receive(bytes: Uint8Array): void {
    const { phase, input } = this.#parts
    if (phase === 'tls') this.#parts.end()
    else if (phase !== 'closed' && phase !== 'turned' && bytes.length > 0) input.push(bytes)
  }

  /** The next event, or `undefined` until more bytes or an answer arrive. */
  next(): ServerEvent | undefined {
    const parts = this.#parts
    if (parts.waiting !== undefined) return undefined
    if (parts.notice !== undefined) {
      const { notice } = parts
      parts.notice = undefined
      return notice
    }
    for (;;) {
      if (parts.output.wantsFlush()) return FLUSH
      const event = parts.transaction.reading ? parts.content.read() : this.#commands.read()
      if (event === 'wait') return undefined
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
    const { waiting } = this.#parts
    if (waiting === undefined) throw new LocalProtocolError('SMTP_NO_EVENT_WAITING', 'no event waits for an answer')
    this.#answers.answer(waiting, given)
  }

  /**
   * Answers an `auth` or `auth-response` with a challenge (RFC 4954 §4); the response comes as `auth-response`.
   *
   * @throws {LocalProtocolError} `SMTP_WRONG_STATE` where no such event waits.
   */
  challenge(bytes: Uint8Array): void {
    const parts = this.#parts
    if (parts.waiting?.type !== 'auth' && parts.waiting?.type !== 'auth-response') {
      throw new LocalProtocolError('SMTP_WRONG_STATE', 'no authentication waits for a challenge')
    }
    parts.waiting = undefined
    if (parts.refuseWhatIsBehind()) return
    parts.phase = 'auth'
    parts.output.challenge(bytes)
  }

  /**
   * Refuses the content that is coming in, because it cannot be kept: what follows is read to its end and not given, then
   * `refusal` is said, in LMTP for each recipient. By BDAT it is the answer to the chunk that is coming in, or to the next,
   * and what follows that is answered 503. Nothing happens where no content is coming in.
   */
  refuseContent(refusal: Reply): void {
    this.#parts.transaction.refuseContent(refusal)
  }

  /**
   * The handshake is done, which STARTTLS asked for: forgets all that the client said before (RFC 3207 §4.2). Or, before
   * the first event, the one that comes before everything (RFC 8314 §3).
   *
   * @throws {LocalProtocolError} `SMTP_WRONG_STATE` in any other state.
   */
  secured(tls: TlsView): void {
    const parts = this.#parts
    const atStart = parts.phase === 'greeting' && parts.waiting === undefined
    if (parts.phase !== 'tls' && !atStart) {
      throw new LocalProtocolError('SMTP_WRONG_STATE', 'no handshake was agreed on')
    }
    parts.transaction.clear()
    parts.standing.handshaken(tls)
    if (!atStart) parts.phase = 'connected'
  }

  /**
   * Ends the session from our side: an event that waits waits no longer, input is dropped.
   *
   * @param last What to say before, usually a 421; absent: nothing. Left out during a handshake, after the end, and where
   *   ATRN gave the stream away.
   */
  close(last?: Reply): void {
    const { phase, output } = this.#parts
    if (phase === 'turned') return
    if (last !== undefined && phase !== 'closed' && phase !== 'tls') output.say(last)
    this.#parts.end()
  }

  /** Bytes to write since the last call; `undefined` when there are none. They are shared, and must not be changed. */
  takeOutput(): Uint8Array | undefined {
    return this.#parts.output.take()
  }
}
