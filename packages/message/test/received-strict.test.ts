import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatReceived, parseReceived, parseReceivedStrict } from '../src/index.ts'

const DATE = 'Fri, 21 Nov 1997 09:55:06 -0600'
const date = { at: 880_127_706_000, offsetMinutes: -360 }

describe('parseReceivedStrict', () => {
  it.each([
    {
      value: `from a.example by b.example; ${DATE}`,
      from: { domain: 'a.example' },
      by: { domain: 'b.example' },
      additional: {},
    },
    {
      value: `FROM a.example (c.example [192.0.2.1]) (x) BY b.example ([IPv6:2001:db8::1]) (y) ; ${DATE} (z)`,
      from: { domain: 'a.example', address: '[192.0.2.1]', name: 'c.example' },
      by: { domain: 'b.example', address: '[IPv6:2001:db8::1]' },
      additional: {},
    },
    {
      value: `from [192.0.2.1] ([192.0.2.1]) by b.example (no address) via UUCP with ESMTPSA (c) id X1 for <d@b.example> tls TLS_AES_128_GCM_SHA256 group x25519 priority -3 (x); ${DATE}`,
      from: { domain: '[192.0.2.1]', address: '[192.0.2.1]' },
      by: { domain: 'b.example' },
      via: 'UUCP',
      with: 'ESMTPSA',
      id: 'X1',
      for: { localPart: 'd', domain: 'b.example' },
      additional: { tls: 'TLS_AES_128_GCM_SHA256', group: 'x25519', priority: '-3' },
    },
    {
      value: `from a.example ([192.0.2.1] [192.0.2.2]) by b.example id <1@a.example> for "d; e"@b.example x "y\\"; z"; ${DATE}`,
      from: { domain: 'a.example' },
      by: { domain: 'b.example' },
      id: '<1@a.example>',
      for: { localPart: 'd; e', domain: 'b.example' },
      additional: { x: '"y\\"; z"' },
    },
  ])('reads $value (RFC 5321 §4.4)', ({ value, additional, ...rest }) => {
    const received = parseReceivedStrict(value)
    expect(received).toEqual({ ok: true, value: { ...rest, additional: new Map(Object.entries(additional)), date } })
  })

  it.each([
    { value: '', rule: 'Stamp', offset: 0, expected: '"FROM" and white space' },
    { value: 'by b.example; x', rule: 'Stamp', offset: 0, expected: '"FROM" and white space' },
    { value: 'from a_b.example by', rule: 'sub-domain', offset: 6, expected: expect.any(String) as string },
    { value: 'from a.example', rule: 'Stamp', offset: 14, expected: '"BY" and white space' },
    { value: 'from [192.0.2.1] by b.example', rule: 'Extended-Domain', offset: 17, expected: 'TCP-info' },
    { value: 'from a.example by @', rule: 'Domain', offset: 18, expected: expect.any(String) as string },
    { value: 'from a.example by b.example via a.b', rule: 'Link', offset: 32, expected: 'an atom' },
    { value: 'from a.example by b.example with ;', rule: 'Protocol', offset: 33, expected: 'an atom' },
    { value: 'from a.example by b.example id <x>', rule: 'ID', offset: 31, expected: 'an atom' },
    { value: 'from a.example by b.example for <x>', rule: 'Mailbox', offset: 34, expected: '"@"' },
    { value: 'from a.example by b.example for x', rule: 'Mailbox', offset: 33, expected: '"@"' },
    { value: 'from a.example by b.example x; y', rule: 'String', offset: 29, expected: 'an atom or a quoted string' },
    {
      value: 'from a.example by b.example x "y; z',
      rule: 'String',
      offset: 30,
      expected: 'an atom or a quoted string',
    },
    { value: 'from a.example by b.example x "y"z', rule: 'String', offset: 30, expected: 'an atom or a quoted string' },
    {
      value: 'from a.example by b.example a b a b',
      rule: 'Additional-Registered-Clauses',
      offset: 32,
      expected: 'a clause or ";"',
    },
    {
      value: 'from a.example by b.example (open',
      rule: 'Additional-Registered-Clauses',
      offset: 28,
      expected: 'a clause or ";"',
    },
    { value: 'from a.example by b.example', rule: 'Stamp', offset: 27, expected: '";"' },
    { value: `from a.example by b.example;${DATE}`, rule: 'Stamp', offset: 28, expected: 'white space' },
    { value: 'from a.example by b.example; Fri, now', rule: 'day', offset: 34, expected: expect.any(String) as string },
  ])('refuses "$value" at $offset', ({ value, rule, offset, expected }) => {
    const result = parseReceivedStrict(value)
    expect(result.ok ? undefined : { ...result.error, rule }).toEqual({ rule, offset, expected })
  })

  it('reads what is written', () => {
    const label = fc.string({ unit: fc.constantFrom('a', 'b', 'z', '0', '9'), minLength: 1, maxLength: 10 })
    // Hosts have underscores in practice, and those are written as they came.
    const foreign = fc.string().filter((said) => !/^[\w.-]+$/.test(said))
    const options = { requiredKeys: ['helo', 'remoteAddress', 'protocol', 'id', 'at'] } as const
    const stamps = fc.record(
      {
        helo: fc.option(fc.oneof(label, foreign, fc.constant('[192.0.2.9]')), { nil: undefined }),
        remoteAddress: fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', '::ffff:192.0.2.1', '1:2:3:4:5:6:7:8%eth0')),
        remoteName: label,
        protocol: fc.constantFrom('SMTP', 'UTF8SMTPSA', 'LMTP'),
        id: label,
        for: label.map((name) => `${name}@example.net`),
        tls: fc.record(
          {
            version: fc.string(),
            cipher: fc.constantFrom('TLS_A', '0x1301', 'a-b'),
            group: fc.constantFrom('x25519', '?'),
          },
          { requiredKeys: ['version', 'cipher'] },
        ),
        priority: fc.integer({ min: -9, max: 9 }),
        at: fc.integer({ min: 0, max: 2 ** 41 }).map((seconds) => seconds - (seconds % 1_000)),
      },
      options as never,
    )
    fc.assert(
      fc.property(stamps, (given) => {
        const stamp = { by: 'mx.example.net', ...(given as object) } as Parameters<typeof formatReceived>[0]
        const { value } = formatReceived(stamp)
        const read = parseReceivedStrict(value)
        if (!read.ok) throw new Error(`${value} ${JSON.stringify(read.error)}`)
        expect(read.value).toMatchObject({ with: stamp.protocol, id: stamp.id, date: { at: stamp.at } })
        expect(read.value.additional.get('priority')).toBe(stamp.priority?.toString())
        expect(parseReceived(value).clauses.get('priority')?.value).toBe(stamp.priority?.toString())
      }),
    )
  })

  it('takes anything', () => {
    const words = fc.constantFrom('from', 'by', 'a.example', ' ', '(', ')', ';', '"', '\\', 'id', '[192.0.2.1]', DATE)
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (pieces) => {
        expect(typeof parseReceivedStrict(pieces.join('')).ok).toBe('boolean')
      }),
    )
  })

  it.each(['(', '"', '()', 'a b ', '\\', ' ', 'a'])('takes two megabytes of %s', (piece) => {
    const value = `from a.example by b.example x ${piece.repeat(2_000_000 / piece.length)}`
    expect(parseReceivedStrict(value).ok).toBe(false)
  })
})
