import { type Domain, parseDomain, readAddressList } from '@postroad/address'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createField, type Header, parseHeader, qualifyField, qualifyHeader } from '../src/index.ts'
import { bytes, mailBytes, text } from './texts.ts'

function domain(name: string): Domain {
  const result = parseDomain(name)
  if (!result.ok) throw new Error(name)
  return result.value
}

const options = { domain: domain('example.org'), parentDomain: domain('example.net') }
const qualify = (value: string, given = options): string => {
  const [field] = parseHeader(bytes(`To:${value}`)).fields
  return field === undefined ? '' : text(qualifyField(field, given).raw).slice(3)
}

describe('qualifyField', () => {
  it.each([
    { what: 'a local part alone', value: ' ada\r\n', becomes: ' ada@example.org\r\n' },
    { what: 'several', value: ' ada, bob@a.b,\r\n\teve', becomes: ' ada@example.org, bob@a.b,\r\n\teve@example.org' },
    { what: 'a name and comments', value: ' "A, B" <ada (x) >', becomes: ' "A, B" <ada@example.org (x) >' },
    { what: 'a comment behind', value: ' ada (Ada, (a) <b>)', becomes: ' ada@example.org (Ada, (a) <b>)' },
    { what: 'a dot-atom and a quoted string', value: ' a.b, "a b"', becomes: ' a.b@example.org, "a b"@example.org' },
    {
      what: 'an obsolete local part',
      value: ' a . "b" <c>, d . e',
      becomes: ' a . "b" <c@example.org>, d . e@example.org',
    },
    {
      what: 'members of groups',
      value: ' We: ada, b@c.d; , eve;',
      becomes: ' We: ada@example.org, b@c.d; , eve@example.org;',
    },
    { what: 'a domain of one label', value: ' ada@sales', becomes: ' ada@sales.example.net' },
    { what: 'and one in brackets', value: ' A <ada@sales (x)>', becomes: ' A <ada@sales.example.net (x)>' },
    { what: '8-bit bytes', value: ' \u00e9 <\u00e9>', becomes: ' \u00e9 <\u00e9@example.org>' },
    { what: 'a quoted character', value: ' "a\\"b,c"', becomes: ' "a\\"b,c"@example.org' },
    {
      what: 'an encoded word before brackets',
      value: ' =?utf-8?Q?a,b?=<ada>',
      becomes: ' =?utf-8?Q?a,b?=<ada@example.org>',
    },
  ])('completes $what and keeps every other byte (RFC 6409 §4.2)', ({ value, becomes }) => {
    expect(qualify(value)).toBe(becomes)
  })

  it.each([
    { what: 'nothing', value: '' },
    { what: 'what has a domain', value: ' ada@a.b, A <b@c.d>, <@x,@y:e@f.g>' },
    { what: 'a literal', value: ' ada@[192.0.2.1], <b@[IPv6:2001:db8::1]>' },
    { what: 'a phrase', value: ' undisclosed recipients' },
    { what: 'the null path', value: ' <>' },
    { what: 'an empty group', value: ' undisclosed-recipients:;' },
    { what: 'an encoded word alone', value: ' =?utf-8?Q?Ada,_B?=' },
    { what: 'a domain with a dot at its end', value: ' ada@sales.' },
    { what: 'two domains', value: ' ada@sales@x' },
    { what: 'a quoted domain', value: ' ada@"sales"' },
    { what: 'dots out of place', value: ' .ada, a..b, ada.' },
    { what: 'no local part', value: ' @sales' },
    { what: 'a backslash', value: ' a\\b' },
    { what: 'a bracket that closes nothing', value: ' ada>, x]' },
    { what: 'text behind an angle bracket', value: ' <a@b.c> ada' },
    { what: 'an angle bracket within one', value: ' <a<b>' },
    { what: 'an angle bracket that is not closed', value: ' bob, <ada' },
    { what: 'a quoted string that is not closed', value: ' bob, "ada' },
    { what: 'a literal that is not closed', value: ' bob, a@[192.0.2.1' },
    { what: 'a comment that is not closed', value: ' bob, (ada' },
    { what: 'a control character', value: ' bob, a\u0001b' },
    { what: 'a group within a group, in which nothing is an address', value: ' A: B: ada;' },
  ])('leaves $what as it is', ({ value }) => {
    expect(qualify(value)).toBe(value)
  })

  it('leaves domains of one label where no parent is given', () => {
    expect(qualify(' ada@sales, bob', { domain: options.domain } as typeof options)).toBe(' ada@sales, bob@example.org')
  })

  it('leaves a field without a name as it is', () => {
    const [field] = parseHeader(bytes('<')).fields
    expect(field !== undefined && qualifyField(field, options)).toBe(field)
  })

  it('takes out nothing and adds only domains, whatever the bytes', () => {
    fc.assert(
      fc.property(mailBytes, (value) => {
        const [field] = parseHeader(bytes(`To: ${text(value)}`)).fields
        if (field === undefined) throw new Error('no field')
        const qualified = qualifyField(field, options)
        expect(text(qualified.raw).replaceAll('@example.org', '').replaceAll('.example.net', '')).toBe(text(field.raw))
      }),
      { numRuns: 1_000 },
    )
  })

  it('is done once: a second time changes nothing', () => {
    const words = fc.constantFrom(
      'ada',
      ' ',
      ',',
      '<',
      '>',
      '"b"',
      '.',
      '@',
      '(c)',
      ':',
      ';',
      'x.y',
      '\r\n ',
      '=?a?Q?b,c?=',
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (pieces) => {
        const once = qualify(` ${pieces.join('')}`)
        expect(qualify(once)).toBe(once)
      }),
      { numRuns: 1_000 },
    )
  })

  it('leaves no address of a well-formed list without a domain', () => {
    const entry = fc.constantFrom('ada', 'Ada <ada>', 'b@c.d', '"x y" <"p q">', 'ada (c)', 'd.e')
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), (entries) => {
        const { addresses, faults } = readAddressList(qualify(` ${entries.join(', ')}`))
        expect(faults).toEqual([])
        expect(addresses).toHaveLength(entries.length)
      }),
    )
  })

  it.each(['(', '"', '<', ',', 'a@', '=?', '[', 'a.', 'a '])('takes a megabyte of %s', (piece) => {
    expect(qualify(` ${piece.repeat(1_000_000 / piece.length)}`).length).toBeGreaterThanOrEqual(1_000_001)
  })
})

describe('qualifyHeader', () => {
  const header = (fields: string): Header => parseHeader(bytes(fields))

  it('completes the fields of addresses and no other (RFC 5322 §3.6.2, §3.6.3, §3.6.6)', () => {
    const names = ['From', 'Sender', 'Reply-To', 'to', 'CC', 'Bcc', 'Resent-From', 'Resent-Reply-To', 'Subject', 'X-To']
    const qualified = qualifyHeader(header(names.map((name) => `${name}: ada\r\n`).join('')), options)
    const values = qualified.fields.map(({ value }) => value)
    expect(values).toEqual([...names.slice(0, 8).map(() => 'ada@example.org'), 'ada', 'ada'])
  })

  it('gives the same header where nothing is missing', () => {
    const complete = header('To: ada@example.org\r\n').append(createField('Subject', 'x'))
    expect(qualifyHeader(complete, options)).toBe(complete)
  })
})
