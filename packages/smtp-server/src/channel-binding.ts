/** What ties an authentication to the TLS connection that it runs over (RFC 5929 §4.1, RFC 9266 §2), at the server. */

import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { systemCryptography } from '@postroad/runtime/system'
import { digestServerCertificate, EXPORTER_LABEL } from '@postroad/sasl'
import type { ChannelBindingType } from '@postroad/sasl'

/** As many bytes as RFC 9266 §2 says. */
const EXPORTED_BYTES = 32

/**
 * The data of a stream; `undefined` in clear, and where TLS does not give it: `tls-exporter` below TLS 1.3, and
 * `tls-server-end-point` where our certificate is signed with no hash, or one that is not told.
 */
export function channelBinding(stream: Duplex, type: ChannelBindingType): Uint8Array | undefined {
  if (!(stream instanceof TLSSocket) || stream.destroyed) return undefined
  switch (type) {
    case 'tls-exporter': {
      // Below, whether the master secret is unique Node does not tell (RFC 9266 §4.2).
      if (stream.getProtocol() !== 'TLSv1.3') return undefined
      return stream.exportKeyingMaterial(EXPORTED_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
    }
    case 'tls-server-end-point': {
      const certificate = stream.getX509Certificate()
      return certificate && digestServerCertificate(certificate.raw, systemCryptography)
    }
  }
}
