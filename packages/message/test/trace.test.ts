import { mailboxOf } from '@postroad/address'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countReceived, formatReceived, formatReturnPath, parseHeader, parseReceived } from '../src/index.ts'
import type { Stamp } from '../src/index.ts'
import { bytes } from './texts.ts'

const stamp: Stamp = {
  helo: 'client.example.org',
  remoteAddress: '192.0.2.7',
  by: 'mx.example.net',
  protocol: 'ESMTP',
  id: '01ABCDEF',
  at: Date.UTC(2025, 10, 21, 9, 55, 6),
}

describe('formatReceived', () => {
  it.each<{ what: string; with: Partial<Stamp>; value: string }>([
    {
      what: 'one hop (RFC 5321 §4.4)',
      with: {},
      value:
        'from client.example.org ([192.0.2.7]) by mx.example.net with ESMTP id 01ABCDEF; Fri, 21 Nov 2025 09:55:06 +0000',
    },
    {
      what: 'the name of the look-up',
      with: { remoteName: 'host7.example.org' },
      value:
        'from client.example.org (host7.example.org [192.0.2.7]) by mx.example.net with ESMTP id 01ABCDEF; Fri, 21 Nov 2025 09:55:06 +0000',
    },
    {
      what: 'the one recipient',
      with: { for: 'ada@example.net' },
      value:
        'from client.example.org ([192.0.2.7]) by mx.example.net with ESMTP id 01ABCDEF for <ada@example.net>; Fri, 21 Nov 2025 09:55:06 +0000',
    },
    {
      what: 'TLS (RFC 8314 §4.3)',
      with: { protocol: 'ESMTPSA', tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' } },
      value:
        'from client.example.org ([192.0.2.7]) by mx.example.net with ESMTPSA id 01ABCDEF tls TLS_AES_128_GCM_SHA256 (TLSv1.3); Fri, 21 Nov 2025 09:55:06 +0000',
    },
    {
      what: 'the group of TLS, and a cipher by its number (RFC 8314 §4.3)',
      with: { tls: { version: 'TLSv1.3', cipher: '0x1301', group: 'x25519' } },
      value:
        'from client.example.org ([192.0.2.7]) by mx.example.net with ESMTP id 01ABCDEF tls 0x1301 group x25519 (TLSv1.3); Fri, 21 Nov 2025 09:55:06 +0000',
    },
    {
      what: 'the priority (RFC 6710 §7)',
      with: { priority: -3 },
      value:
        'from client.example.org ([192.0.2.7]) by mx.example.net with ESMTP id 01ABCDEF priority -3; Fri, 21 Nov 2025 09:55:06 +0000',
    },
    {
      what: 'a cipher whose name is not registered',
      with: { tls: { version: 'TLSv1.2', cipher: 'AES128-SHA' } },
      value:
        'from client.example.org ([192.0.2.7]) by mx.example.net with ESMTP id 01ABCDEF (TLSv1.2); Fri, 21 Nov 2025 09:55:06 +0000',
    },
  ])('writes $what', ({ with: changes, value }) => {
    expect(formatReceived({ ...stamp, ...changes }).value).toBe(value)
  })

  it.each<{ what: string; with: Partial<Stamp>; from: string; comments: string[] }>([
    {
      what: 'IPv6',
      with: { remoteAddress: '2001:db8::1' },
      from: 'client.example.org',
      comments: ['[IPv6:2001:db8::1]'],
    },
    {
      what: 'IPv4 in IPv6',
      with: { remoteAddress: '::ffff:192.0.2.1' },
      from: 'client.example.org',
      comments: ['[192.0.2.1]'],
    },
    {
      what: 'a link-local address',
      with: { remoteAddress: 'fe80::1%eth0' },
      from: 'client.example.org',
      comments: ['[IPv6:fe80::1]'],
    },
    { what: 'a literal as name', with: { helo: '[192.0.2.9]' }, from: '[192.0.2.9]', comments: ['[192.0.2.7]'] },
    { what: 'no name', with: { helo: undefined }, from: '[192.0.2.7]', comments: ['[192.0.2.7]'] },
    { what: 'no name and no address', with: { helo: undefined, remoteAddress: '' }, from: 'localhost', comments: [] },
    {
      what: 'an address that is none',
      with: { remoteAddress: 'xyz:/socket' },
      from: 'client.example.org',
      comments: [],
    },
    {
      what: 'a name with blanks',
      with: { helo: 'my pc' },
      from: '[192.0.2.7]',
      comments: ['[192.0.2.7]', 'helo=my?pc'],
    },
    { what: 'an empty name', with: { helo: '' }, from: '[192.0.2.7]', comments: ['[192.0.2.7]', 'helo='] },
    {
      what: 'a name that would break out',
      with: { helo: 'a) by evil (\r\nBcc: x' },
      from: '[192.0.2.7]',
      comments: ['[192.0.2.7]', 'helo=a??by?evil????Bcc:?x'],
    },
    {
      what: 'a name of a look-up that would break out',
      with: { remoteName: 'a) by evil (' },
      from: 'client.example.org',
      comments: ['[192.0.2.7]'],
    },
    {
      what: 'a very long name',
      with: { helo: 'x'.repeat(5_000) },
      from: '[192.0.2.7]',
      comments: ['[192.0.2.7]', `helo=${'x'.repeat(255)}`],
    },
  ])('writes $what', ({ with: changes, from, comments }) => {
    const { clauses } = parseReceived(formatReceived({ ...stamp, ...changes }).value)
    expect(clauses.get('from')).toEqual({ value: from, comments })
    expect(clauses.get('by')?.value).toBe('mx.example.net')
  })

  it('folds below 79', () => {
    const { raw } = formatReceived({ ...stamp, for: 'ada@example.net', remoteName: 'host7.example.org' })
    const lines = Buffer.from(raw).toString().split('\r\n')
    expect(lines.length).toBeGreaterThan(2)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78)
  })

  it('is one field with one reading, whatever a peer says', () => {
    const said = fc.string({ unit: 'binary', maxLength: 100 })
    fc.assert(
      fc.property(said, said, said, said, (helo, remoteAddress, remoteName, path) => {
        const field = formatReceived({ ...stamp, helo, remoteAddress, remoteName, for: path })
        expect(parseHeader(field.raw).fields).toHaveLength(1)
        const { clauses, date } = parseReceived(field.value)
        expect(clauses.get('by')).toEqual({ value: 'mx.example.net', comments: [] })
        expect(clauses.get('id')?.value).toBe('01ABCDEF')
        expect(date?.at).toBe(stamp.at)
      }),
    )
  })
})

describe('countReceived', () => {
  it('counts the hops (RFC 5321 §6.3)', () => {
    expect(countReceived(parseHeader(bytes('Received: 2\r\nRECEIVED: 1\r\nX-Received: 0\r\n')))).toBe(2)
  })
})

describe('formatReturnPath', () => {
  it('writes the null path and others (RFC 5321 §4.4)', () => {
    expect(formatReturnPath(null).value).toBe('<>')
    expect(formatReturnPath(mailboxOf('ada@example.org')).value).toBe('<ada@example.org>')
  })
})
