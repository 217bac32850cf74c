/**
 * Channel binding of TLS (RFC 5929, RFC 9266): proof that both ends of an exchange see the same TLS channel.
 *
 * Which type is used: `tls-exporter` where the channel gives it, else `tls-server-end-point`. A channel gives
 * `tls-exporter` under TLS 1.3 and later alone: under TLS 1.2 it is safe only with the extended master secret
 * (RFC 9266 §4.2), and whether that was agreed on Node does not tell.
 *
 * Deviation: RFC 5802 §6.1 makes `tls-unique` the default under TLS 1.2. It is not here: it has the same weakness, and
 * TLS 1.3 has none (RFC 9266 §3).
 */

import type { Cryptography, DigestAlgorithm } from '@postroad/runtime'

/** A way to name a TLS channel. */
export type ChannelBindingType = 'tls-exporter' | 'tls-server-end-point'

/**
 * The data of a channel; `undefined` where the channel does not give it, as in clear.
 *
 * - `tls-exporter`: 32 bytes of keying material, label `EXPORTER-Channel-Binding`, an empty context (RFC 9266 §2); only
 *   under TLS 1.3 and later.
 * - `tls-server-end-point`: the server's certificate digested (RFC 5929 §4.1), as `digestServerCertificate` does.
 */
export type ChannelBinding = (type: ChannelBindingType) => Uint8Array | undefined

/** In order of preference. */
export const CHANNEL_BINDING_TYPES: readonly ChannelBindingType[] = ['tls-exporter', 'tls-server-end-point']

/** The label under which keying material is exported for `tls-exporter` (RFC 9266 §2). */
export const EXPORTER_LABEL = 'EXPORTER-Channel-Binding'

/** The best type that the channel gives, and its data. */
export function chooseChannelBinding(
  channelBinding: ChannelBinding | undefined,
): { readonly type: ChannelBindingType; readonly data: Uint8Array } | undefined {
  for (const type of CHANNEL_BINDING_TYPES) {
    const data = channelBinding?.(type)
    if (data !== undefined) return { type, data }
  }
  return undefined
}

/**
 * Signature algorithms of certificates by the last bytes of their object identifiers, and the digest that
 * `tls-server-end-point` takes for each: the algorithm's own, SHA-256 in the place of MD5 and SHA-1 (RFC 5929 §4.1).
 */
const RSA = '2a864886f70d0101'
const ECDSA = '2a8648ce3d04'
const SIGNATURE_DIGESTS: ReadonlyMap<string, DigestAlgorithm> = new Map([
  [`${RSA}04`, 'sha256'],
  [`${RSA}05`, 'sha256'],
  [`${RSA}0b`, 'sha256'],
  [`${RSA}0c`, 'sha384'],
  [`${RSA}0d`, 'sha512'],
  [`${ECDSA}01`, 'sha256'],
  [`${ECDSA}0302`, 'sha256'],
  [`${ECDSA}0303`, 'sha384'],
  [`${ECDSA}0304`, 'sha512'],
])

const SEQUENCE = 0x30
const OBJECT_IDENTIFIER = 0x06

/**
 * The data of `tls-server-end-point` for a server's certificate (RFC 5929 §4.1).
 *
 * `undefined` where that is not defined or not known: the signature algorithm has no single digest of its own (Ed25519)
 * or names it in its parameters (RSASSA-PSS), or `certificate` is none.
 *
 * @param certificate In DER, as it was sent in the handshake.
 */
export function digestServerCertificate(certificate: Uint8Array, cryptography: Cryptography): Uint8Array | undefined {
  // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { algorithm OBJECT IDENTIFIER ... } ... }
  const whole = readElement(certificate, 0, SEQUENCE)
  const signed = whole && readElement(certificate, whole.start, SEQUENCE)
  const algorithm = signed && readElement(certificate, signed.end, SEQUENCE)
  const identifier = algorithm && readElement(certificate, algorithm.start, OBJECT_IDENTIFIER)
  if (identifier === undefined) return undefined
  let name = ''
  for (const byte of certificate.subarray(identifier.start, identifier.end)) name += byte.toString(16).padStart(2, '0')
  const digest = SIGNATURE_DIGESTS.get(name)
  return digest && cryptography.digest(digest, certificate)
}

/** Where the content of an element of DER begins and ends; `undefined` where no such element stands at `at`. */
function readElement(
  bytes: Uint8Array,
  at: number,
  tag: number,
): { readonly start: number; readonly end: number } | undefined {
  const [found, first = 0] = bytes.subarray(at, at + 2)
  if (found !== tag) return undefined
  let start = at + 2
  let length = first
  if (first > 0x7f) {
    const more = first - 0x80
    if (more > 3) return undefined
    length = bytes.subarray(start, start + more).reduce((sum, byte) => sum * 256 + byte, 0)
    start += more
  }
  const end = start + length
  return end > bytes.length ? undefined : { start, end }
}
