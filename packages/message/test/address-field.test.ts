import { type Address, mailboxOf } from '@postroad/address'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AddressFieldName,
  formatAddressField,
  parseAddressField,
  parseAddressValue,
  parseHeader,
  readAddressField,
} from '../src/index.ts'
import { text, utf8 } from './texts.ts'

const header = (fields: string) => parseHeader(utf8(fields))

/** Names, addresses and groups in short. */
function short(addresses: readonly Address[]): unknown[] {
  return addresses.map((address) =>
    address.kind === 'group'
      ? [address.name, short(address.members)]
      : `${address.name ?? ''}<${address.mailbox.localPart}@${address.mailbox.domain}>`,
  )
}

describe('parseAddressField', () => {
  it.each<{ name: AddressFieldName; value: string; addresses: unknown[] }>([
    {
      name: 'From',
      value: 'Ada <ada@example.org>, bob@example.org',
      addresses: ['Ada<ada@example.org>', '<bob@example.org>'],
    },
    { name: 'From', value: 'Us: a@example.org;', addresses: [['Us', ['<a@example.org>']]] },
    { name: 'Sender', value: 'Us: a@example.org;', addresses: [['Us', ['<a@example.org>']]] },
    { name: 'To', value: '=?utf-8?q?Gr=C3=BC=C3=9Fe?= <a@example.org>', addresses: ['Grüße<a@example.org>'] },
    { name: 'To', value: '"=?utf-8?q?a?=" <a@example.org>', addresses: ['=?utf-8?q?a?=<a@example.org>'] },
    { name: 'Cc', value: 'Undisclosed recipients:;', addresses: [['Undisclosed recipients', []]] },
    { name: 'Bcc', value: '', addresses: [] },
    { name: 'Resent-Bcc', value: ' (nobody) ', addresses: [] },
    { name: 'Resent-To', value: 'Us: a@example.org;', addresses: [['Us', ['<a@example.org>']]] },
  ])('reads $name: $value (RFC 5322 §3.6)', ({ name, value, addresses }) => {
    const result = parseAddressField(header(`X: y\r\n${name}: ${value}\r\n`), name)
    expect(result?.ok === true && short(result.value)).toEqual(addresses)
  })

  it.each<{ name: AddressFieldName; value: string; rule: string }>([
    { name: 'From', value: '', rule: 'address-list' },
    { name: 'To', value: 'ada <ada@example.org', rule: 'angle-addr' },
    { name: 'Sender', value: 'a@example.org, b@example.org', rule: 'sender' },
    { name: 'Sender', value: 'Us: a@example.org, b@example.org;', rule: 'sender' },
    { name: 'Resent-Sender', value: 'Us: a@example.org;', rule: 'resent-sender' },
    { name: 'Resent-From', value: 'Us: a@example.org;', rule: 'resent-from' },
  ])('refuses $name: $value', ({ name, value, rule }) => {
    expect(parseAddressValue(name, value)).toMatchObject({ ok: false, error: { rule } })
  })

  it('refuses a field that stands twice, and knows none that stands not at all (RFC 5322 §3.6)', () => {
    const twice = header('To: a@example.org\r\nTo: b@example.org\r\n')
    expect(parseAddressField(twice, 'To')).toMatchObject({ ok: false, error: { rule: 'fields' } })
    expect(parseAddressField(twice, 'Cc')).toBeUndefined()
  })
})

describe('readAddressField', () => {
  it('reads all fields of the name, and encoded words between quotes too', () => {
    const { addresses, faults } = readAddressField(
      header(
        'To: "=?utf-8?q?Gr=C3=BC=C3=9Fe?=" <a@example.org>\r\nTo: b@example.org; "=?utf-8?q?=C3=A9?=": c@example.org;',
      ),
      'To',
    )
    expect(short(addresses)).toEqual(['Grüße<a@example.org>', '<b@example.org>', ['é', ['<c@example.org>']]])
    expect(faults).toHaveLength(1)
    expect(readAddressField(header(''), 'To')).toEqual({ addresses: [], faults: [] })
  })
})

describe('formatAddressField', () => {
  const mailbox = mailboxOf('ada@example.org')

  it('writes what both readers read', () => {
    const name = fc.string({ unit: 'binary', maxLength: 70 }).map((text) => text.replaceAll(/[\0-\u001f\u007f]/g, ''))
    const member = name.map((name): Address =>
      name === '' ? { kind: 'mailbox', mailbox } : { kind: 'mailbox', name, mailbox },
    )
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 4 }), (addresses) => {
        const written = parseHeader(formatAddressField('To', addresses).raw)
        expect(parseAddressField(written, 'To')).toEqual({ ok: true, value: addresses })
      }),
      { numRuns: 200 },
    )
  })

  it('writes a name that looks like an encoded word so that no reader decodes it, one that looks between quotes too', () => {
    const addresses: Address[] = [{ kind: 'mailbox', name: '=?utf-8?q?a?= b', mailbox }]
    for (const utf8 of [false, true]) {
      const written = parseHeader(formatAddressField('To', addresses, { utf8 }).raw)
      expect(parseAddressField(written, 'To')).toEqual({ ok: true, value: addresses })
      expect(readAddressField(written, 'To')).toEqual({ addresses, faults: [] })
    }
  })

  it('writes names in UTF-8 where the message needs SMTPUTF8 anyway (RFC 6532 §3.2)', () => {
    const addresses: Address[] = [{ kind: 'mailbox', name: 'Löwe, Ada', mailbox }]
    expect(text(formatAddressField('To', addresses).raw)).toBe('To: =?utf-8?b?TMO2d2UsIEFkYQ==?= <ada@example.org>\r\n')
    expect(formatAddressField('To', addresses, { utf8: true }).value).toBe('"Löwe, Ada" <ada@example.org>')
  })
})
