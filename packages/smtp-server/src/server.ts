/** A server: takes connections, lets sessions in, runs each to its end, stops in order. */

import type { AddressInfo, Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { fromUtf8 } from '@postroad/bytes'
import { formatReply, reply } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import { findMechanism } from '@postroad/sasl'
import { EXTENSIONS, ServerSession } from '@postroad/smtp'
import { Admission } from './admission.ts'
import { Connection } from './connection.ts'
import type { ConnectionGround } from './connection-ground.ts'
import { SmtpServerError } from './errors.ts'
import { listenAt } from './listener.ts'
import { canonicalAddress, LiveSession } from './live-session.ts'
import type { Peer } from './live-session.ts'
import { Networks } from './networks.ts'
import { ProxyGate } from './proxy-gate.ts'
import type { ServerTls } from './secure-stream.ts'
import type { ServerHandler } from './server-handler.ts'
import { DEFAULT_SERVER_LIMITS } from './server-limits.ts'
import type { ServerLimits } from './server-limits.ts'
import type {
  ListenAddress,
  ListensAtPath,
  ListensAtPort,
  SettledServerOptions,
  SmtpServerOptions,
} from './server-options.ts'
import { SessionSettings } from './session-settings.ts'
import { TlsContexts } from './tls-contexts.ts'
import type { TlsCertificates } from './tls-contexts.ts'
import { Watchdog } from './watchdog.ts'

/** A running server. Disposing it stops it at once. */
export interface SmtpServer extends AsyncDisposable {
  /**
   * Listens, beside where it listens already, and resolves with where. `host` absent: on all addresses, IPv6 and IPv4.
   * Rejects with what the system says (`EADDRINUSE` ...), or with `SMTP_SERVER_STOPPED`.
   */
  listen(address: { readonly host?: string; readonly port: number }): Promise<ListensAtPort>
  /** As above, also at the path of a unix socket. */
  listen(address: ListenAddress): Promise<ListensAtPort | ListensAtPath>
  /**
   * Runs one session over any duplex stream of bytes; resolves when it is over. Never rejects for what a peer does. A
   * `TLSSocket` whose handshake is done is taken as what it is: the session is secured from its start.
   */
  attach(stream: Duplex, peer?: Peer): Promise<void>
  /**
   * Takes other certificates: handshakes that begin from now on use them, sessions that run keep what they agreed on.
   * Where it throws nothing has changed.
   *
   * @param ticketKeys As in `TlsSettings`; absent: those that there are stay, so that sessions can be resumed.
   * @throws {SmtpServerError} `SMTP_SERVER_CERTIFICATE`; `SMTP_SERVER_NO_TLS` where the server was made without TLS.
   */
  replaceCertificates(certificates: TlsCertificates, ticketKeys?: Uint8Array): void
  /**
   * Stops: no new sessions (421 4.3.2), idle ones end with 421 4.3.2, handshakes have `lingerMs` left, open transactions
   * may finish until the deadline; what is left then is destroyed. Resolves when no session is left. May be called again,
   * with a shorter deadline.
   */
  stop(options: { readonly deadlineMs: number }): Promise<void>
  /** Sessions at this moment. */
  readonly sessions: number
}

/**
 * Creates a server; it listens nowhere yet.
 *
 * @throws {SmtpServerError} `SMTP_SERVER_MECHANISM`, `SMTP_SERVER_NETWORK`, `SMTP_SERVER_CERTIFICATE`
 * @throws {LocalProtocolError} `SMTP_LIMIT_BELOW_FLOOR`, `SMTP_HOSTNAME`, `SMTP_EXTENSION`
 */
export function createSmtpServer(options: SmtpServerOptions): SmtpServer {
  return new RunningServer({ protocol: 'smtp', clock: systemClock, ...options })
}

class RunningServer implements SmtpServer {
  readonly #options: SettledServerOptions
  readonly #limits: ServerLimits
  readonly #ground: ConnectionGround<Connection>
  readonly #settings: SessionSettings
  readonly #admission: Admission
  readonly #watchdog: Watchdog
  readonly #tls: ServerTls | undefined
  readonly #trusted: Networks
  readonly #proxies: Networks
  readonly #connections = new Set<Connection>()
  /** Connections of proxies that have not said yet whom they are for. */
  readonly #gates = new Set<ProxyGate>()
  readonly #listeners = new Set<Server>()
  #stopping = false
  #onEmpty: (() => void)[] = []

  constructor(given: SettledServerOptions) {
    const { clock, observer, tls } = given
    const limits: ServerLimits = { ...DEFAULT_SERVER_LIMITS, ...given.limits }
    for (const name of given.mechanisms ?? []) {
      if (findMechanism(name) === undefined) {
        throw new SmtpServerError('SMTP_SERVER_MECHANISM', `no such mechanism: ${name}`)
      }
    }
    // Limits, names and extensions that cannot be are told here, not at the first client.
    const { hostname, protocol, belowFloors = 'refuse', extensions = EXTENSIONS } = given
    const session = new ServerSession({ hostname, protocol, limits: given.limits ?? {}, belowFloors, extensions })
    // In ASCII wherever it is said: by sessions, in a Received field, and to who is turned away before a session.
    const options: SettledServerOptions = { ...given, hostname: session.hostname }
    this.#options = options
    this.#limits = limits
    this.#trusted = new Networks(options.trusted ?? [])
    this.#proxies = new Networks(options.proxyProtocol?.from ?? [])
    this.#tls = tls && {
      contexts: new TlsContexts(tls),
      implicit: tls.implicit === true,
      requestCert: tls.clientCertificates === 'request',
    }
    this.#settings = new SessionSettings(options, this.#tls?.implicit === false)
    this.#admission = new Admission(limits)
    this.#watchdog = new Watchdog(clock, shortestTimeoutMs(limits), (error) =>
      observer?.({ type: 'fault', session: undefined, error }),
    )
    this.#ground = {
      tls: this.#tls,
      limits,
      freeContent: options.freeContent === true,
      clock,
      observer,
      readmit: (connection, address) => this.#readmit(connection, address),
      onClosed: (connection) => this.#onClosed(connection),
    }
  }

  get sessions(): number {
    return this.#connections.size
  }

  listen(address: { readonly host?: string; readonly port: number }): Promise<ListensAtPort>
  listen(address: ListenAddress): Promise<ListensAtPort | ListensAtPath>
  async listen(address: ListenAddress): Promise<ListensAtPort | ListensAtPath> {
    this.#refuseWhenStopping()
    const listener = await listenAt(address, (socket) => this.#accept(socket, socket, noop))
    if (this.#stopping) listener.close()
    this.#refuseWhenStopping()
    // What goes wrong with single connections (no file descriptors left ...) must not end the server.
    listener.on('error', (error) => this.#options.observer?.({ type: 'fault', session: undefined, error }))
    this.#listeners.add(listener)
    const bound: AddressInfo | string | null = listener.address()
    if (bound === null || typeof bound === 'string') return { path: bound ?? '' }
    return { host: bound.address, port: bound.port }
  }

  attach(stream: Duplex, peer: Peer = {}): Promise<void> {
    return new Promise((resolve) => this.#accept(stream, peer, resolve))
  }

  replaceCertificates(certificates: TlsCertificates, ticketKeys?: Uint8Array): void {
    if (this.#tls === undefined) throw new SmtpServerError('SMTP_SERVER_NO_TLS', 'the server was made without TLS')
    this.#tls.contexts.replace(certificates, ticketKeys)
  }

  async stop({ deadlineMs }: { readonly deadlineMs: number }): Promise<void> {
    this.#stopping = true
    for (const listener of this.#listeners) listener.close()
    this.#listeners.clear()
    for (const gate of this.#gates) gate.expire()
    for (const connection of this.#connections) connection.stop()
    if (this.#connections.size === 0) return
    const waiting = new AbortController()
    const over = this.#empty().then(() => waiting.abort())
    if (deadlineMs > 0) await this.#options.clock.sleep(deadlineMs, waiting.signal)
    for (const connection of this.#connections) connection.abandon()
    await over
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop({ deadlineMs: 0 })
  }

  /** A connection has come. `onEnd` is called when all is over, whatever becomes of it. */
  #accept(stream: Duplex, peer: Peer, onEnd: () => void): void {
    const address = canonicalAddress(peer.remoteAddress ?? '')
    if (this.#options.proxyProtocol === undefined || !this.#proxies.has(address)) {
      return this.#begin(stream, peer, false, onEnd)
    }
    if (this.#stopping) return this.#turnAway(stream, address, onEnd, '4.3.2', 'Service shutting down')
    if (this.#admission.isFull(this.#gates.size)) {
      return this.#turnAway(stream, address, onEnd, '4.7.0', 'Too many sessions')
    }
    const gate = new ProxyGate({
      stream,
      deadlineAt: this.#options.clock.monotonic() + this.#limits.proxyHeaderTimeoutMs,
      onVerdict: (passed, verdict) => {
        this.#gates.delete(passed)
        this.#watchdog.unwatch(passed)
        if (verdict.kind === 'passed') this.#begin(stream, verdict.peer ?? peer, verdict.peer !== undefined, onEnd)
        else {
          const refusal = reply(421, '4.7.0', `${this.#options.hostname} No header of the PROXY protocol`)
          this.#options.observer?.({ type: 'session.refused', remoteAddress: address, reply: refusal })
          onEnd()
        }
      },
    })
    this.#gates.add(gate)
    this.#watchdog.watch(gate)
    gate.start()
  }

  #begin(stream: Duplex, peer: Peer, proxied: boolean, onEnd: () => void): void {
    const { hostname, protocol, observer } = this.#options
    const view = new LiveSession(protocol, hostname, peer, proxied)
    const address = view.remoteAddress
    if (this.#stopping) return this.#turnAway(stream, address, onEnd, '4.3.2', 'Service shutting down')
    if (!this.#admission.enter(address)) return this.#turnAway(stream, address, onEnd, '4.7.0', 'Too many sessions')
    let handler: ServerHandler
    try {
      handler = this.#options.handler(view)
    } catch (error) {
      this.#admission.leave(address)
      observer?.({ type: 'fault', session: view, error })
      return this.#turnAway(stream, address, onEnd, '4.3.0', 'Local error in processing')
    }
    const { session, authRules } = this.#settings.for(handler, this.#trusted.has(address), view)
    const connection = new Connection(this.#ground, { stream, view, handler, session, authRules, onEnd })
    this.#connections.add(connection)
    this.#watchdog.watch(connection)
    connection.start()
  }

  /** Sends a client away before anything was made for it. Over implicit TLS nothing can be said. */
  #turnAway(
    stream: Duplex,
    remoteAddress: string,
    onEnd: () => void,
    status: '4.3.0' | '4.3.2' | '4.7.0',
    text: string,
  ): void {
    if (stream.destroyed) onEnd()
    else stream.once('close', onEnd)
    const refusal = reply(421, status, `${this.#options.hostname} ${text}`)
    this.#options.observer?.({ type: 'session.refused', remoteAddress, reply: refusal })
    stream.on('error', () => stream.destroy())
    if (this.#tls?.implicit === true) stream.destroy()
    else stream.end(fromUtf8(`${formatReply({ ...refusal, status: undefined })}\r\n`), () => stream.destroy())
  }

  #readmit(connection: Connection, address: string): boolean {
    if (!this.#admission.move(connection.admittedAs, address)) return false
    connection.admittedAs = address
    return true
  }

  #onClosed(connection: Connection): void {
    this.#connections.delete(connection)
    this.#watchdog.unwatch(connection)
    this.#admission.leave(connection.admittedAs)
    connection.onEnd()
    if (this.#connections.size > 0) return
    for (const resolve of this.#onEmpty) resolve()
    this.#onEmpty = []
  }

  #empty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#connections.size === 0) resolve()
      else this.#onEmpty.push(resolve)
    })
  }

  #refuseWhenStopping(): void {
    if (this.#stopping) throw new SmtpServerError('SMTP_SERVER_STOPPED', 'the server is stopping')
  }
}

function shortestTimeoutMs(limits: ServerLimits): number {
  return Math.min(
    limits.commandTimeoutMs,
    limits.contentTimeoutMs,
    limits.answerTimeoutMs,
    limits.handshakeTimeoutMs,
    limits.proxyHeaderTimeoutMs,
    limits.sessionLifetimeMs,
    limits.maxMessageMs,
    limits.lingerMs,
  )
}

function noop(): void {
  // Nobody waits for a session of a listener.
}
