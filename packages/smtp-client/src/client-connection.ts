/**
 * One connection: a stream, the session that speaks over it, and one deadline. All I/O of the client passes here.
 *
 * Nothing a peer does rejects or throws: the session says what happened, and `closed` is its last word. What is kept
 * of a peer's bytes is bounded by the session; the output is one flight of commands or of content at a time.
 */

import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '@postroad/runtime'
import { ClientSession, type ClientEvent } from '@postroad/smtp'
import type { ContentSource } from '@postroad/envelope'
import { Deadline } from './deadline.ts'
import { destinationKey, type HostDestination } from './host-destination.ts'
import type { ClientObserver } from './observer.ts'
import type { ClientTimeouts } from './timeouts.ts'
import { describeTls, type TlsRecord, type TlsUpgrader } from './tls-upgrade.ts'

/** What a connection is made of. */
export interface ClientConnectionParts {
  readonly stream: Duplex
  readonly destination: HostDestination
  readonly hostname: string
  readonly clock: Clock
  readonly timeouts: ClientTimeouts
  readonly observer: ClientObserver | undefined
}

/** Content up to this size leaves in one write with its terminator; longer content in parts of about this size. */
const FLIGHT_BYTES = 65_536

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
  onGone: (() => void) | undefined

  readonly #timeouts: ClientTimeouts
  readonly #observer: ClientObserver | undefined
  readonly #deadline: Deadline
  #stream: Duplex
  #tls: TlsRecord | undefined
  #writing = 0
  #parked = false
  #gone = false
  #last: ClientEvent | undefined
  #wake: (() => void) | undefined
  #interrupt: (() => void) | undefined
  #endHandshake: ((error: Error | undefined) => void) | undefined

  constructor({ stream, destination, hostname, clock, timeouts, observer }: ClientConnectionParts) {
    connections += 1
    this.sessionId = `c${connections.toString(36)}`
    this.destination = destination
    this.key = destinationKey(destination)
    this.address = addressOf(stream, destination)
    this.#timeouts = timeouts
    this.#observer = observer
    this.#stream = stream
    const dialogue = observer?.dialogue?.bind(observer)
    this.session = new ClientSession({
      hostname,
      protocol: destination.protocol,
      deadlines: timeouts,
      ...(dialogue === undefined
        ? {}
        : { onLine: (from, line) => dialogue({ sessionId: this.sessionId, from, line }) }),
    })
    this.#deadline = new Deadline(clock, () => this.#expired())
    stream.on('error', this.#onError)
    stream.on('close', this.#onEnd)
  }

  /** What TLS gave; `undefined` in clear. */
  get tls(): TlsRecord | undefined {
    return this.#tls
  }

  /** A transaction may begin. */
  get usable(): boolean {
    return !this.#gone && this.session.idle
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
      const event = this.session.next()
      if (event !== undefined) {
        if (event.type === 'closed') this.#last = event
        return event
      }
      if (this.#last !== undefined) return this.#last
      // A stream in memory may answer while it is written to: look once more before waiting.
      if (this.session.outputBytes > 0) this.flush()
      else await this.#woken()
    }
  }

  /** Runs the TLS handshake; the error where it failed, and the connection is gone then. */
  async secure(upgrader: TlsUpgrader, verify: boolean): Promise<Error | undefined> {
    if (this.#gone) return this.error ?? new Error('The connection closed before the TLS handshake.')
    const raw = this.#stream
    raw.off('data', this.#onData)
    raw.off('end', this.#onEnd)
    raw.off('close', this.#onEnd)
    raw.off('error', this.#onError)
    const error = await new Promise<Error | undefined>((resolve) => {
      this.#endHandshake = resolve
      this.#deadline.set(this.#timeouts.tlsMs)
      this.#stream = upgrader.start(raw, this.destination.host, verify, (error) => {
        if (error === undefined && isTls(this.#stream)) this.#tls = describeTls(this.#stream)
        resolve(error)
      })
    })
    this.#endHandshake = undefined
    if (error !== undefined || this.#gone) {
      this.error ??= error
      this.destroy('lost')
      return this.error ?? error ?? new Error('The connection closed during the TLS handshake.')
    }
    this.#stream.on('error', this.#onError)
    this.#stream.on('close', this.#onEnd)
    if (this.#stream.destroyed) this.#onEnd()
    return undefined
  }

  /** Writes what the session has to say. */
  flush(): void {
    const bytes = this.session.takeOutput()
    if (bytes === undefined || this.#gone) return
    this.#writing += 1
    this.#deadline.set(this.session.deadlineMs)
    this.#stream.write(bytes, () => {
      this.#writing -= 1
      if (this.#gone) return
      // Each part that the peer took begins a new wait (RFC 5321 §4.5.3.2.5).
      if (this.session.phase === 'content') this.#deadline.set(this.session.deadlineMs)
      this.#wake?.()
    })
  }

  /**
   * Sends the content that the session asked for, and its end. Stops early where the peer does not want it any more.
   *
   * Rejects where the source cannot be read or does not keep to its facts: the end was not sent, and the connection
   * must be destroyed.
   */
  async sendContent(source: ContentSource): Promise<void> {
    const iterator = source.open()[Symbol.asyncIterator]()
    for (let step = await this.#read(iterator); step?.done === false; step = await this.#read(iterator)) {
      const chunk = step.value
      if (this.session.outputBytes + chunk.length <= FLIGHT_BYTES) {
        this.session.content(new Uint8Array(chunk))
        continue
      }
      // The chunk is not copied; it is valid until the next is asked for: it must have been written by then.
      this.session.content(chunk)
      this.flush()
      while (this.#writing > 0 && this.session.phase === 'content') await this.#woken()
    }
    this.session.endContent()
    this.flush()
  }

  /** The source's next step; `undefined` where the peer does not want it any more, also while the source is silent. */
  async #read(iterator: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array> | undefined> {
    const step =
      this.session.phase === 'content'
        ? await new Promise<IteratorResult<Uint8Array> | undefined>((resolve, reject) => {
            this.#interrupt = () => resolve(undefined)
            iterator.next().then(resolve, reject)
          })
        : undefined
    this.#interrupt = undefined
    // Frees what the source holds; nobody is left to be told that it could not.
    if (step === undefined) iterator.return?.().catch(() => {})
    return step
  }

  /** Keeps the connection without work for so many milliseconds, then says QUIT. */
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

  readonly #onData = (bytes: Uint8Array): void => {
    const { progress } = this.session
    this.session.receive(bytes)
    if (this.session.closed) this.#teardown()
    else if (this.session.progress !== progress && !this.#parked) this.#deadline.set(this.session.deadlineMs)
    this.#wake?.()
  }

  readonly #onError = (error: Error): void => {
    this.error ??= error
    this.destroy('lost')
  }

  readonly #onEnd = (): void => {
    this.destroy('lost')
  }

  #expired(): void {
    // The pool's sleeper has rung: nobody waits for this connection.
    if (this.#parked && this.session.idle) void this.quit()
    else this.destroy('timeout')
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined
        resolve()
      }
    })
  }

  #teardown(): void {
    if (this.#gone) return
    this.#gone = true
    this.#deadline.end()
    this.#stream.off('data', this.#onData)
    // A late error of a stream that is given up must find a listener.
    this.#stream.on('error', () => {})
    this.#stream.destroy()
    this.#endHandshake?.(this.error ?? new Error('The TLS handshake was given up.'))
    this.#report()
    this.onGone?.()
    this.#interrupt?.()
    this.#wake?.()
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

function isTls(stream: Duplex): stream is TLSSocket {
  return 'getCipher' in stream
}

function addressOf(stream: Duplex, { host, address }: HostDestination): string {
  if (host.startsWith('unix:')) return host.slice('unix:'.length)
  if (address !== undefined) return address
  return 'remoteAddress' in stream && typeof stream.remoteAddress === 'string' ? stream.remoteAddress : host
}
