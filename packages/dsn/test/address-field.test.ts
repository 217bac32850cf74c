import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTypedAddress, parseTypedAddress } from '../src/address-field.ts'

describe('formatTypedAddress', () => {
  it.each([
    { type: 'rfc822', address: 'a+b=c@example.org', ascii: 'rfc822;a+b=c@example.org' },
    { type: 'X400', address: '/S=Bob/', ascii: 'x400;/S=Bob/' },
    { type: 'no atom', address: 'x', ascii: 'unknown;x' },
    { type: 'rfc822', address: 'a\r\nb\u0000c@example.org', ascii: 'rfc822;a??b?c@example.org' },
    { type: 'utf-8', address: 'a+b@example.org', ascii: 'utf-8;a\\x{2B}b@example.org', utf8: 'utf-8;a+b@example.org' },
    {
      type: 'rfc822',
      address: 'jü=r@bü.example',
      ascii: 'utf-8;j\\x{FC}\\x{3D}r@b\\x{FC}.example',
      utf8: 'utf-8;jü=r@bü.example',
    },
    { type: 'utf-8', address: '😀@example.org', ascii: 'utf-8;\\x{1F600}@example.org', utf8: 'utf-8;😀@example.org' },
    {
      type: 'utf-8',
      address: '"ü \\" x"@a',
      ascii: 'utf-8;"\\x{FC}\\x{20}\\x{5C}"\\x{20}x"@a',
      utf8: 'utf-8;"ü\\x{20}\\x{5C}"\\x{20}x"@a',
    },
    { type: 'utf-8', address: 'half \ud800', ascii: 'utf-8;half\\x{20}?', utf8: 'utf-8;half ?' },
  ])('writes $type $address as $ascii (RFC 6533 §3)', ({ type, address, ascii, utf8 = ascii }) => {
    expect(formatTypedAddress({ type, address }, false)).toBe(ascii)
    expect(formatTypedAddress({ type, address }, true)).toBe(utf8)
  })

  it('gives any address back that is text without controls', () => {
    const address = fc.stringMatching(/^"[!#-'*-~éÿ😀 ]{0,20}"@[a-zü]{1,9}$/u)
    fc.assert(
      fc.property(address, fc.boolean(), (address, utf8) => {
        expect(parseTypedAddress(formatTypedAddress({ type: 'utf-8', address }, utf8))).toEqual({
          type: 'utf-8',
          address,
        })
      }),
    )
  })
})

describe('parseTypedAddress', () => {
  it.each([
    { value: 'rfc822;a@b', type: 'rfc822', address: 'a@b' },
    { value: ' RFC822 ;\t<a@b> ', type: 'rfc822', address: 'a@b' },
    { value: 'a@b', type: 'rfc822', address: 'a@b' },
    { value: '<a@b>', type: 'rfc822', address: 'a@b' },
    { value: 'rfc822; "Ada" <a@b>', type: 'rfc822', address: 'a@b' },
    { value: 'rfc822; a@b (expanded from: <c@d>)', type: 'rfc822', address: 'a@b' },
    { value: 'rfc822; "a;(b)"@c', type: 'rfc822', address: '"a;(b)"@c' },
    { value: '"a;b"@c', type: 'rfc822', address: '"a;b"@c' },
    { value: 'rfc822; <<a@b>>', type: 'rfc822', address: '<<a@b>>' },
    { value: 'rfc822; a@b>', type: 'rfc822', address: 'a@b>' },
    { value: 'LOCAL; <a@b>', type: 'local', address: 'a@b' },
    { value: 'x400; /S=Bob/ (x)', type: 'x400', address: '/S=Bob/ (x)' },
    { value: 'utf-8; j\\x{FC}rgen@b\\x{110000}\\x{D800}', type: 'utf-8', address: 'jürgen@b\\x{110000}\\x{D800}' },
    { value: 'UTF-8; jürgen@b', type: 'utf-8', address: 'jürgen@b' },
    { value: 'rfc822; j\\x{FC}@b', type: 'rfc822', address: 'j\\x{FC}@b' },
  ])('reads $value', ({ value, type, address }) => {
    expect(parseTypedAddress(value)).toEqual({ type, address })
  })

  it.each(['', ' ', 'rfc822;', 'rfc822; <>', 'rfc822; (nobody)'])('finds no address in "%s"', (value) => {
    expect(parseTypedAddress(value)).toBeUndefined()
  })
})
