/** Puts TLS over a stream: a socket's handle is taken over by the TLS layer, any other duplex stream is wrapped. */

import { constants } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { TlsView } from '@postroad/smtp'

/** Key and certificate chain, in PEM. */
export interface TlsOptions {
  readonly key: string | Buffer
  readonly cert: string | Buffer
  /** TLS from the first byte (RFC 8314 §3); false: STARTTLS is offered. */
  readonly implicit?: boolean
}

/**
 * Reads key and certificate once for all sessions; TLS 1.2 at least (RFC 8314 §4.1), no renegotiation, ciphers in our
 * order. Throws where they do not fit.
 */
export function createTlsContext({ key, cert }: TlsOptions): SecureContext {
  const secureOptions = constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_CIPHER_SERVER_PREFERENCE
  return createSecureContext({ key, cert, minVersion: 'TLSv1.2', secureOptions })
}

/**
 * Begins a handshake as the server.
 *
 * Nobody else may read from `stream` any more. `onEnd` is called once: with what was agreed on, or with nothing where
 * it failed or the peer vanished.
 */
export function secureStream(
  stream: Duplex,
  context: SecureContext,
  onEnd: (tls: TlsView | undefined) => void,
): TLSSocket {
  const secured = new TLSSocket(stream, { isServer: true, secureContext: context, requestCert: false })
  let over = false
  const end = (tls: TlsView | undefined): void => {
    if (over) return
    over = true
    onEnd(tls)
  }
  secured.once('secure', () => {
    end({ version: secured.getProtocol() ?? 'unknown', cipher: secured.getCipher().standardName })
  })
  secured.once('close', () => end(undefined))
  // A peer that gives up in the middle may only half-close: over a stream that allows it nothing else tells.
  secured.once('end', () => end(undefined))
  secured.on('error', () => end(undefined))
  return secured
}
