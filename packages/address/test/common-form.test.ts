/** The short way through the grammar gives what the whole grammar gives. */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { AddressReader } from '../src/address-reader.ts'
import { readCommonForm } from '../src/common-form.ts'
import { HeaderScanner } from '../src/header-scanner.ts'

const isCommon = (text: string, strict = false): boolean => {
  const scanner = new HeaderScanner(text, strict)
  const address = readCommonForm(scanner, (name) => name)
  // Where it gives up nothing has happened.
  expect(scanner.faults).toEqual([])
  if (address === undefined) expect(scanner.at).toBe(0)
  return address !== undefined
}

function expectSame(text: string): void {
  for (const strict of [true, false]) {
    const whole = new AddressReader(text, strict, {}, false).read()
    expect(new AddressReader(text, strict, {}).read()).toEqual(whole)
    if (isCommon(text, strict)) expect(whole.addresses).not.toEqual([])
  }
}

const label63 = 'x'.repeat(63)

describe('the short way', () => {
  it.each([
    'ada@example.org',
    'ada@EXAMPLE.org  ',
    'a.d.a@example.org,',
    'ada@example.org ;',
    'ada@example.org (Ada Lovelace)',
    'ada@example.org(=?utf-8?q?Ada?=) , x@y',
    '<ada@example.org>',
    'Ada Lovelace <ada@example.org>',
    'Ada<ada@example.org> , b',
    'Ada   <ada@example.org>',
    'Ada B. Lovelace <ada@example.org>',
    '=?utf-8?q?Ada?= =?utf-8?q?B?= <ada@example.org>',
    '"Lovelace, Ada" <ada@example.org>',
    '""<ada@example.org>',
    `ada@${label63}.ab--cd.example`,
  ])('is taken for %s', (text) => {
    expect(isCommon(text)).toBe(true)
    expectSame(text)
  })

  it.each([
    '',
    'ada',
    '.ada@example.org',
    'ada.@example.org',
    'a..da@example.org',
    'a=?b@example.org',
    'ada lovelace@example.org',
    'ada@example.org (Ada (B) Lovelace)',
    'ada@example.org (Ada',
    'ada@example.org (Ada) x',
    'ada@example.org x',
    'ada@-example.org',
    'ada@example-.org',
    'ada@example.org.',
    'ada@exam_ple.org',
    'ada@[192.0.2.1]',
    `ada@${label63}x.org`,
    `ada@${`${label63}.`.repeat(4)}org`,
    'adé@example.org',
    '<@a:ada@example.org>',
    '<ada@example.org',
    '<ada@example.org> (Ada)',
    '<>',
    '<ada>',
    'Ada  Lovelace <ada@example.org>',
    'Ada\tLovelace <ada@example.org>',
    '.Ada <ada@example.org>',
    '=?utf-8?q?A.B?= <ada@example.org>',
    '=?utf-8?q?A?=<ada@example.org>',
    'Ada: <ada@example.org>;',
    '"Ada',
    '"Ada\\"" <ada@example.org>',
    '"Ada"@example.org',
    '"Ada" B <ada@example.org>',
  ])('is not taken for %s', (text) => {
    expect(isCommon(text)).toBe(false)
    expectSame(text)
  })

  it('is not taken strictly for a dot in a name, which is obsolete (RFC 5322 §4.1)', () => {
    expect(isCommon('Ada B. Lovelace <ada@example.org>', true)).toBe(false)
  })

  it('gives what the whole grammar gives, for any text', () => {
    const token = fc.constantFrom(
      ...'a|A|b.c| |  |,|;|:|<|>|@|a@b.c|<a@B-c.d>|-|--|.|..|"|"a, b"|\\|(|)|(c d)|=?|?|=?utf-8?q?a|?=|=?utf-8?q?=41?='.split(
        '|',
      ),
      '\r\n ',
      '\t',
      'é',
      '\u007f',
      '[192.0.2.1]',
      label63,
    )
    fc.assert(
      fc.property(fc.string({ unit: token, maxLength: 14 }), (text) => expectSame(text)),
      { numRuns: 5_000 },
    )
  })

  it('gives what the whole grammar gives, for what is almost common', () => {
    const space = fc.constantFrom('', ' ', '  ', '\r\n ')
    const name = fc.constantFrom(
      'Ada',
      'Ada B',
      'Ada B. C',
      '"a b"',
      '"a\\b"',
      '=?utf-8?q?=41?=',
      '=?utf-8?q?a<b?=',
      '',
    )
    const address = fc.constantFrom('<a@b>', '<a@B.c>', 'a@b.c', 'a.b@c', '<a@b', 'a.@b', '<a@b.>', '<"a"@b>', '(x)')
    const part = fc.tuple(space, name, space, address, space, fc.constantFrom(',', ',', ';', ' ', '(x)', '(=?u?q?)'))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => expectSame(parts.flat().join(''))),
      { numRuns: 5_000 },
    )
  })
})
