/**
 * One connection: a stream, the session that speaks over it, and one deadline. All I/O of the client passes here.
 *
 * Nothing a peer does rejects or throws: the session says what happened, and `closed` is its last word. What is kept
 * of a peer's bytes is bounded by the session; the output is one flight of commands or of content at a time.
 */

import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Clock } from '@postroad/runtime'
import type { ChannelBinding } from '@postroad/sasl'
import { ClientSession, type ClientEvent } from '@postroad/smtp'
import { channelBindingOf } from './channel-binding.ts'
import { Deadline } from './deadline.ts'
import { destinationKey, socketPath, type HostDestination } from './host-destination.ts'
import type { ClientObserver } from './observer.ts'
import type { ClientTimeouts } from './timeouts.ts'
import type { TlsHandshake, TlsRecord, TlsUpgrader } from './tls-upgrade.ts'

/** What a connection is made of. */
export interface ClientConnectionParts {
  readonly stream: Duplex
  /** What is said before the session begins, and before TLS; absent: nothing. */
  readonly preface?: Uint8Array | undefined
  readonly destination: HostDestination
  /** Our name where the destination gives none. */
  readonly hostname: string
  readonly clock: Clock
  readonly timeouts: ClientTimeouts
  readonly observer: ClientObserver | undefined
}

let connections = 0

/** One connection; see the head of this file. */
export class ClientConnection {
  readonly sessionId: string
  readonly destination: HostDestination
  /** Of its destination; for the pool. */
  readonly key: string
  readonly session: ClientSession
  /** The address reached, or the path of a unix socket. */
  readonly address: string
  /** Transactions begun. */
  transactions = 0
  /** What the network or TLS said last; `undefined` where it said nothing. */
  error: Error | undefined
  /** Called once when the connection is gone. */
  onGone: ((connection: ClientConnection) => void) | undefined
  /** Called where it was parked long enough: to be closed. */
  onParkedLong: ((connection: ClientConnection) => void) | undefined

  readonly #timeouts: ClientTimeouts
  readonly #clock: Clock
  readonly #observer: ClientObserver | undefined
  #deadline: Deadline
  #stream: Duplex
  #tls: TlsRecord | undefined
  #certificate: Uint8Array | undefined
  #writing = 0
  #parked = false
  #heardAt = 0
  #gone = false
  #last: ClientEvent | undefined
  #wake: (() => void) | undefined
  #endHandshake: ((error: Error) => void) | undefined

  constructor({ stream, preface, destination, hostname, clock, timeouts, observer }: ClientConnectionParts) {
    connections += 1
    this.sessionId = `c${connections.toString(36)}`
    this.destination = destination
    this.key = destinationKey(destination)
    this.address = addressOf(stream, destination)
    this.#timeouts = timeouts
    this.#clock = clock
    this.#observer = observer
    this.#stream = stream
    const dialogue = observer?.dialogue?.bind(observer)
    this.session = new ClientSession({
      hostname: destination.hostname ?? hostname,
      protocol: destination.protocol,
      deadlines: timeouts,
      ...(destination.ignoredKeywords === undefined ? {} : { ignoredKeywords: destination.ignoredKeywords }),
      ...(dialogue === undefined
        ? {}
        : { onLine: (from, line) => dialogue({ sessionId: this.sessionId, from, line }) }),
    })
    this.#deadline = new Deadline(clock, () => this.#expired())
    stream.on('error', this.#onError)
    stream.on('close', this.#onEnd)
    if (preface !== undefined) stream.write(preface)
  }

  /** What TLS gave; `undefined` in clear. */
  get tls(): TlsRecord | undefined {
    return this.#tls
  }

  /** What an authentication can be bound to; `undefined` in clear. */
  get channelBinding(): ChannelBinding | undefined {
    return this.#stream instanceof TLSSocket ? channelBindingOf(this.#stream, this.#certificate) : undefined
  }

  /** Nobody but the host that was meant can read what is sent: verified TLS, or a socket of this machine. */
  get private(): boolean {
    return this.#tls?.verified === true || socketPath(this.destination) !== undefined
  }

  /** A command or a transaction may begin. */
  get usable(): boolean {
    return !this.#gone && this.session.idle
  }

  /** For how long nothing has come from the peer, in milliseconds. */
  get quietMs(): number {
    return this.#clock.monotonic() - this.#heardAt
  }

  /** What was written has not been taken by the network yet. */
  get writing(): boolean {
    return this.#writing > 0
  }

  /** Begins to read: in clear or, after `secure`, under TLS. */
  listen(): void {
    this.#stream.on('data', this.#onData)
    this.#stream.on('end', this.#onEnd)
    this.#deadline.set(this.session.deadlineMs)
  }

  /** The next event. After `closed` it is `closed` again. Never rejects. */
  async next(): Promise<ClientEvent> {
    for (;;) {
      const event = this.event()
      if (event !== undefined) return event
      await this.woken()
    }
  }

  /** As `next`, where it need not be waited for; writes what the session has to say before there is nothing. */
  event(): ClientEvent | undefined {
    for (;;) {
      const event = this.session.next()
      if (event !== undefined) {
        if (event.type === 'closed') this.#last = event
        return event
      }
      // A stream in memory may answer while it is written to: look once more then.
      if (this.#last !== undefined || this.session.outputBytes === 0 || this.#gone) return this.#last
      this.flush()
    }
  }

  /** Resolves when something came, was taken, or ended. One may wait at a time. */
  woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Runs the TLS handshake; the error where it failed, and the connection is gone then. */
  async secure(upgrader: TlsUpgrader, verify: boolean): Promise<Error | undefined> {
    if (this.#gone) return this.error ?? new Error('The connection closed before the TLS handshake.')
    const raw = this.#stream
    this.#detach(raw)
    const end = await new Promise<Error | TlsHandshake>((resolve) => {
      this.#endHandshake = resolve
      this.#deadline.set(this.#timeouts.tlsMs)
      this.#stream = upgrader.start(raw, this.destination, verify, resolve)
    })
    this.#endHandshake = undefined
    if (end instanceof Error || this.#gone) {
      if (end instanceof Error) this.error ??= end
      this.destroy('lost')
      return this.error ?? new Error('The connection closed during the TLS handshake.')
    }
    this.#tls = end.record
    this.#certificate = end.certificate
    this.#stream.on('error', this.#onError)
    this.#stream.on('close', this.#onEnd)
    if (this.#stream.destroyed) this.#onEnd()
    return undefined
  }

  /** Writes what the session has to say. */
  flush(): void {
    const parts = this.session.takeParts()
    const last = parts.at(-1)
    if (last === undefined || this.#gone) return
    this.#writing += 1
    this.#deadline.set(this.session.deadlineMs)
    const stream = this.#stream
    if (parts.length > 1) stream.cork()
    for (let at = 0; at < parts.length - 1; at += 1) stream.write(parts[at])
    stream.write(last, this.#onWritten)
    if (parts.length > 1) stream.uncork()
  }

  /** Waits for something of ours, as content that is read, no longer than for the peer to take a block. */
  hold(): void {
    this.#deadline.set(this.#timeouts.blockMs)
  }

  /** Keeps the connection without work for so many milliseconds; then `onParkedLong` is called. */
  park(idleMs: number): void {
    this.#parked = true
    this.#deadline.set(idleMs)
  }

  /** Takes a parked connection back to work. */
  unpark(): void {
    this.#parked = false
  }

  /** Says QUIT, waits a short while for the answer, and closes. Never rejects. */
  async quit(): Promise<void> {
    this.#parked = false
    this.session.quit()
    for (let event = await this.next(); event.type !== 'closed';) event = await this.next()
    this.#teardown()
  }

  /** Closes at once; the session settles what is open. */
  destroy(cause: 'lost' | 'timeout' | 'aborted'): void {
    this.session.lost(cause)
    this.#teardown()
  }

  /**
   * Gives the stream away, paused, and is gone itself: after `turned` the peer is the client (RFC 2645 §5.3). An error
   * before somebody listens to it throws nowhere: the stream is destroyed then, and `errored`.
   */
  surrender(): Duplex {
    const stream = this.#stream
    stream.pause()
    this.#detach(stream)
    stream.on('error', () => {})
    this.session.quit()
    this.#gone = true
    this.#deadline.end()
    this.#report()
    this.onGone?.(this)
    return stream
  }

  readonly #onData = (bytes: Uint8Array): void => {
    const { progress } = this.session
    this.#heardAt = this.#clock.monotonic()
    this.session.receive(bytes)
    if (this.session.closed) this.#teardown()
    else if (this.session.progress !== progress && !this.#parked) this.#deadline.set(this.session.deadlineMs)
    this.#wakeUp()
  }

  readonly #onWritten = (): void => {
    this.#writing -= 1
    // Each part that the peer took begins a new wait (RFC 5321 §4.5.3.2.5); nobody else waits for what was written.
    if (this.#gone || !this.session.wantsContent) return
    this.#deadline.set(this.session.deadlineMs)
    this.#wakeUp()
  }

  readonly #onError = (error: Error): void => {
    this.error ??= error
    this.destroy('lost')
  }

  readonly #onEnd = (): void => {
    this.destroy('lost')
  }

  #expired(): void {
    if (!this.#parked || !this.session.idle) return this.destroy('timeout')
    // A deadline rings once: the answer to QUIT has one of its own.
    this.#deadline = new Deadline(this.#clock, () => this.#expired())
    this.onParkedLong?.(this)
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  #detach(stream: Duplex): void {
    stream.off('data', this.#onData)
    stream.off('end', this.#onEnd)
    stream.off('close', this.#onEnd)
    stream.off('error', this.#onError)
  }

  #teardown(): void {
    if (this.#gone) return
    this.#gone = true
    this.#deadline.end()
    this.#stream.off('data', this.#onData)
    // A late error of a stream that is given up must find a listener.
    this.#stream.on('error', () => {})
    this.#stream.destroy()
    const inTime = this.session.closeCause !== 'timeout'
    this.#endHandshake?.(
      this.error ?? new Error(inTime ? 'The TLS handshake was given up.' : 'The TLS handshake did not end in time.'),
    )
    this.#report()
    this.onGone?.(this)
    this.#wakeUp()
  }

  #report(): void {
    if (this.#observer === undefined) return
    this.#observer.observe({
      type: 'connection-closed',
      sessionId: this.sessionId,
      host: this.destination.host,
      cause: this.session.closeCause ?? 'lost',
      transactions: this.transactions,
      error: this.error,
    })
  }
}

function addressOf(stream: Duplex, { host, address }: HostDestination): string {
  if (host.startsWith('unix:')) return host.slice('unix:'.length)
  if (address !== undefined) return address
  return 'remoteAddress' in stream && typeof stream.remoteAddress === 'string' ? stream.remoteAddress : host
}
