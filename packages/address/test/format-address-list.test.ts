/** Address lists as text (RFC 5322 §3.4). */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Address, formatAddressList, type MailboxAddress, parseAddressList } from '../src/index.ts'
import { mailbox } from './values.ts'

const x = mailbox('x@y')

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
    { name: '=?utf-8?q?a?=', text: '"=?utf-8?q?a?=" <x@y>' },
    { name: 'a\r\nBcc: b@c', text: '"a  Bcc: b@c" <x@y>' },
    { name: 'é 🚀', text: 'é 🚀 <x@y>' },
    { name: 'é, f', text: '"é, f" <x@y>' },
    { name: 'é\ud800', text: 'é\ufffd <x@y>' },
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

  it('lets the caller encode what is not ASCII, and only that', () => {
    const list: Address[] = [
      { kind: 'mailbox', name: 'é', mailbox: x },
      { kind: 'mailbox', name: 'e', mailbox: x },
      { kind: 'group', name: 'è\n', members: [] },
    ]
    expect(formatAddressList(list, { encodeName })).toBe('[é] <x@y>, e <x@y>, [è ]:;')
  })

  it('is the inverse of reading', () => {
    const name = fc
      .string({
        unit: fc.oneof(
          fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
          fc.constantFrom('é', '世', '🚀', ' ', '=?', '"'),
        ),
      })
      .filter((text) => text !== '')
    const address = fc.constantFrom('x@y', '"a b"@c.d', 'é@école.test', 'a@[IPv6:2001:db8::1]', '""@x').map(mailbox)
    const member: fc.Arbitrary<MailboxAddress> = fc.oneof(
      address.map((value) => ({ kind: 'mailbox' as const, mailbox: value })),
      fc.tuple(name, address).map(([text, value]) => ({ kind: 'mailbox' as const, name: text, mailbox: value })),
    )
    const groups = fc
      .tuple(fc.oneof(name, fc.constant('')), fc.array(member))
      .map(([text, members]) => ({ kind: 'group' as const, name: text, members }))
    fc.assert(
      fc.property(fc.array(fc.oneof(member, groups), { minLength: 1 }), (list) => {
        expect(parseAddressList(formatAddressList(list))).toEqual({ ok: true, value: list })
      }),
      { numRuns: 1_000 },
    )
  })
})
