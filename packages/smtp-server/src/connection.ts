/**
 * Runs one session over one stream: all reading and writing of a server passes through here.
 *
 * Every event that can be decided at once is, before anything is written, so a pipelined group costs one write. While
 * an answer is on its way, one chunk more may come in; then the stream is paused. While the client does not take what
 * was written, nothing is read. So a connection holds two chunks of the stream (64 KiB each), one line, and 16 KiB of
 * output and one reply at most.
 *
 * One deadline, moved with each command and looked at by the server's watchdog. In content bytes move it as far as their
 * pace allows, before a command only the whole command does: a client that drips is cut off.
 */

import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { ServerSession } from '@postroad/smtp'
import type { ServerEvent, ServerSessionOptions, SessionHandler, SubmissionHandler, TlsView } from '@postroad/smtp'
import { ContentPace } from './content-pace.ts'
import { Dialogue } from './dialogue.ts'
import type { LiveSession } from './live-session.ts'
import type { CloseCause, ServerObserver } from './observer.ts'
import { secureStream } from './secure-stream.ts'
import type { ServerLimits } from './server-limits.ts'
import type { Watched } from './watchdog.ts'

/** What a connection is made of. */
export interface ConnectionParts {
  readonly stream: Duplex
  readonly view: LiveSession
  readonly handler: SessionHandler | SubmissionHandler
  readonly session: ServerSessionOptions
  readonly tlsContext: SecureContext | undefined
  /** TLS from the first byte. */
  readonly implicitTls: boolean
  readonly limits: ServerLimits
  readonly clock: Clock
  readonly observer: ServerObserver | undefined
  /** Called once, when all is over. */
  readonly onClosed: (connection: Connection) => void
}

/** What must see all that has come before it is answered (RFC 2920 §3.1, RFC 3207 §4.2, RFC 4954 §4). */
const ENDS_GROUP: ReadonlySet<ServerEvent['type']> = new Set<ServerEvent['type']>([
  'data',
  'starttls',
  'auth',
  'auth-response',
])

/** One client, from its first byte to its last. */
export class Connection implements Watched {
  readonly #parts: ConnectionParts
  readonly #session: ServerSession
  readonly #dialogue: Dialogue
  readonly #openedAt: number
  /** What it reads from and writes to: the stream it was given, or TLS over it. */
  #stream: Duplex
  /** The decision that is on its way. */
  #decision: Promise<void> | undefined
  #handshaking = false
  /** All was said; the client is waited for, what it still sends is dropped. */
  #closing = false
  /** The stream is gone. */
  #gone = false
  #finished = false
  #inputEnded = false
  #stopping = false
  #cause: CloseCause | undefined
  #lastEvent: ServerEvent['type'] | undefined
  /** While content comes in. */
  #pace: ContentPace | undefined
  #bytesReceived = 0
  #bytesSent = 0
  deadlineAt: number

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#stream = parts.stream
    this.#openedAt = parts.clock.monotonic()
    this.deadlineAt = this.#openedAt + parts.limits.commandTimeoutMs
    const { view, handler, clock, observer } = parts
    this.#session = new ServerSession(parts.session)
    this.#dialogue = new Dialogue({ session: this.#session, handler, view, clock, observer })
  }

  /** Begins. The stream must not have been read from. */
  start(): void {
    const { stream, observer, view } = this.#parts
    stream.on('close', this.#onClose)
    // An error is always followed by `close`; without a listener it would end the process.
    stream.on('error', ignore)
    observer?.({ type: 'session.opened', session: view })
    if (stream.destroyed) this.#onClose()
    else if (this.#parts.implicitTls) this.#handshake()
    else {
      this.#read()
      this.#pump()
    }
  }

  /** Ends the session as soon as no transaction is open: 421 4.3.2. */
  stop(): void {
    this.#stopping = true
    if (this.#canPump()) this.#pump()
  }

  /** Ends it at once, whatever it does. */
  destroy(cause: CloseCause): void {
    this.#cause ??= cause
    this.#stream.destroy()
    this.#parts.stream.destroy()
  }

  /** Ends it at once and waits for no handler; what one still answers is too late. */
  abandon(): void {
    this.destroy('stopped')
    this.#gone = true
    this.#decision = undefined
    this.#finish()
  }

  /** The deadline is over. */
  expire(): void {
    if (this.#decision !== undefined) {
      this.#decision = undefined
      this.#dialogue.giveUp()
      this.#session.close(this.#farewell('4.3.0', 'Local error in processing'))
      this.#cause ??= 'fault'
      if (this.#gone) this.#finish()
      else this.#close()
    } else if (this.#handshaking) this.destroy('handshake')
    else if (this.#closing || this.#stream.writableNeedDrain) this.destroy('timeout')
    else {
      this.#session.close(this.#farewell('4.4.2', 'Timeout'))
      this.#cause ??= 'timeout'
      this.#close()
    }
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#bytesReceived += chunk.length
    if (this.#closing) return
    this.#pace?.came(this.#parts.clock.monotonic(), chunk.length)
    this.#session.receive(chunk)
    if (this.#canPump()) this.#pump()
    else this.#stream.pause()
  }

  readonly #onDrain = (): void => {
    if (this.#canPump()) this.#pump()
  }

  readonly #onEnd = (): void => {
    this.#inputEnded = true
    if (this.#canPump()) this.#pump()
  }

  readonly #onClose = (): void => {
    if (this.#gone) return
    this.#gone = true
    this.#stream.destroy()
    this.#parts.stream.destroy()
    // What the handler is doing is waited for, so that `end` is the last it hears.
    if (this.#decision === undefined) this.#finish()
  }

  /** Nothing is waited for but the client. */
  #canPump(): boolean {
    return (
      this.#decision === undefined &&
      !this.#closing &&
      !this.#handshaking &&
      !this.#gone &&
      !this.#stream.writableNeedDrain
    )
  }

  /** Has everything decided that has come in, then writes, then reads on. */
  #pump(): void {
    for (;;) {
      if (this.#stopping && !this.#dialogue.inTransaction && this.#session.state !== 'tls') {
        this.#cause ??= 'stopped'
        this.#session.close(this.#farewell('4.3.2', 'Service shutting down'))
      }
      const event = this.#session.next()
      if (event === undefined) break
      this.#lastEvent = event.type
      if (event.type === 'data') this.#pace = undefined
      if (ENDS_GROUP.has(event.type) && this.#stream.readableLength > 0) this.#takeWhatHasCome()
      const decision = this.#dialogue.decide(event)
      if (decision !== undefined) {
        void this.#await(decision)
        return
      }
      if (event.type === 'flush' && !this.#flush()) return
    }
    const taken = this.#flush()
    this.#followContent()
    if (this.#session.state === 'tls') this.#handshake()
    else if (this.#session.state === 'closed') this.#close()
    else if (!taken) return
    else if (this.#inputEnded) {
      this.#session.close()
      this.#close()
    } else if (this.#stream.isPaused()) this.#stream.resume()
  }

  async #await(decision: Promise<void>): Promise<void> {
    this.#decision = decision
    this.#flush()
    this.deadlineAt = this.#parts.clock.monotonic() + this.#parts.limits.answerTimeoutMs
    await decision
    // Given up meanwhile: then everything has gone on already.
    if (this.#decision !== decision) return
    this.#decision = undefined
    this.#moveDeadline(this.#session.deadlineMs)
    if (this.#gone) this.#finish()
    else if (this.#canPump()) this.#pump()
  }

  /** Writes what the session has said; false where the client has not taken it yet: then `drain` goes on. */
  #flush(): boolean {
    const output = this.#session.takeOutput()
    if (output === undefined) return !this.#stream.writableNeedDrain
    this.#bytesSent += output.length
    this.#moveDeadline(this.#session.deadlineMs)
    return this.#stream.writable ? this.#stream.write(output) : true
  }

  /** In content it is waited for as long as its pace allows; the pace is forgotten behind its end. */
  #followContent(): void {
    if (this.#session.state !== 'content') {
      this.#pace = undefined
      return
    }
    const { clock, limits } = this.#parts
    this.#pace ??= new ContentPace(limits.contentTimeoutMs, limits.minContentBytesPerSecond)
    this.#moveDeadline(this.#pace.wait(clock.monotonic()))
  }

  #moveDeadline(timeoutMs: number): void {
    const { clock, limits } = this.#parts
    this.deadlineAt = Math.min(clock.monotonic() + timeoutMs, this.#openedAt + limits.sessionLifetimeMs)
  }

  /** Says what is left to say, ends our side, and gives the client a moment to end its own. */
  #close(): void {
    this.#flush()
    this.#closing = true
    this.#cause ??= this.#causeOfEnd()
    this.#dialogue.end()
    this.deadlineAt = this.#parts.clock.monotonic() + this.#parts.limits.lingerMs
    this.#stream.end()
    this.#stream.resume()
  }

  /** Why the session ended by itself. */
  #causeOfEnd(): CloseCause {
    if (this.#lastEvent === 'quit') return 'quit'
    if (this.#inputEnded) return 'peer'
    return this.#lastEvent === 'connect' ? 'refused' : 'limit'
  }

  #finish(): void {
    if (this.#finished) return
    this.#finished = true
    this.#dialogue.end()
    const { observer, view, clock, onClosed } = this.#parts
    observer?.({
      type: 'session.closed',
      session: view,
      cause: this.#cause ?? 'peer',
      durationMs: clock.monotonic() - this.#openedAt,
      accepted: this.#dialogue.accepted,
      refused: this.#dialogue.refused,
      bytesReceived: this.#bytesReceived,
      bytesSent: this.#bytesSent,
    })
    onClosed(this)
  }

  #read(): void {
    this.#stream.on('data', this.#onData)
    this.#stream.on('end', this.#onEnd)
    this.#stream.on('drain', this.#onDrain)
  }

  /** Leaves the stream to another reader. */
  #stopReading(): void {
    this.#stream.off('data', this.#onData)
    this.#stream.off('end', this.#onEnd)
    this.#stream.off('drain', this.#onDrain)
    this.#stream.pause()
  }

  /** Takes what lies in the stream's buffer: the session must see what came before its reply. Pauses the stream. */
  #takeWhatHasCome(): void {
    const stream = this.#stream
    stream.off('data', this.#onData)
    stream.pause()
    while (stream.readableLength > 0) {
      const chunk: unknown = stream.read()
      if (!(chunk instanceof Uint8Array)) break
      this.#bytesReceived += chunk.length
      this.#session.receive(chunk)
    }
    stream.on('data', this.#onData)
  }

  #handshake(): void {
    const { tlsContext, stream, clock, limits, view, observer } = this.#parts
    if (tlsContext === undefined) return this.destroy('fault')
    this.#stopReading()
    this.#handshaking = true
    this.deadlineAt = clock.monotonic() + limits.handshakeTimeoutMs
    this.#stream = secureStream(stream, tlsContext, (tls: TlsView | undefined) => {
      this.#handshaking = false
      if (tls === undefined || this.#gone) return this.destroy('handshake')
      this.#session.secured(tls)
      // Who the client was before counts no longer (RFC 3207 §4.2).
      view.tls = tls
      view.hello = undefined
      view.account = undefined
      observer?.({ type: 'session.secured', session: view })
      this.#moveDeadline(limits.commandTimeoutMs)
      this.#stream.on('close', this.#onClose)
      this.#read()
      this.#pump()
    })
  }

  #farewell(status: '4.3.0' | '4.3.2' | '4.4.2', text: string): Reply {
    return reply(421, status, `${this.#parts.view.hostname} ${text}`)
  }
}

function ignore(): void {
  // `close` tells.
}
