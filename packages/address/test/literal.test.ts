/** Address literals (RFC 5321 §4.1.3). */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isAddressLiteral, literalAddress, parseDomain } from '../src/index.ts'
import { domain } from './values.ts'

describe('parseDomain', () => {
  it.each([
    { text: '[192.0.2.1]', value: '[192.0.2.1]' },
    { text: '[255.255.255.255]', value: '[255.255.255.255]' },
    { text: '[001.02.0.000]', value: '[1.2.0.0]' },
    { text: '[IPv6:2001:db8:0:0:0:0:0:1]', value: '[IPv6:2001:db8::1]' },
    { text: '[ipv6:2001:DB8::1]', value: '[IPv6:2001:db8::1]' },
    { text: '[IPv6:::]', value: '[IPv6:::]' },
    { text: '[IPv6:::1]', value: '[IPv6:::1]' },
    { text: '[IPv6:1::]', value: '[IPv6:1::]' },
    { text: '[IPv6:0:0:0:0:0:0:0:0]', value: '[IPv6:::]' },
    { text: '[IPv6:1:0:0:2:0:0:0:3]', value: '[IPv6:1:0:0:2::3]' },
    { text: '[IPv6:1:0:0:2:3:0:0:4]', value: '[IPv6:1::2:3:0:0:4]' },
    { text: '[IPv6:1:0:2:3:4:5:6:7]', value: '[IPv6:1:0:2:3:4:5:6:7]' },
    { text: '[IPv6:0001:0002:0003:0004:0005:0006:0007:0008]', value: '[IPv6:1:2:3:4:5:6:7:8]' },
    { text: '[IPv6:::ffff:192.0.2.1]', value: '[IPv6:::ffff:192.0.2.1]' },
    { text: '[IPv6:0:0:0:0:0:ffff:c000:201]', value: '[IPv6:::ffff:192.0.2.1]' },
    { text: '[IPv6:1:2:3:4:5:6:192.0.2.1]', value: '[IPv6:1:2:3:4:5:6:c000:201]' },
    { text: '[IPv6:1:2:3:4::192.0.2.1]', value: '[IPv6:1:2:3:4::c000:201]' },
    { text: '[IPv6:::192.0.2.1]', value: '[IPv6:::c000:201]' },
  ])('gives $value for $text', ({ text, value }) => {
    expect(parseDomain(text)).toEqual({ ok: true, value })
    expect(parseDomain(value)).toEqual({ ok: true, value })
  })

  it.each([
    '[',
    '[]',
    '[192.0.2.1',
    '[192.0.2]',
    '[192.0.2.1.1]',
    '[192.0.2.256]',
    '[192.0.2.1000]',
    '[192.0.2.]',
    '[192.0..1]',
    '[192.0.2.x]',
    '[ 192.0.2.1]',
    '[IPv6:]',
    '[IPv6:1]',
    '[IPv6:192.0.2.1]',
    '[IPv6:1:2:3:4:5:6:7]',
    '[IPv6:1:2:3:4:5:6:7:8:9]',
    '[IPv6:1:2:3:4:5:6::7]',
    '[IPv6:1:2:3:4:5:6:7:12345]',
    '[IPv6:1:2:3:4:5:6:7:g]',
    '[IPv6:1::2::3]',
    '[IPv6:::::]',
    '[IPv6::1]',
    '[IPv6:1::2:]',
    '[IPv6:1:2:3:4:5:192.0.2.1]',
    '[IPv6:1:2:3:4:5::192.0.2.1]',
    '[IPv6:1:2:3:4:5:6:192.0.2.256]',
    '[IPv6:fe80::1%eth0]',
    '[1111:2222:3333:4444:5555:6666:7777:8888]',
    '[tag:content]',
    '[x]',
    '[:x]',
    `[IPv6:${'0'.repeat(1_000_000)}]`,
    '['.repeat(1_000_000),
  ])('refuses %s', (text) => {
    expect(parseDomain(text)).toMatchObject({ ok: false, error: { rule: 'address-literal' } })
  })

  it('refuses what follows the bracket', () => {
    expect(parseDomain('[192.0.2.1].org')).toMatchObject({ ok: false, error: { rule: 'Domain', offset: 11 } })
  })

  it.each([
    { text: '[X-Net:Some!Thing]', value: '[x-net:Some!Thing]' },
    { text: '[x-net:a:b]', value: '[x-net:a:b]' },
    { text: '[x-net:]', value: undefined },
    { text: '[x-net:a b]', value: undefined },
    { text: '[x-net:a[b]', value: undefined },
    { text: '[other:a]', value: undefined },
    { text: '[x_net:a]', value: undefined },
    { text: '[x-:a]', value: undefined },
  ])('reads the general literal $text only with a known tag', ({ text, value }) => {
    expect(parseDomain(text).ok).toBe(false)
    const parsed = parseDomain(text, { literalTags: ['X-Net', 'x-', 'x_net'] })
    expect(parsed.ok ? parsed.value : undefined).toBe(value)
  })

  it('writes every address so that it reads the same', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6().map((address) => `IPv6:${address}`),
        ),
        (content) => {
          const parsed = parseDomain(`[${content}]`)
          if (parsed.ok) expect(parseDomain(parsed.value)).toEqual(parsed)
          else expect(content).toContain('::')
        },
      ),
    )
  })
})

describe('literalAddress', () => {
  it('gives what a socket takes', () => {
    expect(literalAddress(domain('[192.0.2.1]'))).toEqual({ family: 4, address: '192.0.2.1' })
    expect(literalAddress(domain('[IPv6:2001:DB8::1]'))).toEqual({ family: 6, address: '2001:db8::1' })
    expect(literalAddress(domain('192.0.2.1'))).toBeUndefined()
    const general = parseDomain('[x-net:a]', { literalTags: ['x-net'] })
    expect(general.ok && literalAddress(general.value)).toBeUndefined()
  })

  it('is told apart from a name', () => {
    expect(isAddressLiteral(domain('[192.0.2.1]'))).toBe(true)
    expect(isAddressLiteral(domain('192.0.2.1'))).toBe(false)
  })
})
