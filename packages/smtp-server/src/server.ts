/** A server: takes connections, lets sessions in, runs each to its end, stops in order. */

import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { fromUtf8 } from '@postroad/bytes'
import { formatReply, reply } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { createServerMechanism } from '@postroad/sasl'
import type { Protocol, ServerSessionOptions, SessionHandler, SessionView, SubmissionHandler } from '@postroad/smtp'
import { Admission } from './admission.ts'
import { Connection } from './connection.ts'
import { SmtpServerError } from './errors.ts'
import { canonicalAddress, LiveSession } from './live-session.ts'
import type { Peer } from './live-session.ts'
import type { ServerObserver } from './observer.ts'
import { createTlsContext } from './secure-stream.ts'
import type { TlsOptions } from './secure-stream.ts'
import { DEFAULT_SERVER_LIMITS } from './server-limits.ts'
import type { ServerLimits } from './server-limits.ts'
import { removeStaleSocket } from './unix-socket.ts'
import { Watchdog } from './watchdog.ts'

/** How a server behaves. */
export interface SmtpServerOptions {
  /** Our name, a domain: in the greeting and the reply to EHLO. */
  readonly hostname: string
  readonly protocol: Protocol
  /** Makes the handler of one session, before its greeting. Where it throws, the client is greeted with 421. */
  readonly handler: (session: SessionView) => SessionHandler | SubmissionHandler
  /** Absent: no TLS, and STARTTLS is not offered. */
  readonly tls?: TlsOptions
  /** Mechanisms of AUTH, `['PLAIN', 'LOGIN']`; none. Only offered where the handler has `authenticate`. */
  readonly mechanisms?: readonly string[]
  /** AUTH without TLS, too; false (RFC 4954 §4). */
  readonly allowPlaintextAuth?: boolean
  /** Those not given are as in `DEFAULT_SERVER_LIMITS`. */
  readonly limits?: Partial<ServerLimits>
  /** Bare CR or LF in content: refused with 550, or made CRLF; `refuse`. */
  readonly bareNewlines?: 'refuse' | 'repair'
  readonly clock: Clock
  readonly observer?: ServerObserver
  /** The observer is told each line of the dialogue, too; false. Credentials and content never. */
  readonly dialogue?: boolean
}

/** Where to listen: an address and a port (0: any free one), or the path of a unix socket. */
export type ListenAddress = { readonly host?: string; readonly port: number } | { readonly path: string }

/** A running server. Disposing it stops it at once. */
export interface SmtpServer extends AsyncDisposable {
  /**
   * Listens, beside where it listens already, and resolves with where. `host` absent: on all addresses, IPv6 and IPv4.
   * Rejects with what the system says (`EADDRINUSE` ...), or with `SMTP_SERVER_STOPPED`.
   */
  listen(address: ListenAddress): Promise<{ readonly host: string; readonly port: number } | { readonly path: string }>
  /** Runs one session over any duplex stream of bytes; resolves when it is over. Never rejects for what a peer does. */
  attach(stream: Duplex, peer?: Peer): Promise<void>
  /**
   * Stops: no new sessions (421 4.3.2), idle ones end with 421 4.3.2, open transactions may finish until the deadline;
   * what is left then is destroyed. Resolves when no session is left. May be called again, with a shorter deadline.
   */
  stop(options: { readonly deadlineMs: number }): Promise<void>
  /** Sessions at this moment. */
  readonly sessions: number
}

/**
 * Creates a server; it listens nowhere yet.
 *
 * @throws {SmtpServerError} `SMTP_SERVER_MECHANISM`; and what the TLS layer says to a key and certificate that do not fit.
 */
export function createSmtpServer(options: SmtpServerOptions): SmtpServer {
  const limits: ServerLimits = { ...DEFAULT_SERVER_LIMITS, ...options.limits }
  const mechanisms = (options.mechanisms ?? []).map((name) => name.toUpperCase())
  for (const name of mechanisms) {
    if (createServerMechanism(name) === undefined) {
      throw new SmtpServerError('SMTP_SERVER_MECHANISM', `no such mechanism: ${name}`)
    }
  }
  const tlsContext = options.tls === undefined ? undefined : createTlsContext(options.tls)
  const implicitTls = options.tls?.implicit === true
  const admission = new Admission(limits)
  const watchdog = new Watchdog(
    options.clock,
    Math.min(
      limits.commandTimeoutMs,
      limits.contentTimeoutMs,
      limits.answerTimeoutMs,
      limits.handshakeTimeoutMs,
      limits.sessionLifetimeMs,
      limits.lingerMs,
    ),
  )
  const connections = new Set<Connection>()
  const listeners = new Set<Server>()
  let stopping = false
  let onEmpty: (() => void)[] = []

  const sessionOptions: ServerSessionOptions = {
    hostname: options.hostname,
    protocol: options.protocol,
    limits,
    startTls: tlsContext !== undefined && !implicitTls,
    ...(options.bareNewlines !== undefined && { bareNewlines: options.bareNewlines }),
    ...(options.allowPlaintextAuth !== undefined && { allowPlaintextAuth: options.allowPlaintextAuth }),
  }

  const optionsFor = (view: LiveSession, handler: SessionHandler): ServerSessionOptions => {
    const { observer } = options
    const tells = observer !== undefined && options.dialogue === true
    return {
      ...sessionOptions,
      ...('authenticate' in handler && { mechanisms }),
      ...(tells && {
        onLine: (from: 'client' | 'server', line: string) => observer({ type: 'dialogue', session: view, from, line }),
      }),
    }
  }

  /** Sends a client away before anything was made for it. Over implicit TLS nothing can be said. */
  const turnAway = (stream: Duplex, remoteAddress: string, status: '4.3.0' | '4.3.2' | '4.7.0', text: string): void => {
    const refusal = reply(421, status, `${options.hostname} ${text}`)
    options.observer?.({ type: 'session.refused', remoteAddress, reply: refusal })
    stream.on('error', () => stream.destroy())
    if (implicitTls) stream.destroy()
    else stream.end(fromUtf8(`${formatReply({ ...refusal, status: undefined })}\r\n`), () => stream.destroy())
  }

  const begin = (stream: Duplex, peer: Peer, onEnd: () => void): void => {
    const address = canonicalAddress(peer.remoteAddress ?? '')
    const refuse = (status: '4.3.0' | '4.3.2' | '4.7.0', text: string): void => {
      if (stream.destroyed) onEnd()
      else stream.once('close', onEnd)
      turnAway(stream, address, status, text)
    }
    if (stopping) return refuse('4.3.2', 'Service shutting down')
    if (!admission.enter(address)) return refuse('4.7.0', 'Too many sessions')
    const view = new LiveSession(options.protocol, options.hostname, peer)
    let handler: SessionHandler | SubmissionHandler
    try {
      handler = options.handler(view)
    } catch (error) {
      admission.leave(address)
      options.observer?.({ type: 'fault', session: view, error })
      return refuse('4.3.0', 'Local error in processing')
    }
    const connection = new Connection({
      stream,
      view,
      handler,
      session: optionsFor(view, handler),
      tlsContext,
      implicitTls,
      limits,
      clock: options.clock,
      observer: options.observer,
      onClosed: (closed) => {
        connections.delete(closed)
        watchdog.unwatch(closed)
        admission.leave(address)
        onEnd()
        if (connections.size === 0) {
          for (const resolve of onEmpty) resolve()
          onEmpty = []
        }
      },
    })
    connections.add(connection)
    watchdog.watch(connection)
    connection.start()
  }

  const accept = (socket: Socket): void => begin(socket, peerOf(socket), noop)

  const listen = async (address: ListenAddress): Promise<Server> => {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, accept)
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen('path' in address ? { path: address.path } : { port: address.port, host: address.host }, resolve)
    })
    // What goes wrong with single connections (no file descriptors left ...) must not end the server.
    listener.on('error', (error) => options.observer?.({ type: 'fault', session: undefined, error }))
    return listener
  }

  const empty = (): Promise<void> =>
    new Promise((resolve) => {
      if (connections.size === 0) resolve()
      else onEmpty.push(resolve)
    })

  const stop = async (deadlineMs: number): Promise<void> => {
    stopping = true
    for (const listener of listeners) listener.close()
    listeners.clear()
    for (const connection of connections) connection.stop()
    if (connections.size === 0) return
    const waiting = new AbortController()
    const over = empty().then(() => waiting.abort())
    if (deadlineMs > 0) await options.clock.sleep(deadlineMs, waiting.signal)
    for (const connection of connections) connection.abandon()
    await over
  }

  return {
    async listen(address) {
      if (stopping) throw new SmtpServerError('SMTP_SERVER_STOPPED', 'the server is stopping')
      let listener: Server
      try {
        listener = await listen(address)
      } catch (error) {
        const inUse = 'path' in address && isInUse(error) && (await removeStaleSocket(address.path))
        if (!inUse) throw error
        listener = await listen(address)
      }
      if (stopping) {
        listener.close()
        throw new SmtpServerError('SMTP_SERVER_STOPPED', 'the server is stopping')
      }
      listeners.add(listener)
      const bound: AddressInfo | string | null = listener.address()
      if (bound === null || typeof bound === 'string') return { path: bound ?? '' }
      return { host: bound.address, port: bound.port }
    },
    attach: (stream, peer = {}) => new Promise((resolve) => begin(stream, peer, resolve)),
    stop: ({ deadlineMs }) => stop(deadlineMs),
    get sessions() {
      return connections.size
    },
    [Symbol.asyncDispose]: () => stop(0),
  }
}

function peerOf(socket: Socket): Peer {
  return {
    remoteAddress: socket.remoteAddress ?? '',
    remotePort: socket.remotePort ?? 0,
    localPort: socket.localPort ?? 0,
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

function noop(): void {
  // Nobody waits for a session of a listener.
}
