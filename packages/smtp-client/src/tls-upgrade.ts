/** TLS over a stream that is already open (RFC 3207, RFC 8314 §3). */

import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { domainToASCII } from 'node:url'
import type { PeerTls } from '@postroad/delivery'
import type { Clock } from '@postroad/runtime'
import { peerCertificateOf } from './channel-binding.ts'
import type { ClientIdentity, HostDestination } from './host-destination.ts'
import { TlsSessionCache, type KeptSession } from './tls-session-cache.ts'

/** Whom to trust, and how long what was found out about a host is believed. */
export interface TrustOptions {
  /** Certificates of authorities in PEM, in place of the roots that Node brings. */
  readonly ca?: string | readonly string[]
  /**
   * Most TLS sessions kept for resumption, one for each host and identity; default 500, 0 for none. A session is resumed
   * for one hour after the certificate was looked at.
   */
  readonly maxSessions?: number
}

/** What TLS gave. */
export interface TlsRecord extends PeerTls {
  /** The session of an earlier connection goes on; `verified` is what was found out then. */
  readonly resumed: boolean
}

/** A handshake that is done. */
export interface TlsHandshake {
  readonly record: TlsRecord
  /** The host's certificate, in DER, where the socket does not show it: of a resumed session; `undefined` under TLS 1.3. */
  readonly certificate: Uint8Array | undefined
}

/** Characters of an error's message that are kept; of a reply's text as many are. */
const MAX_MESSAGE = 1_024

/** Most contexts kept, one for each identity of ours. */
const MAX_CONTEXTS = 64

/** Makes TLS of streams, with one set of roots: TLS 1.2 at least (RFC 8314 §4.1). */
export class TlsUpgrader {
  readonly #trust: TrustOptions
  readonly #clock: Clock
  readonly #contexts = new Map<string, SecureContext>()
  readonly #sessions: TlsSessionCache

  constructor(clock: Clock, trust: TrustOptions = {}) {
    this.#clock = clock
    this.#trust = trust
    this.#sessions = new TlsSessionCache(trust.maxSessions)
  }

  /**
   * Begins a handshake; `settled` is called once, with an error where it failed, else with what it gave. With `verify` a
   * certificate that is not valid for the host is such an error.
   *
   * @throws What Node throws where `trust.ca` is no certificate, or `identity` no pair of key and certificate.
   */
  start(
    raw: Duplex,
    destination: Pick<HostDestination, 'host' | 'port' | 'identity'>,
    verify: boolean,
    settled: (end: Error | TlsHandshake) => void,
  ): TLSSocket {
    const { host, port, identity } = destination
    const name = tlsName(host)
    const key = sessionKey(host, port, identity)
    const kept = this.#findSession(key, verify)
    raw.pause()
    const socket = connect({
      socket: raw,
      host: name,
      // SNI carries names alone, no addresses (RFC 6066).
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(kept === undefined ? {} : { session: kept.session }),
      secureContext: this.#contextFor(identity),
      rejectUnauthorized: verify,
    })
    let open = true
    const settle = (end: Error | TlsHandshake): void => {
      if (!open) return
      open = false
      // Whatever it was: the next handshake is a whole one.
      if (end instanceof Error) this.#sessions.forget(key)
      settled(end)
    }
    let verified = false
    let certificate: Uint8Array | undefined
    let verifiedAt = this.#clock.monotonic()
    // TLS 1.3 sends sessions behind the handshake, 1.2 within it: then the name is not looked at yet.
    let early: Buffer | undefined
    socket.on('session', (session) => {
      if (open) early = session
      else this.#sessions.keep(key, { session, verified, certificate, verifiedAt })
    })
    socket.once('secureConnect', () => {
      // Node looks for the name in a certificate that is shown alone; a resumed session shows none.
      const resumed = socket.isSessionReused() && kept !== undefined
      verified = resumed ? kept.verified : socket.authorized
      certificate = resumed ? kept.certificate : certificateOf(socket)
      if (resumed) verifiedAt = kept.verifiedAt
      if (early !== undefined) this.#sessions.keep(key, { session: early, verified, certificate, verifiedAt })
      settle({ record: describeTls(socket, verified, resumed), certificate })
    })
    socket.once('close', () => settle(new Error('The connection closed during the TLS handshake.')))
    socket.on('error', (error) => settle(boundError(error)))
    // What the stream below has to say, the one above says too.
    raw.on('error', () => {})
    return socket
  }

  /** A connection that must be verified resumes what was verified alone. */
  #findSession(key: string, verify: boolean): KeptSession | undefined {
    const kept = this.#sessions.find(key, this.#clock.monotonic())
    return verify && kept?.verified === false ? undefined : kept
  }

  #contextFor(identity: ClientIdentity | undefined): SecureContext {
    const key = identity === undefined ? '' : JSON.stringify(identity)
    const known = this.#contexts.get(key)
    if (known !== undefined) return known
    const { ca } = this.#trust
    const context = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
      ...identity,
    })
    const [oldest] = this.#contexts.keys()
    if (oldest !== undefined && this.#contexts.size >= MAX_CONTEXTS) this.#contexts.delete(oldest)
    this.#contexts.set(key, context)
    return context
  }
}

/** The name a certificate must have: A-labels, no dot at the end; a unix socket is ourselves. */
function tlsName(host: string): string {
  if (host.startsWith('unix:')) return 'localhost'
  if (isIP(host) !== 0) return host
  const name = host.endsWith('.') ? host.slice(0, -1) : host
  return domainToASCII(name) || name
}

function sessionKey(host: string, port: number, identity: ClientIdentity | undefined): string {
  return identity === undefined ? `${port} ${host}` : `${port} ${host}\n${identity.key}\n${identity.cert}`
}

/**
 * What Node says of a certificate names all that stands in it, and holds it: what a peer shows is not to be kept for each
 * recipient. The code stays.
 */
function boundError(error: Error): Error {
  if (error.message.length <= MAX_MESSAGE && !('cert' in error)) return error
  const code = 'code' in error ? { code: error.code } : {}
  return Object.assign(new Error(error.message.slice(0, MAX_MESSAGE)), code)
}

/** What an authentication may be bound to later; under TLS 1.3 that is the connection, and nothing is asked for. */
function certificateOf(socket: TLSSocket): Uint8Array | undefined {
  return socket.getProtocol() === 'TLSv1.3' ? undefined : peerCertificateOf(socket)
}

function describeTls(socket: TLSSocket, verified: boolean, resumed: boolean): TlsRecord {
  const cipher = socket.getCipher()
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: cipher?.standardName ?? cipher?.name ?? 'unknown',
    verified,
    resumed,
  }
}
