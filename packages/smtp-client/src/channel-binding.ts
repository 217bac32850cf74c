/** What a TLS connection gives to bind an authentication to it (RFC 9266, RFC 5929). */

import type { TLSSocket } from 'node:tls'
import { systemCryptography } from '@postroad/runtime/system'
import { digestServerCertificate, EXPORTER_LABEL, type ChannelBinding } from '@postroad/sasl'

/** RFC 9266 §2. */
const EXPORTED_BYTES = 32

/** The data of a connection whose handshake is done. */
export function channelBindingOf(socket: TLSSocket): ChannelBinding {
  return (type) => {
    if (type === 'tls-exporter') {
      // RFC 9266 §4.2: before TLS 1.3 it is safe only with what Node does not tell of.
      if (socket.getProtocol() !== 'TLSv1.3') return undefined
      return socket.exportKeyingMaterial(EXPORTED_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
    }
    // Not `getPeerX509Certificate`: Node 24 gives a client the certificate once, and to nobody afterwards.
    const { raw } = { ...socket.getPeerCertificate() }
    // A resumed session of TLS 1.2 shows no certificate.
    return raw instanceof Uint8Array ? digestServerCertificate(raw, systemCryptography) : undefined
  }
}
