import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseReceived } from '../src/index.ts'

const read = (value: string): Record<string, unknown> => {
  const { clauses, date } = parseReceived(value)
  return { ...Object.fromEntries([...clauses].map(([keyword, clause]) => [keyword, clause.value])), at: date?.at }
}

describe('parseReceived', () => {
  it.each([
    {
      value:
        'from a.example (b.example [192.0.2.1]) by c.example with ESMTPS id X1 for <x@c.example>; Fri, 21 Nov 1997 09:55:06 -0600',
      tokens: {
        from: 'a.example',
        by: 'c.example',
        with: 'ESMTPS',
        id: 'X1',
        for: '<x@c.example>',
        at: 880_127_706_000,
      },
    },
    {
      value: 'BY c.example VIA UUCP;\r\n\t21 Nov 1997 09:55:06 -0600 (CST)',
      tokens: { by: 'c.example', via: 'UUCP', at: 880_127_706_000 },
    },
    { value: 'from a by b from c', tokens: { from: 'a', by: 'b', at: undefined } },
    { value: 'from "a;b (c" by d (x; y); no date', tokens: { from: '"a;b (c"', by: 'd', at: undefined } },
    { value: 'by d with x; y; 21 Nov 1997 09:55:06 -0600', tokens: { by: 'd', with: 'x', at: 880_127_706_000 } },
    {
      value: 'by b with ESMTPS tls TLS_A group x25519 priority -3; 21 Nov 1997 09:55:06 -0600',
      tokens: { by: 'b', with: 'ESMTPS', tls: 'TLS_A', group: 'x25519', priority: '-3', at: 880_127_706_000 },
    },
    {
      value: 'by b; 21 Nov 1997 09:55:06 -0600 for <x@c.example>',
      tokens: { by: 'b', for: '<x@c.example>', at: 880_127_706_000 },
    },
    { value: 'by b;_ Fri, 21 Nov 1997 09:55:06.516 -0600', tokens: { by: 'b', at: 880_127_706_000 } },
    { value: 'by b; Fri Nov 21 09:55:06 1997', tokens: { by: 'b', at: 880_106_106_000 } },
    { value: 'words of no clause', tokens: { at: undefined } },
    { value: 'by a (open', tokens: { by: 'a', at: undefined } },
    { value: '(qmail 1 invoked by uid 0); 21 Nov 1997 09:55:06 -0600', tokens: { at: 880_127_706_000 } },
    { value: '', tokens: { at: undefined } },
  ])('reads "$value"', ({ value, tokens }) => {
    expect(read(value)).toEqual(tokens)
  })

  it('gives a clause its comments (RFC 5321 §4.4)', () => {
    expect(parseReceived('from a (b [192.0.2.1]) (c (d)) by e').clauses.get('from')?.comments).toEqual([
      'b [192.0.2.1]',
      'c (d)',
    ])
  })

  it('takes anything', () => {
    const words = fc.array(fc.constantFrom('from', 'by', ' ', '(', ')', ';', '"', '\\', 'a'), { maxLength: 40 })
    fc.assert(
      fc.property(words, (pieces) => {
        expect(parseReceived(pieces.join(''))).toBeDefined()
      }),
    )
  })

  it('takes ten megabytes of open comments', () => {
    expect(parseReceived('('.repeat(10_000_000)).date).toBeUndefined()
  })
})
