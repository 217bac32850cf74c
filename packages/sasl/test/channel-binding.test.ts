/** Channel binding of TLS (RFC 5929, RFC 9266). */

import { fromLatin1 } from '@postroad/bytes'
import { systemCryptography as cryptography } from '@postroad/runtime/system'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseChannelBinding, digestServerCertificate } from '../src/index.ts'

const element = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const content = Buffer.concat(parts)
  const length = content.length
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Uint8Array.of(tag, ...head), content])
}
const hex = (text: string): Uint8Array => Buffer.from(text, 'hex')

/** Something that is built like a certificate: what is signed, the algorithm, the signature. */
const certificate = (identifier: string, signedBytes = 300): Uint8Array =>
  element(
    0x30,
    element(0x30, new Uint8Array(signedBytes)),
    element(0x30, element(0x06, hex(identifier)), hex('0500')),
    element(0x03, new Uint8Array(64)),
  )

describe('the choice', () => {
  const data = fromLatin1('data')

  it('is tls-exporter where the channel gives it, else tls-server-end-point', () => {
    expect(chooseChannelBinding(() => data)).toEqual({ type: 'tls-exporter', data })
    expect(chooseChannelBinding((type) => (type === 'tls-exporter' ? undefined : data))).toEqual({
      type: 'tls-server-end-point',
      data,
    })
  })

  it('is none where the channel gives nothing, or there is none', () => {
    expect(chooseChannelBinding(() => undefined)).toBeUndefined()
    expect(chooseChannelBinding(undefined)).toBeUndefined()
  })
})

describe('the digest of a certificate (RFC 5929 §4.1)', () => {
  it.each([
    { algorithm: 'md5WithRSAEncryption', identifier: '2a864886f70d010104', digest: 'sha256' },
    { algorithm: 'sha1WithRSAEncryption', identifier: '2a864886f70d010105', digest: 'sha256' },
    { algorithm: 'sha256WithRSAEncryption', identifier: '2a864886f70d01010b', digest: 'sha256' },
    { algorithm: 'sha384WithRSAEncryption', identifier: '2a864886f70d01010c', digest: 'sha384' },
    { algorithm: 'sha512WithRSAEncryption', identifier: '2a864886f70d01010d', digest: 'sha512' },
    { algorithm: 'ecdsa-with-SHA1', identifier: '2a8648ce3d0401', digest: 'sha256' },
    { algorithm: 'ecdsa-with-SHA256', identifier: '2a8648ce3d040302', digest: 'sha256' },
    { algorithm: 'ecdsa-with-SHA384', identifier: '2a8648ce3d040303', digest: 'sha384' },
    { algorithm: 'ecdsa-with-SHA512', identifier: '2a8648ce3d040304', digest: 'sha512' },
  ] as const)('is $digest for $algorithm', ({ identifier, digest }) => {
    for (const signedBytes of [3, 130, 300]) {
      const bytes = certificate(identifier, signedBytes)
      expect(digestServerCertificate(bytes, cryptography)).toEqual(cryptography.digest(digest, bytes))
    }
  })

  it.each([
    { algorithm: 'RSASSA-PSS', identifier: '2a864886f70d01010a' },
    { algorithm: 'Ed25519', identifier: '2b6570' },
  ])('is not defined for $algorithm', ({ identifier }) => {
    expect(digestServerCertificate(certificate(identifier), cryptography)).toBeUndefined()
  })

  it.each([
    { what: 'nothing', bytes: '' },
    { what: 'another element', bytes: '0400' },
    { what: 'an empty sequence', bytes: '3000' },
    { what: 'a sequence that is cut', bytes: '3005' },
    { what: 'a length of four bytes', bytes: '308400000000' },
    { what: 'no algorithm', bytes: '30023000' },
    { what: 'an algorithm without identifier', bytes: '300430003000' },
    { what: 'a tag alone', bytes: '30' },
  ])('is not there for $what', ({ bytes }) => {
    expect(digestServerCertificate(hex(bytes), cryptography)).toBeUndefined()
  })

  it('never throws, whatever the bytes', () => {
    const tag = fc.constantFrom(0x30, 0x06, 0, 1, 2, 0x80, 0x81, 0x82, 0x83, 0xff)
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 20 }), (values) => {
        expect(digestServerCertificate(Uint8Array.from(values), cryptography)).toBeUndefined()
      }),
    )
  })
})
