import { assert, constantFrom, property, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_PROXY_HEADER_BYTES, readProxyHeader } from '../src/proxy-header.ts'
import { binaryHeader } from './proxy-bytes.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')

describe('version 1', () => {
  it.each([
    {
      text: 'PROXY TCP4 192.0.2.1 198.51.100.1 40000 25\r\n',
      peer: { remoteAddress: '192.0.2.1', remotePort: 40_000, localPort: 25 },
    },
    {
      text: 'PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n',
      peer: { remoteAddress: '255.255.255.255', remotePort: 65_535, localPort: 65_535 },
    },
    {
      text: 'PROXY TCP6 2001:DB8:0:0:0:0:0:1 2001:db8::2 0 465\r\n',
      peer: { remoteAddress: '2001:db8::1', remotePort: 0, localPort: 465 },
    },
    {
      text: `PROXY TCP6 ${Array(8).fill('ffff').join(':')} ${Array(8).fill('ffff').join(':')} 65535 65535\r\n`,
      peer: { remoteAddress: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', remotePort: 65_535, localPort: 65_535 },
    },
    { text: 'PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n', peer: { remoteAddress: '::ffff:192.0.2.1' } },
  ])('$text', ({ text, peer }) => {
    expect(readProxyHeader(bytes(`${text}EHLO a\r\n`))).toMatchObject({
      kind: 'header',
      lengthBytes: text.length,
      peer,
    })
  })

  it.each([
    'PROXY UNKNOWN\r\n',
    'PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n',
    'PROXY UNKNOWN whatever it may be\r\n',
  ])('%j: the connection speaks for itself', (text) => {
    expect(readProxyHeader(bytes(text))).toEqual({ kind: 'header', lengthBytes: text.length })
  })

  it.each([
    { why: 'another command', text: 'EHLO a\r\n' },
    { why: 'lower case', text: 'proxy TCP4 192.0.2.1 198.51.100.1 40000 25\r\n' },
    { why: 'no family', text: 'PROXY \r\n' },
    { why: 'an unknown family', text: 'PROXY UDP4 192.0.2.1 198.51.100.1 40000 25\r\n' },
    { why: 'a bare LF', text: 'PROXY TCP4 192.0.2.1 198.51.100.1 40000 25\n' },
    { why: 'a field less', text: 'PROXY TCP4 192.0.2.1 198.51.100.1 40000\r\n' },
    { why: 'a field more', text: 'PROXY TCP4 192.0.2.1 198.51.100.1 40000 25 25\r\n' },
    { why: 'two spaces', text: 'PROXY TCP4  192.0.2.1 198.51.100.1 40000 25\r\n' },
    { why: 'an address of the other family', text: 'PROXY TCP4 2001:db8::1 2001:db8::2 40000 25\r\n' },
    { why: 'another of the other', text: 'PROXY TCP6 192.0.2.1 198.51.100.1 40000 25\r\n' },
    { why: 'no address', text: 'PROXY TCP4 192.0.2.256 198.51.100.1 40000 25\r\n' },
    { why: 'an address with an interface', text: 'PROXY TCP6 fe80::1%eth0 2001:db8::2 40000 25\r\n' },
    { why: 'a port that is too high', text: 'PROXY TCP4 192.0.2.1 198.51.100.1 65536 25\r\n' },
    { why: 'a port with a zero before it', text: 'PROXY TCP4 192.0.2.1 198.51.100.1 040000 25\r\n' },
    { why: 'a port with a sign', text: 'PROXY TCP4 192.0.2.1 198.51.100.1 +4000 25\r\n' },
    { why: 'a line of 108 bytes', text: `PROXY UNKNOWN ${'x'.repeat(92)}\r\n` },
    { why: 'no end within 107 bytes', text: `PROXY UNKNOWN ${'x'.repeat(93)}` },
  ])('refuses $why', ({ text }) => {
    expect(readProxyHeader(bytes(text))).toEqual({ kind: 'bad' })
  })

  it('takes a line of 107 bytes', () => {
    const text = `PROXY UNKNOWN ${'x'.repeat(91)}\r\n`
    expect(readProxyHeader(bytes(text))).toEqual({ kind: 'header', lengthBytes: 107 })
  })
})

describe('version 2', () => {
  it.each([
    {
      what: 'TCP over IPv4',
      header: binaryHeader({ family: 0x11, addresses: [192, 0, 2, 1, 198, 51, 100, 1, 0x9c, 0x40, 0, 25] }),
      peer: { remoteAddress: '192.0.2.1', remotePort: 40_000, localPort: 25 },
    },
    {
      what: 'TCP over IPv6',
      header: binaryHeader({
        family: 0x21,
        addresses: [...Buffer.from(`20010db8${'0'.repeat(22)}01${'09'.repeat(16)}01020304`, 'hex')],
      }),
      peer: { remoteAddress: '2001:db8::1', remotePort: 258, localPort: 772 },
    },
    {
      what: 'a unix socket',
      header: binaryHeader({ family: 0x31, addresses: Array<number>(216).fill(0x61) }),
      peer: { remoteAddress: '', remotePort: 0, localPort: 0 },
    },
  ])('$what, with TLVs or without', ({ header, peer }) => {
    for (const tlvs of [[], [0x04, 0, 3, 1, 2, 3], Array<number>(2_000).fill(0)]) {
      const whole = binaryHeader({ ...header.parts, tlvs })
      const read = readProxyHeader(Buffer.concat([whole.bytes, bytes('EHLO a\r\n')]))
      expect(read).toEqual({ kind: 'header', lengthBytes: whole.bytes.length, peer })
    }
  })

  it.each([
    { what: 'LOCAL', header: binaryHeader({ command: 0x20, family: 0, addresses: [] }) },
    { what: 'LOCAL with addresses', header: binaryHeader({ command: 0x20, family: 0x11, addresses: [1, 2, 3] }) },
    { what: 'LOCAL of any family', header: binaryHeader({ command: 0x20, family: 0x42, addresses: [] }) },
    { what: 'an unspecified family', header: binaryHeader({ family: 0, addresses: [9, 9, 9] }) },
  ])('$what: the connection speaks for itself', ({ header }) => {
    expect(readProxyHeader(header.bytes)).toEqual({ kind: 'header', lengthBytes: header.bytes.length })
  })

  const addresses = [192, 0, 2, 1, 198, 51, 100, 1, 0x9c, 0x40, 0, 25]
  it.each([
    { why: 'another version', header: binaryHeader({ command: 0x11, family: 0x11, addresses }) },
    { why: 'another command', header: binaryHeader({ command: 0x22, family: 0x11, addresses }) },
    { why: 'datagrams', header: binaryHeader({ family: 0x12, addresses }) },
    { why: 'an unknown family', header: binaryHeader({ family: 0x41, addresses }) },
    { why: 'too few addresses', header: binaryHeader({ family: 0x11, addresses: addresses.slice(1) }) },
    { why: 'too few of IPv6', header: binaryHeader({ family: 0x21, addresses }) },
    {
      why: 'more than is taken',
      header: binaryHeader({ family: 0x11, addresses, tlvs: Array<number>(4_090).fill(0) }),
    },
  ])('refuses $why, before all of it has come', ({ header }) => {
    expect(readProxyHeader(header.bytes)).toEqual({ kind: 'bad' })
    expect(readProxyHeader(header.bytes.subarray(0, 16))).toEqual({ kind: 'bad' })
  })

  it('refuses a signature at its first wrong byte', () => {
    const { bytes: header } = binaryHeader({ family: 0x11, addresses })
    for (let index = 0; index < 12; index += 1) {
      const wrong = header.slice()
      wrong[index] = 0x58
      expect(readProxyHeader(wrong.subarray(0, index + 1))).toEqual({ kind: 'bad' })
    }
  })
})

describe('any bytes', () => {
  const headers = [
    bytes('PROXY TCP4 192.0.2.1 198.51.100.1 40000 25\r\n'),
    bytes('PROXY UNKNOWN\r\n'),
    binaryHeader({ family: 0x11, addresses: [192, 0, 2, 1, 198, 51, 100, 1, 1, 2, 3, 4], tlvs: [1, 2, 3] }).bytes,
    binaryHeader({ command: 0x20, family: 0, addresses: [] }).bytes,
  ]

  it.each(headers)('wherever a header is cut, more is wanted, and no more than it has', (header) => {
    const whole = readProxyHeader(header)
    for (let length = 0; length < header.length; length += 1) {
      const read = readProxyHeader(header.subarray(0, length))
      expect(read.kind).toBe('more')
      if (read.kind !== 'more') continue
      expect(read.atLeastBytes).toBeGreaterThan(length)
      expect(read.atLeastBytes).toBeLessThanOrEqual(header.length)
    }
    expect(whole).toMatchObject({ kind: 'header', lengthBytes: header.length })
  })

  it('never throws, never wants more than its bound, and a header stays one whatever follows', () => {
    const start = constantFrom(...headers, bytes('PROXY '), headers[2]?.subarray(0, 12) ?? bytes(''), bytes(''))
    assert(
      property(start, uint8Array({ maxLength: 300 }), uint8Array({ maxLength: 50 }), (first, any, behind) => {
        const input = Buffer.concat([first, any])
        const read = readProxyHeader(input)
        if (read.kind === 'more') {
          expect(read.atLeastBytes).toBeGreaterThan(input.length)
          expect(read.atLeastBytes).toBeLessThanOrEqual(MAX_PROXY_HEADER_BYTES)
        }
        if (read.kind === 'header') expect(read.lengthBytes).toBeLessThanOrEqual(input.length)
        if (read.kind !== 'more') expect(readProxyHeader(Buffer.concat([input, behind]))).toEqual(read)
      }),
    )
  })
})
