/** Address lists, strictly and leniently (RFC 5322 §3.4, §4.4; RFC 6532 §3.2). */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Address, formatAddressList, parseAddressList, readAddressList } from '../src/index.ts'
import { mailbox } from './values.ts'

const one = (address: string, name?: string): Address => {
  const value = mailbox(address)
  return name === undefined ? { kind: 'mailbox', mailbox: value } : { kind: 'mailbox', name, mailbox: value }
}
const group = (name: string, ...members: readonly Address[]): Address => ({
  kind: 'group',
  name,
  members: members.filter((member) => member.kind === 'mailbox'),
})

const decodeName = (text: string): string => `<${text}>`

describe('what RFC 5322 §3.4 allows', () => {
  it.each([
    { text: 'john.q.public@example.com', list: [one('john.q.public@example.com')] },
    { text: '<ada@example.org>', list: [one('ada@example.org')] },
    { text: 'Ada <ada@example.org>', list: [one('ada@example.org', 'Ada')] },
    { text: 'Ada<ada@example.org>', list: [one('ada@example.org', 'Ada')] },
    { text: 'Ada  \t Lovelace <ada@example.org>', list: [one('ada@example.org', 'Ada Lovelace')] },
    { text: 'Ada\r\n Lovelace\r\n\t<ada@example.org>', list: [one('ada@example.org', 'Ada Lovelace')] },
    { text: '"Joe Q. Public" <joe@example.org>', list: [one('joe@example.org', 'Joe Q. Public')] },
    { text: '"Giant; \\"Big\\" Box" <box@example.net>', list: [one('box@example.net', 'Giant; "Big" Box')] },
    { text: '"a" b "c"d <x@y>', list: [one('x@y', 'a b cd')] },
    { text: 'a "b"c  d <x@y>', list: [one('x@y', 'a bc d')] },
    { text: '"a\r\n b" <x@y>', list: [one('x@y', 'a b')] },
    { text: '"a\tb" <x@y>', list: [one('x@y', 'a b')] },
    { text: '"\\\ta" <x@y>', list: [one('x@y', ' a')] },
    { text: '"" <x@y>', list: [one('x@y')] },
    { text: '"a b"@x, "c"@y', list: [one('"a b"@x'), one('c@y')] },
    { text: '"a\r\n b"@x', list: [one('"a b"@x')] },
    { text: 'a@x, b@y,c@z', list: [one('a@x'), one('b@y'), one('c@z')] },
    { text: 'a@[192.0.2.1], b@[IPv6:2001:DB8::1]', list: [one('a@[192.0.2.1]'), one('b@[IPv6:2001:db8::1]')] },
    { text: 'a@[ 192.0.2.1\r\n ]', list: [one('a@[192.0.2.1]')] },
    { text: 'a@[IPv6:1:2:3:4:5:6::8]', list: [one('a@[IPv6:1:2:3:4:5:6:0:8]')] },
    { text: '(a)b(c)@(d)e', list: [one('b@e')] },
    { text: '(a(b(c)\\)\\() d)x@y', list: [one('x@y')] },
    { text: '(\r\n folded\t(é))x@y', list: [one('x@y')] },
    { text: '("(")x@y', list: undefined },
    { text: 'Undisclosed recipients:;', list: [group('Undisclosed recipients')] },
    { text: '(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;', list: [group('Hidden recipients')] },
    { text: 'A:b@c,D <e@f>;, g@h', list: [group('A', one('b@c'), one('e@f', 'D')), one('g@h')] },
    { text: '"A: B": c@d;', list: [group('A: B', one('c@d'))] },
    { text: '"":;', list: [group('')] },
    { text: 'é <é@école.test>', list: [one('é@école.test', 'é')] },
    { text: '"\\é 世" <🚀@x>', list: [one('🚀@x', 'é 世')] },
    { text: '=?a?b?c.d?=@x, <=?a?b?c.d?=e@x>', list: [one('=?a?b?c.d?=@x'), one('=?a?b?c.d?=e@x')] },
    { text: '=?utf-8?q?Ad=C3=A9?= <x@y>', list: [one('x@y', 'Adé')] },
    { text: 'x@XN--COLE-9OA.Test', list: [one('x@xn--cole-9oa.test')] },
    { text: `${'x'.repeat(100)}@y`, list: 'long' as const },
  ])('reads $text', ({ text, list }) => {
    const strict = parseAddressList(text)
    const lenient = readAddressList(text)
    if (list === undefined) {
      expect(strict.ok).toBe(false)
      expect(lenient.faults).not.toEqual([])
      return
    }
    expect(lenient.faults).toEqual([])
    expect(strict).toEqual({ ok: true, value: lenient.addresses })
    if (list !== 'long') expect(lenient.addresses).toEqual(list)
  })
})

describe('what only the obsolete grammar allows (RFC 5322 §4)', () => {
  it.each([
    { text: 'Joe Q. Public <j@x>', list: [one('j@x', 'Joe Q. Public')], rule: 'phrase', offset: 5 },
    { text: 'a . b <j@x>', list: [one('j@x', 'a . b')], rule: 'phrase', offset: 2 },
    { text: 'Dr. X: a@b;', list: [group('Dr. X', one('a@b'))], rule: 'phrase', offset: 2 },
    { text: 'a . b@x', list: [one('a.b@x')], rule: 'local-part', offset: 2 },
    { text: 'a. b@x', list: [one('a.b@x')], rule: 'local-part', offset: 3 },
    { text: '"a".b@x', list: [one('a.b@x')], rule: 'local-part', offset: 3 },
    { text: 'a."b c"@x', list: [one('"a.b c"@x')], rule: 'local-part', offset: 2 },
    { text: '"a" .b@x', list: [one('a.b@x')], rule: 'local-part', offset: 4 },
    { text: 'a@b . c', list: [one('a@b.c')], rule: 'domain', offset: 2 },
    { text: 'a@b. (x)c', list: [one('a@b.c')], rule: 'domain', offset: 2 },
    { text: '<a@b(x).c>', list: [one('a@b.c')], rule: 'domain', offset: 3 },
    { text: '<@a,@b:c@d>', list: [one('c@d')], rule: 'angle-addr', offset: 1 },
    { text: 'N <,, @a , , @[192.0.2.1]:c@d>', list: [one('c@d', 'N')], rule: 'angle-addr', offset: 3 },
    { text: ',a@b', list: [one('a@b')], rule: 'address-list', offset: 0 },
    { text: 'a@b,,c@d', list: [one('a@b'), one('c@d')], rule: 'address-list', offset: 4 },
    { text: 'a@b, ', list: [one('a@b')], rule: 'address-list', offset: 5 },
    { text: 'G:,a@b,;', list: [group('G', one('a@b'))], rule: 'group-list', offset: 2 },
    { text: 'a@b\r\n \r\n ', list: [one('a@b')], rule: 'FWS', offset: 6 },
    { text: '(\u0007)a@b', list: [one('a@b')], rule: 'ctext', offset: 1 },
    { text: '(\\\u0007)a@b', list: [one('a@b')], rule: 'quoted-pair', offset: 2 },
    { text: '(\\\0)a@b', list: [one('a@b')], rule: 'quoted-pair', offset: 2 },
    { text: '"a\u0007b" <a@b>', list: [one('a@b', 'a b')], rule: 'qtext', offset: 2 },
    { text: '"a\\\nb" <a@b>', list: [one('a@b', 'a b')], rule: 'quoted-pair', offset: 3 },
  ])('is read leniently alone: $text', ({ text, list, rule, offset }) => {
    expect(readAddressList(text)).toEqual({ addresses: list, faults: [] })
    expect(parseAddressList(text)).toMatchObject({ ok: false, error: { rule, offset } })
  })
})

describe('what no grammar allows', () => {
  it.each([
    { text: '', list: [], rule: 'address-list', offset: 0 },
    { text: ' ', list: [], rule: 'address-list', offset: 1 },
    { text: ',,', list: [], rule: 'address-list', offset: 2 },
    { text: 'ada', list: [], rule: 'addr-spec', offset: 3 },
    { text: 'ada, b@c', list: [one('b@c')], rule: 'addr-spec', offset: 3 },
    { text: '@x', list: [], rule: 'addr-spec', offset: 0 },
    { text: ':a@b;', list: [], rule: 'addr-spec', offset: 0 },
    { text: '.a@x', list: [], rule: 'addr-spec', offset: 0 },
    { text: 'a.@x', list: [], rule: 'addr-spec', offset: 2 },
    { text: 'a..b@x', list: [], rule: 'addr-spec', offset: 2 },
    { text: 'a b@x', list: [], rule: 'addr-spec', offset: 2 },
    { text: '"a"b@x', list: [], rule: 'addr-spec', offset: 3 },
    { text: 'a@b@c, d@e', list: [one('d@e')], rule: 'address', offset: 3 },
    { text: 'a@b c@d, e@f', list: [one('a@b'), one('e@f')], rule: 'address', offset: 4 },
    { text: 'a@b "c,d" e, f@g', list: [one('a@b'), one('f@g')], rule: 'address', offset: 4 },
    { text: 'a@-b', list: [], rule: 'sub-domain', offset: 2 },
    { text: 'a@b.', list: [], rule: 'sub-domain', offset: 2 },
    { text: 'a@b_c', list: [], rule: 'Domain', offset: 2 },
    { text: 'a@普遍接受。世界', list: [], rule: 'U-label', offset: 2 },
    { text: 'a@[192.0.2.256]', list: [], rule: 'domain-literal', offset: 2 },
    { text: 'a@[x y]', list: [], rule: 'domain-literal', offset: 2 },
    { text: 'a@[192.0.2.1', list: [], rule: 'domain-literal', offset: 12 },
    { text: 'a@[192.[0.2.1], b@c', list: [one('b@c')], rule: 'domain-literal', offset: 7 },
    { text: 'a@[é], b@c', list: [one('b@c')], rule: 'domain-literal', offset: 3 },
    { text: 'a@[(x)], b@c', list: [one('b@c')], rule: 'domain-literal', offset: 2 },
    { text: '<>', list: [], rule: 'addr-spec', offset: 1 },
    { text: '<ada>, b@c', list: [one('b@c')], rule: 'addr-spec', offset: 4 },
    { text: '<a b@c>, d@e', list: [one('d@e')], rule: 'addr-spec', offset: 3 },
    { text: '<a@b', list: [one('a@b')], rule: 'angle-addr', offset: 4 },
    { text: '<a@b, c@d', list: [one('a@b'), one('c@d')], rule: 'angle-addr', offset: 4 },
    { text: '<a@b c>, d@e', list: [one('d@e')], rule: 'angle-addr', offset: 5 },
    { text: '<a@b_c>, d@e', list: [one('d@e')], rule: 'Domain', offset: 3 },
    { text: '<@a b>, d@e', list: [one('d@e')], rule: 'obs-route', offset: 4 },
    { text: '<@a_b:c@d>, d@e', list: [one('d@e')], rule: 'Domain', offset: 2 },
    { text: '<a@b> c@d', list: [one('a@b'), one('c@d')], rule: 'address-list', offset: 6 },
    { text: '<a@b> <c@d>', list: [one('a@b'), one('c@d')], rule: 'address-list', offset: 6 },
    { text: 'a@b; c@d', list: [one('a@b'), one('c@d')], rule: 'address-list', offset: 3 },
    { text: 'A:b@c', list: [group('A', one('b@c'))], rule: 'group', offset: 5 },
    { text: 'A:B:c@d;;', list: [group('A')], rule: 'addr-spec', offset: 3 },
    { text: 'A:b,c@d;', list: [group('A', one('c@d'))], rule: 'addr-spec', offset: 3 },
    { text: 'A:b@c; d@e', list: [group('A', one('b@c')), one('d@e')], rule: 'address-list', offset: 7 },
    { text: '.x <a@b>', list: [one('a@b', '.x')], rule: 'phrase', offset: 0 },
    { text: 'x@y <a@b>', list: [one('a@b', 'x@y')], rule: 'address', offset: 4 },
    { text: 'x via [y] <a@b>', list: [one('a@b', 'x via [y]')], rule: 'addr-spec', offset: 2 },
    { text: 'x \\ "<" (y)\r\n z <a@b>', list: [one('a@b', 'x \\ "<" (y)   z')], rule: 'addr-spec', offset: 2 },
    { text: 'x@y z <a_b>', list: [], rule: 'address', offset: 4 },
    { text: '"Ada <a@b>, "c" <d@e>', list: [one('d@e', 'Ada <a@b>, c')], rule: 'quoted-string', offset: 14 },
    { text: '"Ada <a@b>, c@d', list: [one('a@b', 'Ada'), one('c@d')], rule: 'quoted-string', offset: 0 },
    { text: 'Ada "B <a@b>', list: [one('a@b', 'Ada B')], rule: 'quoted-string', offset: 4 },
    { text: 'a"b@c', list: [], rule: 'quoted-string', offset: 1 },
    { text: '"', list: [], rule: 'quoted-string', offset: 0 },
    { text: '"a\\', list: [], rule: 'quoted-pair', offset: 3 },
    { text: 'a@b (c', list: [one('a@b', 'c')], rule: 'comment', offset: 4 },
    { text: '(a@b', list: [], rule: 'comment', offset: 0 },
    { text: '(a\\', list: [], rule: 'quoted-pair', offset: 3 },
    { text: ')a@b', list: [], rule: 'addr-spec', offset: 0 },
    { text: 'a@b\r\n', list: [one('a@b')], rule: 'FWS', offset: 3 },
    { text: 'a@b\n c@d', list: [one('a@b')], rule: 'FWS', offset: 3 },
    { text: 'a@b\r', list: [one('a@b')], rule: 'FWS', offset: 3 },
    { text: '(\n)a@b', list: [one('a@b')], rule: 'FWS', offset: 1 },
    { text: '(\0)a@b', list: [one('a@b')], rule: 'ctext', offset: 1 },
    { text: '(\ud800)a@b', list: [one('a@b')], rule: 'ctext', offset: 1 },
    { text: '(\\\ud800)a@b', list: [one('a@b')], rule: 'quoted-pair', offset: 2 },
    { text: '"\ud800" <a@b>', list: [one('a@b', '\ufffd')], rule: 'qtext', offset: 1 },
    { text: '"a\nb" <a@b>', list: [one('a@b', 'ab')], rule: 'FWS', offset: 2 },
    { text: '\ud800@b', list: [], rule: 'addr-spec', offset: 0 },
    { text: 'a\0b@c', list: [], rule: 'addr-spec', offset: 1 },
  ])('is read with a fault: $text', ({ text, list, rule, offset }) => {
    const { addresses, faults } = readAddressList(text)
    expect(addresses).toEqual(list)
    expect(faults).toContainEqual(expect.objectContaining({ rule, offset }))
    expect(parseAddressList(text).ok).toBe(false)
  })

  it.each(['"a\u0007"@b', '"a\tb"@c', '"\\\n"@b', '"\ud800"@b'])(
    'gives no mailbox that SMTP cannot carry: %j (RFC 5321 §4.1.2)',
    (text) => {
      expect(readAddressList(text).addresses).toEqual([])
      expect(parseAddressList(text).ok).toBe(false)
    },
  )
})

describe('names', () => {
  it.each([
    { text: '=?utf-8?q?A?= =?utf-8?q?B?= <x@y>', strict: 'AB', lenient: 'AB' },
    { text: '=?iso-8859-1?q?=80=E9?= <x@y>', strict: '\u0080é', lenient: '\u0080é' },
    { text: '=?utf-7?b?K0FPay0=?= <x@y>', strict: 'é', lenient: 'é' },
    { text: '=?utf-8?b?w6k?= <x@y>', strict: '=?utf-8?b?w6k?=', lenient: 'é' },
    { text: '=?utf-8?q?a=4?= <x@y>', strict: '=?utf-8?q?a=4?=', lenient: 'a=4' },
    { text: '=?utf-8?q?a b?= <x@y>', strict: '=?utf-8?q?a b?=', lenient: 'a b' },
    { text: '=?utf-8?q?=C3?= =?utf-8?q?=A9?= <x@y>', strict: '\ufffd\ufffd', lenient: 'é' },
  ])('are decoded strictly or leniently, as the list is read: $text (RFC 2047 §5)', ({ text, strict, lenient }) => {
    expect(parseAddressList(text)).toEqual({ ok: true, value: [one('x@y', strict)] })
    expect(readAddressList(text)).toEqual({ addresses: [one('x@y', lenient)], faults: [] })
  })

  it.each([
    { text: '=?utf-8?q?a?= =?utf-8?q?b?= <x@y>', name: '<=?utf-8?q?a?= =?utf-8?q?b?=>' },
    { text: '=?utf-8?q?a?=\r\n =?utf-8?q?b?= <x@y>', name: '<=?utf-8?q?a?= =?utf-8?q?b?=>' },
    { text: '"=?utf-8?q?a?=" <x@y>', name: '=?utf-8?q?a?=' },
    { text: '"a"  =?utf-8?q?b?= "c" <x@y>', name: 'a <=?utf-8?q?b?=> c' },
    { text: 'a =?utf-8?q?b?= c <x@y>', name: '<a =?utf-8?q?b?= c>' },
    { text: 'x@y (=?utf-8?q?b?=)', name: '<=?utf-8?q?b?=>' },
    { text: '=?utf-8?q?a@b,c?= <x@y>', name: '<=?utf-8?q?a@b,c?=>' },
    { text: '=?utf-8?q?a@b,c <x@y>', name: 'c' },
    { text: '=?<x@y>', name: '<=?>' },
    { text: '=?a?b?c <x@y>', name: '<=?a?b?c>' },
    { text: 'a@b =?u?q?[?= <x@y>', name: '<a@b =?u?q?[?=>' },
  ])('are decoded as RFC 2047 §5 says: $text', ({ text, name }) => {
    const last = readAddressList(text, { decodeName }).addresses.at(-1)
    expect(last?.kind === 'mailbox' ? last.name : undefined).toBe(name)
  })

  it('of groups are decoded too', () => {
    expect(parseAddressList('=?u?q?a?=: =?u?q?b?= <x@y>;', { decodeName })).toEqual({
      ok: true,
      value: [group('<=?u?q?a?=>', one('x@y', '<=?u?q?b?=>'))],
    })
  })

  it('never hold control characters, decoded or not', () => {
    const forge = { decodeName: (): string => 'a\r\nBcc: b@c' }
    for (const text of ['=?u?q?a?= <x@y>', 'x@y (=?u?q?a?=)', '[ =?u?q?a?= <x@y>']) {
      expect(readAddressList(text, forge).addresses).toEqual([one('x@y', 'a  Bcc: b@c')])
    }
  })

  it('are taken from a comment behind a bare address, leniently alone (RFC 5322 §3.4)', () => {
    const text = 'a@b (Ada (of) \\(c\\)\r\n Lovelace), c@d ( ), e@f (x) (y), <g@h> (z), i@(j)k, l@[192.0.2.1] (m)'
    expect(readAddressList(text)).toEqual({
      addresses: [
        one('a@b', 'Ada (of) (c)   Lovelace'),
        one('c@d'),
        one('e@f', 'x'),
        one('g@h'),
        one('i@k'),
        one('l@[192.0.2.1]', 'm'),
      ],
      faults: [],
    })
    expect(parseAddressList('a@b (Ada)')).toEqual({ ok: true, value: [one('a@b')] })
  })
})

it('looks for fifty charsets in a list at most, since each that is not known costs time', () => {
  const names = Array.from({ length: 60 }, (_, index) => `=?x-${index}?q?a?= <x@y>`).join()
  const word = '=?utf-8?q?b?='
  expect(readAddressList(`${names}, ${word} <x@y>`).addresses.at(-1)).toEqual(one('x@y', word))
  expect(readAddressList(`${word} <x@y>, ${names}, ${word} <x@y>`).addresses.at(-1)).toEqual(one('x@y', 'b'))
  expect(parseAddressList(`${word} <x@y>, ${names}`)).toMatchObject({ ok: true })
})

/** Milliseconds on a busy machine; were the time not linear, no machine would be done in them. */
const SLOW = 120_000

describe('hostile text', () => {
  it.each([
    '(',
    ')',
    '<',
    '>',
    '"',
    '\\',
    '"\\',
    '@',
    ',',
    ';',
    ':',
    '.',
    'a',
    'a ',
    'a:',
    'a@',
    'a@b,',
    'a@b ',
    'a@b .',
    'a@[',
    'a@[(',
    '<,',
    '<@',
    '<@a,',
    '=?',
    '=?(',
    '=?a?b?',
    '\r\n ',
    '\n',
    '(\\',
    '((a)',
    '"a" ',
    'x@xn--a.',
    'é@é.',
    '\ud800',
    '\0',
  ])('of %j many times ends, with a hundred faults at most', (piece) => {
    const { faults } = readAddressList(piece.repeat(200_000))
    expect(faults.length).toBeLessThanOrEqual(100)
  })

  it.each([
    ...['(', '=?'].map((piece) => ({ piece, characters: 10_000_000 })),
    ...[',', '"', '<', '@', '\\', '"a" ', '<@a,', '=?a?q?b?= ', 'a@b, '].map((piece) => ({
      piece,
      characters: 2_000_000,
    })),
  ])(
    'of $characters characters of $piece ends',
    ({ piece, characters }) => {
      const text = piece.repeat(characters / piece.length)
      expect(readAddressList(text).faults.length).toBeLessThanOrEqual(100)
      expect(typeof parseAddressList(text).ok).toBe('boolean')
    },
    SLOW,
  )

  it('nested ten million deep takes no stack', () => {
    expect(readAddressList('('.repeat(10_000_000)).addresses).toEqual([])
    expect(readAddressList(`${'('.repeat(1_000_000)}${')'.repeat(1_000_000)}a@b`).addresses).toEqual([one('a@b')])
  })
})

describe('any text', () => {
  const pieces =
    '"a"|a|b c|.|@|"|\\| |<|>|(|)|[|]|,|;|:|é|\ud83d|\r\n|\r\n |\0|\t|\u0007|a@b|<a@b>|=?|=?u?q?a?=|[192.0.2.1]|(x)'
  const piece = fc.constantFrom(...pieces.split('|'))
  const any = fc.string({ unit: piece, maxLength: 30 })

  it('never throws; no fault and strict acceptance agree; what was read can be written and read again', () => {
    fc.assert(
      fc.property(any, (text) => {
        const { addresses, faults } = readAddressList(text)
        const strict = parseAddressList(text)
        if (strict.ok) expect(faults).toEqual([])
        for (const fault of faults) expect(fault.offset).toBeLessThanOrEqual(text.length)
        if (addresses.length > 0)
          expect(parseAddressList(formatAddressList(addresses))).toEqual({ ok: true, value: addresses })
      }),
      { numRuns: 5_000 },
    )
  })
})
