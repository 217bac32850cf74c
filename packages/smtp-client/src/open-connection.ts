/**
 * From nothing to a session that can take a transaction: call, TLS, greeting, EHLO, STARTTLS, AUTH.
 *
 * What fails on the way is a value: the phase, and the outcome that every recipient gets from it. A refusal for good
 * (5yz) of the greeting or of EHLO is `failed`; all else, the peer's judgement of our credentials too, is `deferred`:
 * it speaks of a setting or of the hour, not of the message.
 */

import type { DeliveryPhase } from '@postroad/delivery'
import type { Deferred, Failed, TransientStatus } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { refusalOfReply, type ClientEvent, type PeerExtensions } from '@postroad/smtp'
import type { Duplex } from 'node:stream'
import { authenticate } from './authenticate.ts'
import { ClientConnection } from './client-connection.ts'
import { Deadline } from './deadline.ts'
import type { Dial } from './dial.ts'
import { ENDINGS } from './endings.ts'
import { socketPath, type HostCredentials, type HostDestination } from './host-destination.ts'
import { formatProxyHeader } from './proxy-header.ts'
import type { ClientObserver } from './observer.ts'
import type { ClientTimeouts } from './timeouts.ts'
import type { TlsUpgrader } from './tls-upgrade.ts'

/** What is the same for every connection of a client. */
export interface ClientSetting {
  readonly hostname: string
  readonly clock: Clock
  readonly dial: Dial
  readonly timeouts: ClientTimeouts
  readonly upgrader: TlsUpgrader
  readonly observer: ClientObserver | undefined
  /** Credentials may be sent in clear and to a host that is not verified. */
  readonly exposeCredentials: boolean
}

/** An open connection, or why there is none. */
export type Opened = { readonly connection: ClientConnection } | OpenFailure

/** Why there is no connection. */
export interface OpenFailure {
  readonly connection?: undefined
  readonly phase: DeliveryPhase
  readonly outcome: Deferred | Failed
  /** Who was reached; `undefined` where nobody was. */
  readonly reached: ClientConnection | undefined
  /** What the network or TLS said, or what was missing. */
  readonly error: Error | undefined
}

/** Told of each phase as it begins. */
export type PhaseListener = (phase: DeliveryPhase) => void

/** Opens a connection. Rejects for a fault of ours alone, as a root certificate that is none. */
export async function openConnection(
  setting: ClientSetting,
  destination: HostDestination,
  signal: AbortSignal,
  onPhase?: PhaseListener,
): Promise<Opened> {
  const first = await openOnce(setting, destination, signal, destination.tls === 'opportunistic', onPhase)
  if (first !== 'in-clear') return first
  const second = await openOnce(setting, destination, signal, false, onPhase)
  if (second === 'in-clear') throw new Error('A call in clear has no handshake that could fail.')
  return second
}

/** `in-clear`: an opportunistic handshake failed, and the host is to be called again without. */
async function openOnce(
  setting: ClientSetting,
  destination: HostDestination,
  signal: AbortSignal,
  mayUpgrade: boolean,
  onPhase: PhaseListener | undefined,
): Promise<Opened | 'in-clear'> {
  onPhase?.('connect')
  const startedAt = setting.clock.monotonic()
  const { proxyHeader } = destination
  const preface = proxyHeader && formatProxyHeader(proxyHeader)
  const called = await call(setting, destination, signal)
  if (called instanceof Error) {
    const { host, port } = destination
    setting.observer?.observe({ type: 'connection-failed', host, port, error: called })
    return { phase: 'connect', outcome: explained(deferred('4.4.1'), called), reached: undefined, error: called }
  }
  const connection = connectionOver(called, preface, setting, destination)
  setting.observer?.observe({
    type: 'connection-opened',
    sessionId: connection.sessionId,
    host: destination.host,
    address: connection.address,
    port: destination.port,
    durationMs: setting.clock.monotonic() - startedAt,
  })
  const abort = (): void => connection.destroy('aborted')
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  // A stream that died before the call was over says nothing of it any more.
  if (called.destroyed) connection.destroy('lost')
  try {
    return await new Opening(setting, connection, mayUpgrade, onPhase).run()
  } catch (fault) {
    connection.destroy('aborted')
    throw fault
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** @throws Where our name cannot be said in EHLO; the stream is destroyed then. */
function connectionOver(
  stream: Duplex,
  preface: Uint8Array | undefined,
  setting: ClientSetting,
  destination: HostDestination,
): ClientConnection {
  try {
    return new ClientConnection({ ...setting, stream, preface, destination })
  } catch (fault) {
    stream.on('error', () => {}).destroy()
    throw fault
  }
}

/** The stream, or why there is none. A dial that does not heed its signal is not waited for. */
async function call(
  setting: ClientSetting,
  destination: HostDestination,
  signal: AbortSignal,
): Promise<Duplex | Error> {
  const giveUp = new AbortController()
  const deadline = new Deadline(setting.clock, () => giveUp.abort())
  const abort = (): void => giveUp.abort()
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  const { host, address, port, localAddress } = destination
  try {
    return await new Promise<Duplex | Error>((resolve) => {
      const givenUp = (): void =>
        resolve(new Error(signal.aborted ? 'The call was given up.' : 'Nobody answered the call in time.'))
      if (giveUp.signal.aborted) return givenUp()
      giveUp.signal.addEventListener('abort', givenUp, { once: true })
      deadline.set(setting.timeouts.connectMs)
      const from = localAddress === undefined ? {} : { localAddress }
      setting.dial({ host, address, port, path: socketPath(destination), ...from, signal: giveUp.signal }).then(
        (stream) => {
          resolve(stream)
          // Comes too late where the call was given up: nobody will use it.
          if (giveUp.signal.aborted) stream.on('error', () => {}).destroy()
          return undefined
        },
        (error: unknown) => resolve(error instanceof Error ? error : new Error('The call failed.', { cause: error })),
      )
    })
  } finally {
    deadline.end()
    signal.removeEventListener('abort', abort)
  }
}

class Opening {
  readonly #setting: ClientSetting
  readonly #connection: ClientConnection
  readonly #mayUpgrade: boolean
  readonly #onPhase: PhaseListener | undefined
  /** Where it ended that a session is over which waits for nothing: no message was offered. */
  #reached: 'hello' | 'auth' = 'hello'

  constructor(
    setting: ClientSetting,
    connection: ClientConnection,
    mayUpgrade: boolean,
    onPhase: PhaseListener | undefined,
  ) {
    this.#setting = setting
    this.#connection = connection
    this.#mayUpgrade = mayUpgrade
    this.#onPhase = onPhase
  }

  async run(): Promise<Opened | 'in-clear'> {
    const { tls, credentials } = this.#connection.destination
    if (tls === 'implicit') {
      const error = await this.#secure(true)
      if (error !== undefined) return this.#fail('tls', deferred('4.7.5'), error)
    }
    this.#connection.listen()
    this.#onPhase?.('greeting')
    const hello = await this.#hello()
    if (!('extensions' in hello)) return hello
    let { extensions } = hello
    if (tls === 'required' || (tls === 'opportunistic' && this.#mayUpgrade && extensions.starttls)) {
      const upgraded = await this.#startTls(extensions, tls === 'required')
      if (upgraded === 'in-clear' || !('extensions' in upgraded)) return upgraded
      extensions = upgraded.extensions
    }
    const refused = credentials === undefined ? undefined : await this.#authenticate(extensions, credentials)
    return refused ?? (await this.#gone()) ?? { connection: this.#connection }
  }

  async #hello(): Promise<{ readonly extensions: PeerExtensions } | OpenFailure> {
    const event = await this.#connection.next()
    return event.type === 'ready' ? event : this.#closed(event)
  }

  async #startTls(
    extensions: PeerExtensions,
    required: boolean,
  ): Promise<{ readonly extensions: PeerExtensions } | OpenFailure | 'in-clear'> {
    const gone = await this.#gone()
    if (gone !== undefined) return gone
    if (!extensions.starttls)
      return this.#fail('tls', deferred('4.7.4'), new Error('The peer does not offer STARTTLS.'))
    this.#onPhase?.('tls')
    this.#connection.session.startTls()
    const event = await this.#connection.next()
    if (event.type === 'starttls-refused') {
      // RFC 3207 §4.1: the client decides whether to go on without.
      if (!required) return { extensions }
      return this.#fail('tls', { kind: 'deferred', reply: event.reply, status: '4.7.4' }, undefined)
    }
    if (event.type !== 'start-tls') return this.#closed(event)
    const error = await this.#secure(required)
    if (error !== undefined) return required ? this.#fail('tls', deferred('4.7.5'), error) : 'in-clear'
    this.#connection.listen()
    this.#connection.session.tlsStarted()
    return this.#hello()
  }

  async #secure(verify: boolean): Promise<Error | undefined> {
    this.#onPhase?.('tls')
    const { sessionId } = this.#connection
    const error = await this.#connection.secure(this.#setting.upgrader, verify)
    const { tls } = this.#connection
    if (error !== undefined) {
      this.#setting.observer?.observe({ type: 'tls-failed', sessionId, error, clear: !verify })
    } else if (tls !== undefined) {
      this.#setting.observer?.observe({ type: 'tls-started', sessionId, ...tls })
    }
    return error
  }

  async #authenticate({ auth }: PeerExtensions, credentials: HostCredentials): Promise<OpenFailure | undefined> {
    const gone = await this.#gone()
    if (gone !== undefined) return gone
    const { exposeCredentials } = this.#setting
    const request = { credentials, offered: auth, expose: exposeCredentials, onPhase: this.#onPhase }
    const end = await authenticate(this.#connection, request)
    switch (end.kind) {
      case 'authenticated':
        this.#reached = 'auth'
        return undefined
      case 'failed':
        return this.#fail('auth', end.outcome, end.error)
      case 'unexpected':
        return this.#closed(end.event)
    }
  }

  /** A peer may say `250` and something deadly behind it in one breath. */
  async #gone(): Promise<OpenFailure | undefined> {
    return this.#connection.usable ? undefined : this.#closed(await this.#connection.next())
  }

  /** The session ended where something else was awaited. */
  #closed(event: ClientEvent): OpenFailure {
    if (event.type !== 'closed') return this.#fail('hello', deferred('4.5.0'), new Error(`Unexpected ${event.type}.`))
    const { reply, cause } = event
    const phase = event.phase === 'done' ? this.#reached : event.phase
    const silent = cause === 'lost' || cause === 'timeout' || cause === 'aborted'
    const outcome = reply === undefined ? deferred(silent ? '4.4.2' : '4.5.0') : refusalOfReply(reply, phase)
    return this.#fail(phase, outcome, new Error(ENDINGS[cause]))
  }

  #fail(phase: DeliveryPhase, outcome: Deferred | Failed, error: Error | undefined): OpenFailure {
    const connection = this.#connection
    if (connection.usable) void connection.quit()
    else connection.destroy('lost')
    const cause = connection.error ?? error
    return { phase, outcome: explained(outcome, cause), reached: connection, error: cause }
  }
}

function deferred(status: TransientStatus): Deferred {
  return { kind: 'deferred', reply: undefined, status }
}

/** Says why, where no reply does: for reports and logs. */
function explained(outcome: Deferred | Failed, cause: Error | undefined): Deferred | Failed {
  return outcome.reply !== undefined || cause === undefined ? outcome : { ...outcome, reason: cause.message }
}
