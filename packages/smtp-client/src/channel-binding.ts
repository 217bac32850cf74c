/** What a TLS connection gives to bind an authentication to it (RFC 9266, RFC 5929). */

import type { TLSSocket } from 'node:tls'
import { systemCryptography } from '@postroad/runtime/system'
import { digestServerCertificate, EXPORTER_LABEL, type ChannelBinding } from '@postroad/sasl'

/** RFC 9266 §2. */
const EXPORTED_BYTES = 32

/**
 * The data of a connection whose handshake is done.
 *
 * @param certificate The host's, in DER, where the connection itself may show none; `undefined`: it shows one.
 */
export function channelBindingOf(socket: TLSSocket, certificate: Uint8Array | undefined): ChannelBinding {
  return (type) => {
    if (type === 'tls-exporter') {
      // RFC 9266 §4.2: before TLS 1.3 it is safe only with what Node does not tell of.
      if (socket.getProtocol() !== 'TLSv1.3') return undefined
      return socket.exportKeyingMaterial(EXPORTED_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
    }
    const shown = certificate ?? peerCertificateOf(socket)
    return shown && digestServerCertificate(shown, systemCryptography)
  }
}

/** The certificate of the host, in DER; `undefined` where it shows none, as in a resumed session. */
export function peerCertificateOf(socket: TLSSocket): Uint8Array | undefined {
  // Not `getPeerX509Certificate`: Node 24 gives a client the certificate once, and to nobody afterwards.
  const { raw } = { ...socket.getPeerCertificate() }
  return raw instanceof Uint8Array ? raw : undefined
}
