/** Mailboxes (RFC 5321 §4.1.2, RFC 6531 §3.3). */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  createMailbox,
  formatMailbox,
  isAscii,
  mailboxKey,
  needsSmtputf8,
  mailboxOf,
  parseMailbox,
  sameMailbox,
} from '../src/index.ts'
import { domain, mailbox } from './values.ts'

const local64 = 'x'.repeat(64)
const domain189 = `${`${'y'.repeat(62)}.`.repeat(2)}${'z'.repeat(63)}`

describe('parseMailbox', () => {
  it.each([
    { text: 'ada@example.org', localPart: 'ada', written: 'ada@example.org' },
    { text: 'Ada.Lovelace@EXAMPLE.ORG', localPart: 'Ada.Lovelace', written: 'Ada.Lovelace@example.org' },
    { text: "!#$%&'*+/=?^_`{|}~-@x", localPart: "!#$%&'*+/=?^_`{|}~-", written: "!#$%&'*+/=?^_`{|}~-@x" },
    { text: '"ada"@x', localPart: 'ada', written: 'ada@x' },
    { text: '"a.b"@x', localPart: 'a.b', written: 'a.b@x' },
    { text: '"a..b"@x', localPart: 'a..b', written: '"a..b"@x' },
    { text: '"a b"@x', localPart: 'a b', written: '"a b"@x' },
    { text: '"a@b"@x', localPart: 'a@b', written: '"a@b"@x' },
    { text: '"\\a\\"\\\\"@x', localPart: 'a"\\', written: '"a\\"\\\\"@x' },
    { text: '"Joe\\,Smith"@x', localPart: 'Joe,Smith', written: '"Joe,Smith"@x' },
    { text: '""@x', localPart: '', written: '""@x' },
    { text: '"."@x', localPart: '.', written: '"."@x' },
    { text: `${local64}@x`, localPart: local64, written: `${local64}@x` },
    { text: `${local64}@${domain189}`, localPart: local64, written: `${local64}@${domain189}` },
    { text: 'a@[IPv6:::1]', localPart: 'a', written: 'a@[IPv6:::1]' },
  ])('reads $text and writes $written', ({ text, localPart, written }) => {
    const parsed = mailbox(text)
    expect(parseMailbox(text)).toEqual({ ok: true, value: parsed })
    expect(parsed.localPart).toBe(localPart)
    expect(formatMailbox(parsed)).toBe(written)
    expect(mailbox(written)).toEqual(parsed)
  })

  it.each([
    { text: '', rule: 'Atom', offset: 0 },
    { text: '@x', rule: 'Atom', offset: 0 },
    { text: '.a@x', rule: 'Atom', offset: 0 },
    { text: 'a.@x', rule: 'Atom', offset: 2 },
    { text: 'a..b@x', rule: 'Atom', offset: 2 },
    { text: 'ada', rule: 'Mailbox', offset: 3 },
    { text: 'a b@x', rule: 'Mailbox', offset: 1 },
    { text: 'a@', rule: 'sub-domain', offset: 2 },
    { text: 'a@b@c', rule: 'Mailbox', offset: 3 },
    { text: 'a@x ', rule: 'Mailbox', offset: 3 },
    { text: ' a@x', rule: 'Atom', offset: 0 },
    { text: 'a@x\r\nRCPT TO:<b@y>', rule: 'Mailbox', offset: 3 },
    { text: '"a\r\n"@x', rule: 'Quoted-string', offset: 2 },
    { text: '"a\0"@x', rule: 'Quoted-string', offset: 2 },
    { text: '"a\tb"@x', rule: 'Quoted-string', offset: 2 },
    { text: '"a\\\n"@x', rule: 'quoted-pairSMTP', offset: 3 },
    { text: '"a\\', rule: 'quoted-pairSMTP', offset: 3 },
    { text: '"a', rule: 'Quoted-string', offset: 2 },
    { text: '"a"b@x', rule: 'Mailbox', offset: 3 },
    { text: 'a"b"@x', rule: 'Mailbox', offset: 1 },
    { text: '"a".b@x', rule: 'Mailbox', offset: 3 },
    { text: '(a)b@x', rule: 'Atom', offset: 0 },
    { text: 'é@x', rule: 'Atom', offset: 0 },
    { text: '"é"@x', rule: 'Quoted-string', offset: 1 },
    { text: 'a@é', rule: 'sub-domain', offset: 2 },
    { text: `${local64}x@x`, rule: 'Local-part', offset: 0 },
    { text: `"${'x'.repeat(63)}"@x`, rule: 'Local-part', offset: 0 },
    { text: `${local64}@${domain189}.z`, rule: 'Mailbox', offset: 0 },
    { text: 'a'.repeat(1_000_000), rule: 'Local-part', offset: 0 },
    { text: `"${'\\"'.repeat(1_000_000)}`, rule: 'Quoted-string', offset: 2_000_001 },
  ])('refuses a text of $text.length characters by $rule at $offset', ({ text, rule, offset }) => {
    expect(parseMailbox(text)).toMatchObject({ ok: false, error: { rule, offset } })
  })

  it.each([
    { text: 'pelé@exemple.test', localPart: 'pelé' },
    { text: '"我 買"@屋企.test', localPart: '我 買' },
    { text: '🚀.a@x', localPart: '🚀.a' },
    { text: `${'é'.repeat(32)}@x`, localPart: 'é'.repeat(32) },
    { text: `${'世'.repeat(21)}@x`, localPart: '世'.repeat(21) },
    { text: `${'🚀'.repeat(16)}@x`, localPart: '🚀'.repeat(16) },
  ])('reads $text with SMTPUTF8 alone (RFC 6531 §3.3)', ({ text, localPart }) => {
    expect(parseMailbox(text).ok).toBe(false)
    expect(mailbox(text).localPart).toBe(localPart)
    expect(mailbox(formatMailbox(mailbox(text)))).toEqual(mailbox(text))
  })

  it.each([
    { text: `${'é'.repeat(32)}x@x`, why: '65 octets' },
    { text: `${'世'.repeat(22)}@x`, why: '66 octets' },
    { text: `${'🚀'.repeat(16)}x@x`, why: '65 octets' },
    { text: '\ud800@x', why: 'half a character' },
    { text: '"\udc00"@x', why: 'the other half, quoted' },
    { text: '"\\é"@x', why: 'a backslash before what is not ASCII' },
  ])('refuses $why with SMTPUTF8', ({ text }) => {
    expect(parseMailbox(text, { smtputf8: true }).ok).toBe(false)
  })
})

describe('mailboxOf', () => {
  it('gives the mailbox, or throws what is wrong with it and where', () => {
    expect(mailboxOf('Ada@Example.ORG')).toEqual({ localPart: 'Ada', domain: 'example.org' })
    expect(mailboxOf('\u00e4da@example.org').localPart).toBe('\u00e4da')
    expect(() => mailboxOf('ada')).toThrow(
      new RangeError('The text is no mailbox: Mailbox at offset 3, where "@" is expected.'),
    )
  })
})

describe('createMailbox', () => {
  it('quotes what needs quotes', () => {
    const made = createMailbox('a b', domain('example.org'))
    expect(made).toEqual({ ok: true, value: { localPart: 'a b', domain: 'example.org' } })
  })

  it('refuses what no text could be', () => {
    expect(createMailbox('a\r\nb', domain('example.org')).ok).toBe(false)
    expect(createMailbox('x'.repeat(65), domain('example.org')).ok).toBe(false)
    expect(createMailbox('é', domain('example.org')).ok).toBe(false)
    expect(createMailbox('é', domain('example.org'), { smtputf8: true }).ok).toBe(true)
  })
})

describe('equality', () => {
  it.each([
    { a: 'ada@example.org', b: 'ada@EXAMPLE.org', same: true },
    { a: 'ada@example.org', b: '"ada"@example.org', same: true },
    { a: 'ada@example.org', b: 'Ada@example.org', same: false },
    { a: 'ada@example.org', b: 'ada@example.net', same: false },
    { a: 'ada@école.test', b: 'ada@xn--cole-9oa.test', same: true },
    { a: 'ada@[192.0.2.1]', b: 'ada@[192.0.2.001]', same: true },
    { a: '"a@b"@c', b: 'a@c', same: false },
  ])('of $a and $b is $same (RFC 5321 §2.4)', ({ a, b, same }) => {
    expect(sameMailbox(mailbox(a), mailbox(b))).toBe(same)
    expect(mailboxKey(mailbox(a)) === mailboxKey(mailbox(b))).toBe(same)
  })
})

describe('what SMTPUTF8 is needed for (RFC 6531 §3.4)', () => {
  it.each([
    { text: 'ada@example.org', ascii: true, needs: false },
    { text: 'ada@école.test', ascii: false, needs: false },
    { text: 'adé@example.org', ascii: false, needs: true },
    { text: 'adé@école.test', ascii: false, needs: true },
    { text: 'ada@xn--example.école.test', ascii: false, needs: true },
  ])('for $text: $needs', ({ text, ascii, needs }) => {
    expect(isAscii(mailbox(text))).toBe(ascii)
    expect(needsSmtputf8(mailbox(text))).toBe(needs)
  })
})

describe('any text', () => {
  const piece = fc.constantFrom('a', '.', '@', '"', '\\', ' ', '<', '(', '[', 'é', '\ud83d', '\r\n', '\0', '1', '-')

  it('never throws, and what was read is written so that it reads the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 1 })) }), (text) => {
        const parsed = parseMailbox(text, { smtputf8: true })
        if (!parsed.ok) {
          expect(parsed.error.offset).toBeLessThanOrEqual(text.length)
          return
        }
        expect(mailbox(formatMailbox(parsed.value))).toEqual(parsed.value)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is a local part where it is printable and short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 30 }), (localPart) => {
        const made = createMailbox(localPart, domain('x'))
        expect(made).toEqual({ ok: true, value: { localPart, domain: 'x' } })
      }),
    )
  })
})
