/** What a server stores for SCRAM (RFC 5802 §3). */

import { fromLatin1, toBase64 } from '@postroad/bytes'
import { systemCryptography as cryptography } from '@postroad/runtime/system'
import { describe, expect, it } from 'vitest'
import { deriveScramKeys, SaslKeysError, type ScramKeyOptions, verifyScramPassword } from '../src/index.ts'
import { base64, the } from './exchange.ts'

const options: ScramKeyOptions = {
  mechanism: 'SCRAM-SHA-256',
  salt: base64('W22ZaJ0SNY7soEsUEjb6gQ=='),
  iterations: 4_096,
  cryptography,
}

describe('keys', () => {
  it('are made of the password, the salt and the iterations', async () => {
    const keys = the(await deriveScramKeys('pencil', options))
    expect({ ...keys, storedKey: toBase64(keys.storedKey), serverKey: toBase64(keys.serverKey) }).toEqual({
      mechanism: 'SCRAM-SHA-256',
      salt: options.salt,
      iterations: 4_096,
      storedKey: 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=',
      serverKey: 'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    })
  })

  it('have the length of the digest', async () => {
    const keys = the(await deriveScramKeys('pencil', { ...options, mechanism: 'SCRAM-SHA-1' }))
    expect([keys.storedKey.length, keys.serverKey.length]).toEqual([20, 20])
  })

  it('are the same for passwords that SASLprep makes the same', async () => {
    expect(await deriveScramKeys('\u2168', options)).toEqual(await deriveScramKeys('I\u00adX', options))
  })

  it.each([
    { what: 'empty', password: '' },
    { what: 'empty once it is prepared', password: '\u00ad' },
    { what: 'prohibited', password: '\u0007' },
    { what: 'not assigned in Unicode 3.2', password: '\u{1f600}' },
  ])('are not made of a password that is $what', async ({ password }) => {
    expect(await deriveScramKeys(password, options)).toBeUndefined()
  })

  it.each([
    { what: 'without salt', wrong: { salt: new Uint8Array(0) } },
    { what: 'with a salt of 1,025 bytes', wrong: { salt: new Uint8Array(1_025) } },
    { what: 'in no iteration', wrong: { iterations: 0 } },
    { what: 'in half an iteration', wrong: { iterations: 0.5 } },
    { what: 'in more iterations than a machine counts', wrong: { iterations: 2 ** 31 } },
  ])('are not made $what: nobody could be let in by them', async ({ wrong }) => {
    await expect(deriveScramKeys('pencil', { ...options, ...wrong })).rejects.toThrow(SaslKeysError)
    const keys = the(await deriveScramKeys('pencil', options))
    await expect(verifyScramPassword('pencil', { ...keys, ...wrong }, cryptography)).rejects.toThrow(SaslKeysError)
  })
})

describe('a password', () => {
  it.each([
    { password: 'pencil', accepted: true },
    { password: 'pen\u00adcil', accepted: true },
    { password: 'Pencil', accepted: false },
    { password: '', accepted: false },
    { password: '\u0007', accepted: false },
  ])('$password is accepted by the keys: $accepted', async ({ password, accepted }) => {
    const keys = the(await deriveScramKeys('pencil', options))
    expect(await verifyScramPassword(password, keys, cryptography)).toBe(accepted)
  })

  it('is not accepted by damaged keys', async () => {
    const keys = the(await deriveScramKeys('pencil', options))
    expect(await verifyScramPassword('pencil', { ...keys, storedKey: fromLatin1('x') }, cryptography)).toBe(false)
  })
})
