/** Puts TLS over a stream: a socket's handle is taken over by the TLS layer, any other duplex stream is wrapped. */

import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { SecureContext, TLSSocketOptions } from 'node:tls'
import { chooseChannelBinding } from '@postroad/sasl'
import type { TlsView } from '@postroad/smtp'
import { channelBinding } from './channel-binding.ts'
import type { TlsContexts } from './tls-contexts.ts'

/** TLS as one server does it. */
export interface ServerTls {
  readonly contexts: TlsContexts
  readonly implicit: boolean
  /** Clients are asked for a certificate. */
  readonly requestCert: boolean
}

/**
 * Begins a handshake as the server.
 *
 * Nobody else may read from `stream` any more. `onEnd` is called once: with what was agreed on, or with nothing where
 * it failed or the peer vanished; `error` is there only where the fault is ours: no context could be given.
 */
export function secureStream(
  stream: Duplex,
  { contexts, requestCert }: ServerTls,
  onEnd: (tls: TlsView | undefined, error?: unknown) => void,
): TLSSocket {
  let fault: unknown
  let over = false
  const options: TLSSocketOptions = {
    isServer: true,
    secureContext: contexts.first,
    requestCert,
    // Who is asked and shows nothing, or something that cannot be verified, goes on: the handler is told.
    rejectUnauthorized: false,
  }
  if (contexts.several) {
    options.SNICallback = (serverName: string, give: (error: Error | null, context?: SecureContext) => void): void => {
      try {
        give(null, contexts.pick(serverName))
      } catch (error) {
        fault = error
        give(new Error('no context'))
      }
    }
  }
  const secured = new TLSSocket(stream, options)
  const end = (tls: TlsView | undefined): void => {
    if (over) return
    over = true
    onEnd(tls, fault)
  }
  secured.once('secure', () => end(viewOf(secured, requestCert)))
  secured.once('close', () => end(undefined))
  // A peer that gives up in the middle may only half-close: over a stream that allows it nothing else tells.
  secured.once('end', () => end(undefined))
  secured.on('error', () => end(undefined))
  return secured
}

/** What somebody else has agreed on with the client already; `undefined` for a stream without TLS. */
export function agreedTls(stream: Duplex): TlsView | undefined {
  return stream instanceof TLSSocket && !stream.destroyed ? viewOf(stream, true) : undefined
}

/** What was agreed on; `undefined` where it is too old (RFC 8314 §4.1), which only a context of others allows. */
function viewOf(secured: TLSSocket, requestCert: boolean): TlsView | undefined {
  const version = secured.getProtocol()
  if (version !== 'TLSv1.2' && version !== 'TLSv1.3') return undefined
  const { servername } = secured
  const certificate = requestCert ? secured.getPeerX509Certificate() : undefined
  // TLS 1.3 always gives `tls-exporter` (RFC 9266 §2).
  const bindable = version === 'TLSv1.3' || chooseChannelBinding((type) => channelBinding(secured, type)) !== undefined
  return {
    version,
    cipher: secured.getCipher().standardName,
    ...(typeof servername === 'string' && servername !== '' && { serverName: servername }),
    ...(certificate !== undefined && {
      clientCertificate: {
        subject: certificate.subject,
        verified: isVerified(secured),
        fingerprint256: certificate.fingerprint256,
        ...(certificate.subjectAltName !== undefined && { subjectAltName: certificate.subjectAltName }),
      },
    }),
    ...(!bindable && { bindable }),
  }
}

/**
 * Whether the chain of the client's certificate leads to one that is trusted. A `TLSSocket` that no `tls.Server` made
 * does not say (`authorized` is set by the latter), but its handle does; without it nothing is verified.
 */
function isVerified(secured: TLSSocket): boolean {
  const handle: unknown = Reflect.get(secured, '_handle')
  if (typeof handle !== 'object' || handle === null) return false
  const verify: unknown = Reflect.get(handle, 'verifyError')
  return typeof verify === 'function' && isNothing(Reflect.apply(verify, handle, []))
}

function isNothing(error: unknown): boolean {
  return error === null || error === undefined
}
