import { describe, expect, it } from 'vitest'
import { canonicalName, isPublicAddress, parseIpAddress, reverseName } from '../src/index.ts'

describe('IP addresses', () => {
  it.each([
    { text: '192.0.2.1', hex: 'c0000201' },
    { text: '::', hex: '00'.repeat(16) },
    { text: '::1', hex: `${'00'.repeat(15)}01` },
    { text: '2001:DB8::', hex: `20010db8${'00'.repeat(12)}` },
    { text: '1:2:3:4:5:6:7:8', hex: '00010002000300040005000600070008' },
    { text: '1::8', hex: `0001${'00'.repeat(12)}0008` },
    { text: '::ffff:192.0.2.1', hex: `${'00'.repeat(10)}ffffc0000201` },
    { text: '64:ff9b::10.0.0.1', hex: `0064ff9b${'00'.repeat(8)}0a000001` },
    { text: '1:2:3:4:5:6:1.2.3.4', hex: '00010002000300040005000601020304' },
  ])('$text is $hex', ({ text, hex }) => {
    expect(Buffer.from(parseIpAddress(text) ?? []).toString('hex')).toBe(hex)
  })

  it.each([
    '',
    'example.org',
    '1.2.3',
    '01.2.3.4',
    '127.1',
    '0x7f.1',
    ':::',
    '1:2:3:4:5:6:7:8:9',
    'fe80::1%eth0',
    '[::1]',
    ' ::1',
  ])('"%s" is none', (text) => {
    expect(parseIpAddress(text)).toBeUndefined()
    expect(isPublicAddress(text)).toBe(false)
  })

  it.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.167.255.255',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450::1',
    '2001:4860::8888',
    '2001:200::1',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
  ])('%s is public', (text) => {
    expect(isPublicAddress(text)).toBe(true)
  })

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.1.2.3',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.255',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::8.8.8.8',
    '::ffff:8.8.8.8',
    '::ffff:127.0.0.1',
    '100::1',
    'fc00::1',
    'fdff::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    '2001::1',
    '2001:2::1',
    '2001:10::1',
    '2001:db8::1',
    '3fff::1',
    '5f00::1',
    '4000::1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::127.0.0.1',
    '64:ff9b:1::8.8.8.8',
    '2002:a00:1::1',
    '2002:7f00:1::1',
    '2002:c0a8:101::1',
  ])('%s is not public', (text) => {
    expect(isPublicAddress(text)).toBe(false)
  })
})

describe('names', () => {
  it.each([
    { text: 'Example.ORG.', name: 'example.org' },
    { text: '.', name: '.' },
    { text: '_dmarc.example.org', name: '_dmarc.example.org' },
    { text: `${'a.'.repeat(126)}a`, name: `${'a.'.repeat(126)}a` },
    { text: 'a.'.repeat(128), name: undefined },
    { text: '', name: undefined },
    { text: '..', name: undefined },
    { text: 'a b', name: undefined },
    { text: 'é.example', name: undefined },
    { text: 'x'.repeat(64), name: undefined },
  ])('$text is $name (RFC 1035 §2.3.4)', ({ text, name }) => {
    expect(canonicalName(text)).toBe(name)
  })

  it.each([
    { address: '192.0.2.1', name: '1.2.0.192.in-addr.arpa' },
    { address: '2001:db8::1', name: '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa' },
    { address: 'example.org', name: undefined },
  ])('of $address is $name', ({ address, name }) => {
    expect(reverseName(address)).toBe(name)
  })
})
