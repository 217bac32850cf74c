/** Address lists as text (RFC 5322 §3.4). */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type Address,
  formatAddressList,
  type Mailbox,
  type MailboxAddress,
  parseAddressList,
  readAddressList,
} from '../src/index.ts'
import { mailbox } from './values.ts'

const x = mailbox('x@y')

const encoded = (name: string): string => {
  const text = formatAddressList([{ kind: 'mailbox', name, mailbox: x }])
  return text.slice(0, -' <x@y>'.length)
}

/** A mailbox with a local part longer than SMTP carries, as a header field may hold (RFC 5322 §3.4.1). */
const headerMailbox = (text: string): Mailbox => {
  const [address] = readAddressList(text).addresses
  if (address?.kind !== 'mailbox') throw new Error('no mailbox')
  return address.mailbox
}

const lineOctets = (text: string): number[] => text.split('\r\n').map((line) => Buffer.byteLength(line))

const encodeName = (name: string): string => `[${name}]`

describe('formatAddressList', () => {
  it.each([
    { name: 'Ada', text: 'Ada <x@y>' },
    { name: 'Ada Lovelace', text: 'Ada Lovelace <x@y>' },
    { name: 'Ada  Lovelace', text: '"Ada  Lovelace" <x@y>' },
    { name: ' Ada', text: '" Ada" <x@y>' },
    { name: 'Ada ', text: '"Ada " <x@y>' },
    { name: 'Dr. A', text: '"Dr. A" <x@y>' },
    { name: 'a"b\\c', text: '"a\\"b\\\\c" <x@y>' },
    // Many readers decode between quotes too, against RFC 2047 §5.
    { name: '=?utf-8?q?a?=', text: '=?utf-8?b?PT91dGYtOD9xP2E/PQ==?= <x@y>' },
    { name: 'a\r\nBcc: b@c', text: '"a  Bcc: b@c" <x@y>' },
    { name: 'é', text: '=?utf-8?b?w6k=?= <x@y>' },
    { name: 'a\ud800', text: '=?utf-8?b?Ye+/vQ==?= <x@y>' },
    { name: '', text: 'x@y' },
    { name: undefined, text: 'x@y' },
  ])('writes $text', ({ name, text }) => {
    const address: Address =
      name === undefined ? { kind: 'mailbox', mailbox: x } : { kind: 'mailbox', name, mailbox: x }
    expect(formatAddressList([address])).toBe(text)
  })

  it('writes lists and groups', () => {
    const member: MailboxAddress = { kind: 'mailbox', name: 'X', mailbox: x }
    expect(formatAddressList([])).toBe('')
    expect(formatAddressList([member, { kind: 'mailbox', mailbox: mailbox('"a b"@c') }])).toBe('X <x@y>, "a b"@c')
    expect(formatAddressList([{ kind: 'group', name: 'A B', members: [] }])).toBe('A B:;')
    expect(formatAddressList([{ kind: 'group', name: '', members: [member, member] }])).toBe('"": X <x@y>, X <x@y>;')
  })

  it.each([
    { name: 'é 🚀', text: 'é 🚀 <x@y>' },
    { name: 'é, f', text: '"é, f" <x@y>' },
    { name: 'é\ud800', text: 'é\ufffd <x@y>' },
    { name: 'é =?', text: '=?utf-8?b?w6kgPT8=?= <x@y>' },
  ])('writes $text where RFC 6532 is allowed', ({ name, text }) => {
    expect(formatAddressList([{ kind: 'mailbox', name, mailbox: x }], { smtputf8: true, encodeName })).toBe(text)
  })

  it('lets the caller encode what is not ASCII, and only that', () => {
    const list: Address[] = [
      { kind: 'mailbox', name: 'é', mailbox: x },
      { kind: 'mailbox', name: 'e', mailbox: x },
      { kind: 'group', name: 'è\n', members: [] },
    ]
    expect(formatAddressList(list, { encodeName })).toBe('[é] <x@y>, e <x@y>, [è ]:;')
    expect(formatAddressList(list.slice(0, 1), { encodeName: () => '' })).toBe('<x@y>')
  })
})

describe('folding (RFC 5322 §2.1.1)', () => {
  const a = (length: number, at = 'x'): MailboxAddress => ({
    kind: 'mailbox',
    mailbox: mailbox(`${at}@${'y'.repeat(length)}`),
  })
  const named = (name: string): MailboxAddress => ({ kind: 'mailbox', name, mailbox: x })
  const words = (count: number, word = 'word'): string => Array.from({ length: count }, () => word).join(' ')

  it.each([
    {
      what: 'between addresses',
      list: [a(30), a(30), a(30)],
      lines: [`x@${'y'.repeat(30)}, x@${'y'.repeat(30)},`, ` x@${'y'.repeat(30)}`],
    },
    {
      what: 'after 78 characters, not before',
      list: [a(36), a(36)],
      lines: [`x@${'y'.repeat(36)}, x@${'y'.repeat(36)}`],
    },
    {
      what: 'before the 79th character',
      list: [a(36), a(37)],
      lines: [`x@${'y'.repeat(36)},`, ` x@${'y'.repeat(37)}`],
    },
    {
      what: 'before a long name sooner than in it',
      list: [a(50), named(words(6))],
      lines: [`x@${'y'.repeat(50)},`, ` ${words(6)} <x@y>`],
    },
    {
      what: 'in a name that has no room in a line',
      list: [named(words(20))],
      lines: [words(15), ` ${words(5)} <x@y>`],
    },
    {
      what: 'in a quoted name',
      list: [named(words(20, 'w.rd'))],
      lines: [`"${words(15, 'w.rd')}`, ` ${words(5, 'w.rd')}" <x@y>`],
    },
    {
      what: 'in no mailbox, but before one',
      list: [a(63, '"a b c d e f"'), a(60, '"a b c d e f"')],
      lines: [`"a b c d e f"@${'y'.repeat(63)},`, ` "a b c d e f"@${'y'.repeat(60)}`],
    },
    {
      what: 'at 76 characters where a line holds encoded-words (RFC 2047 §2)',
      list: [named('é'.repeat(15)), named('é'), a(20)],
      lines: [`${encoded('é'.repeat(15))} <x@y>,`, ` ${encoded('é')} <x@y>, x@${'y'.repeat(20)}`],
    },
    {
      what: 'between the members of a group',
      list: [{ kind: 'group' as const, name: words(3), members: [a(40), a(30)] }, a(10)],
      lines: [`${words(3)}: x@${'y'.repeat(40)},`, ` x@${'y'.repeat(30)};, x@${'y'.repeat(10)}`],
    },
    {
      what: 'where the spaces of a name leave no line of spaces alone',
      list: [named(`${'a'.repeat(60)}${' '.repeat(40)}${'b'.repeat(60)}`)],
      lines: [`"${'a'.repeat(60)}`, ` ${' '.repeat(39)}${'b'.repeat(60)}"`, ' <x@y>'],
    },
  ])('is done $what', ({ list, lines }) => {
    expect(formatAddressList(list).split('\r\n')).toEqual(lines)
    expect(formatAddressList(list, { fold: false })).toBe(lines.join(''))
    expect(parseAddressList(lines.join('\r\n'))).toEqual({ ok: true, value: list })
  })

  it('counts what stands before the list, and may begin with a fold only behind something', () => {
    const text = `${'w'.repeat(60)}@${'y'.repeat(10)}`
    const list = [{ kind: 'mailbox' as const, mailbox: mailbox(text) }]
    expect(formatAddressList(list, { column: 78 - text.length })).toBe(text)
    expect(formatAddressList(list, { column: 79 - text.length })).toBe(`\r\n ${text}`)
    expect(formatAddressList([a(63, '"a b c d e f"'), a(63, '"a b c d e f"')], { column: 0 })).not.toMatch(/^\r/)
  })

  it('encodes a word that no line could hold, and folds a mailbox only where none could', () => {
    const list = [
      named('w'.repeat(2_000)),
      named(`a${' '.repeat(2_000)}b`),
      { kind: 'mailbox' as const, mailbox: headerMailbox(`"${words(400)}"@example.org`) },
      named(`${words(3)} ${'é'.repeat(1_000)}`),
    ]
    for (const smtputf8 of [false, true]) {
      const text = formatAddressList(list, { smtputf8 })
      expect(Math.max(...lineOctets(text))).toBeLessThanOrEqual(998)
      expect(parseAddressList(text)).toEqual({ ok: true, value: list })
    }
  })
})

describe('formatting and parsing', () => {
  const name = fc
    .string({
      unit: fc.oneof(
        fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
        fc.constantFrom('é', '世', '🚀', ' ', '=?', '"', '.', 'word ', 'é '),
      ),
      maxLength: 60,
    })
    .filter((text) => text !== '')
  const address = fc
    .constantFrom('x@y', '"a b"@c.d', 'é@école.test', 'a@[IPv6:2001:db8::1]', '""@x', '=?a?b?c.d?=@x')
    .map(mailbox)
  const member: fc.Arbitrary<MailboxAddress> = fc.oneof(
    address.map((value) => ({ kind: 'mailbox' as const, mailbox: value })),
    fc.tuple(name, address).map(([text, value]) => ({ kind: 'mailbox' as const, name: text, mailbox: value })),
  )
  const groups = fc
    .tuple(fc.oneof(name, fc.constant('')), fc.array(member))
    .map(([text, members]) => ({ kind: 'group' as const, name: text, members }))
  const lists = fc.array(fc.oneof(member, groups), { minLength: 1 })
  const options = fc.record({ smtputf8: fc.boolean(), fold: fc.boolean(), column: fc.nat(80) })

  it('are inverses', () => {
    fc.assert(
      fc.property(lists, options, (list, how) => {
        expect(parseAddressList(formatAddressList(list, how))).toEqual({ ok: true, value: list })
      }),
      { numRuns: 2_000 },
    )
  })

  it('keep to 78 characters wherever a space allows, and leave no line of spaces', () => {
    fc.assert(
      fc.property(lists, fc.nat(80), fc.boolean(), (list, column, smtputf8) => {
        const [first = '', ...rest] = formatAddressList(list, { column, smtputf8 }).split('\r\n')
        for (const line of [...(first === '' ? [] : [first]), ...rest]) expect(line.trim()).not.toBe('')
        for (const line of [`${'x'.repeat(column)}${first}`, ...rest]) {
          if (line.length > 78 && line !== 'x'.repeat(column)) expect(line.trim()).not.toMatch(/\S \S/)
          if (/=\?utf-8\?[bq]\?/.test(line) && !line.includes('"')) expect(line.length).toBeLessThanOrEqual(78)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
