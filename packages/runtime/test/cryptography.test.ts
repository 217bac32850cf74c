/** The machine's cryptography, by the examples of the RFCs. */

import { describe, expect, it } from 'vitest'
import { systemCryptography as cryptography } from '../src/system.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1')

describe('digest', () => {
  it.each([
    { source: 'RFC 1321', algorithm: 'md5', value: '900150983cd24fb0d6963f7d28e17f72' },
    { source: 'RFC 6234', algorithm: 'sha1', value: 'a9993e364706816aba3e25717850c26c9cd0d89d' },
    {
      source: 'RFC 6234',
      algorithm: 'sha256',
      value: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    },
    {
      source: 'RFC 6234',
      algorithm: 'sha384',
      value: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    },
    {
      source: 'RFC 6234',
      algorithm: 'sha512',
      value:
        'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
        '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    },
  ] as const)('of "abc" by $algorithm is as in $source', ({ algorithm, value }) => {
    expect(hex(cryptography.digest(algorithm, ascii('abc')))).toBe(value)
  })

  it.each([
    { algorithm: 'md5', bytes: 16 },
    { algorithm: 'sha1', bytes: 20 },
    { algorithm: 'sha256', bytes: 32 },
    { algorithm: 'sha384', bytes: 48 },
    { algorithm: 'sha512', bytes: 64 },
  ] as const)('by $algorithm has $bytes bytes, as its HMAC and its derived key have', async ({ algorithm, bytes }) => {
    expect(cryptography.digest(algorithm, ascii(''))).toHaveLength(bytes)
    expect(cryptography.hmac(algorithm, ascii(''), ascii(''))).toHaveLength(bytes)
    expect(await cryptography.pbkdf2(algorithm, ascii('p'), ascii('s'), 1)).toHaveLength(bytes)
  })
})

describe('hmac', () => {
  it.each([
    {
      source: 'RFC 2202',
      algorithm: 'md5',
      key: '0b'.repeat(16),
      text: 'Hi There',
      value: '9294727a3638bb1c13f48ef8158bfc9d',
    },
    {
      source: 'RFC 2202',
      algorithm: 'sha1',
      key: '0b'.repeat(20),
      text: 'Hi There',
      value: 'b617318655057264e28bc0b6fb378c8ef146be00',
    },
    {
      source: 'RFC 4231',
      algorithm: 'sha256',
      key: '0b'.repeat(20),
      text: 'Hi There',
      value: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    },
    {
      source: 'RFC 4231, a key longer than a block',
      algorithm: 'sha256',
      key: 'aa'.repeat(131),
      text: 'Test Using Larger Than Block-Size Key - Hash Key First',
      value: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    },
  ] as const)('by $algorithm is as in $source', ({ algorithm, key, text, value }) => {
    expect(hex(cryptography.hmac(algorithm, Buffer.from(key, 'hex'), ascii(text)))).toBe(value)
  })
})

describe('pbkdf2', () => {
  it.each([
    { iterations: 1, value: '0c60c80f961f0e71f3a9b524af6012062fe037a6' },
    { iterations: 2, value: 'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957' },
    { iterations: 4096, value: '4b007901b765489abead49d926f721d065a429c1' },
  ])('derives the key of RFC 6070 in $iterations iterations', async ({ iterations, value }) => {
    expect(hex(await cryptography.pbkdf2('sha1', ascii('password'), ascii('salt'), iterations))).toBe(value)
  })

  it('derives the beginning of the key of RFC 7914 §11 by SHA-256', async () => {
    expect(hex(await cryptography.pbkdf2('sha256', ascii('passwd'), ascii('salt'), 1))).toBe(
      '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc',
    )
  })

  it('rejects what no key can be derived by', async () => {
    await expect(cryptography.pbkdf2('sha1', ascii('p'), ascii('s'), 0)).rejects.toThrow()
  })
})

describe('equal', () => {
  it.each([
    { a: '', b: '', value: true },
    { a: 'abc', b: 'abc', value: true },
    { a: 'abc', b: 'abd', value: false },
    { a: 'abc', b: 'ab', value: false },
  ])('of "$a" and "$b" is $value', ({ a, b, value }) => {
    expect(cryptography.equal(ascii(a), ascii(b))).toBe(value)
  })
})
