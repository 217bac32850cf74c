/** TLS over a stream that is already open (RFC 3207, RFC 8314 §3). */

import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'

/** Whom to trust. */
export interface TrustOptions {
  /** Certificates of authorities in PEM, in place of the roots that Node brings. */
  readonly ca?: string | readonly string[]
}

/** What TLS gave. */
export interface TlsRecord {
  readonly version: string
  /** IANA name of the cipher suite. */
  readonly cipher: string
  /** The certificate is valid for the host's name and chains to a root. */
  readonly verified: boolean
}

/** Makes TLS of streams, with one set of roots. */
export class TlsUpgrader {
  readonly #trust: TrustOptions
  #context: SecureContext | undefined

  constructor(trust: TrustOptions = {}) {
    this.#trust = trust
  }

  /**
   * Begins a handshake; `settled` is called once, with an error where it failed. With `verify` a certificate that is
   * not valid for `host` is such an error.
   *
   * @throws What Node throws where `trust.ca` is no certificate.
   */
  start(raw: Duplex, host: string, verify: boolean, settled: (error: Error | undefined) => void): TLSSocket {
    const { ca } = this.#trust
    this.#context ??= createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
    })
    raw.pause()
    const name = host.startsWith('unix:') ? 'localhost' : host
    const socket = connect({
      socket: raw,
      host: name,
      // SNI carries names alone, no addresses.
      ...(isIP(name) === 0 ? { servername: name } : {}),
      secureContext: this.#context,
      rejectUnauthorized: verify,
    })
    let open = true
    const settle = (error: Error | undefined): void => {
      if (!open) return
      open = false
      settled(error)
    }
    socket.once('secureConnect', () => settle(undefined))
    socket.once('close', () => settle(new Error('The connection closed during the TLS handshake.')))
    socket.on('error', (error) => settle(error))
    // What the stream below has to say, the one above says too.
    raw.on('error', () => {})
    return socket
  }
}

/** What a finished handshake gave. */
export function describeTls(socket: TLSSocket): TlsRecord {
  const cipher = socket.getCipher()
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: cipher?.standardName ?? cipher?.name ?? 'unknown',
    verified: socket.authorized,
  }
}
