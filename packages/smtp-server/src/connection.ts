/**
 * Runs one session over one stream: all reading and writing of a server passes through here.
 *
 * Every event that can be decided at once is, before anything is written, so a pipelined group costs one write. While
 * an answer is on its way, one chunk more may come in; then the stream is paused. While the client does not take what
 * was written, nothing is read. So a connection holds two chunks of the stream (64 KiB each), one line, and 16 KiB of
 * output and one reply at most.
 *
 * One deadline, moved with each command and looked at by the server's watchdog. In content any byte moves it, before a
 * command only the whole command does, so a client that drips a command is cut off.
 */

import type { Duplex } from 'node:stream'
import type { SecureContext, TLSSocket } from 'node:tls'
import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { ServerSession } from '@postroad/smtp'
import type { ServerSessionOptions, SessionHandler, SubmissionHandler, TlsView } from '@postroad/smtp'
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
  readonly session: Omit<ServerSessionOptions, 'tls' | 'startTls'>
  readonly tlsContext: SecureContext | undefined
  /** TLS from the first byte. */
  readonly implicitTls: boolean
  readonly limits: ServerLimits
  readonly clock: Clock
  readonly observer: ServerObserver | undefined
  /** Called once, when all is over. */
  readonly onClosed: (connection: Connection) => void
}

/**
 * `handshake`: TLS is being agreed on. `deciding`: a handler's answer is on its way. `writing`: the client has not
 * taken what was written. `closing`: all was said, the client is waited for. `closed`: the stream is gone.
 */
type Phase = 'handshake' | 'reading' | 'deciding' | 'writing' | 'closing' | 'closed'

/** One client, from its first byte to its last. */
export class Connection implements Watched {
  readonly #parts: ConnectionParts
  readonly #session: ServerSession
  readonly #dialogue: Dialogue
  readonly #openedAt: number
  /** What the client sent before TLS, or the only stream. */
  readonly #plain: Duplex
  #stream: Duplex
  #phase: Phase = 'reading'
  #cause: CloseCause | undefined
  #inputEnded = false
  #stopping = false
  #over = false
  #bytesReceived = 0
  #bytesSent = 0
  deadlineAt: number

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#plain = parts.stream
    this.#stream = parts.stream
    this.#openedAt = parts.clock.monotonic()
    this.deadlineAt = this.#openedAt + parts.limits.commandTimeoutMs
    const { observer, view } = parts
    this.#session = new ServerSession({
      ...parts.session,
      startTls: parts.tlsContext !== undefined && !parts.implicitTls,
    })
    this.#dialogue = new Dialogue({ session: this.#session, handler: parts.handler, view, clock: parts.clock, observer })
  }
}
