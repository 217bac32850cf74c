/** Domain names (RFC 5321 §4.1.2), and IDNA. */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { domainToAscii, domainToUnicode, parseDomain, sameDomain } from '../src/index.ts'
import { domain } from './values.ts'

const label63 = 'x'.repeat(63)

describe('parseDomain', () => {
  it.each([
    { text: 'example.org', value: 'example.org' },
    { text: 'EXAMPLE.Org', value: 'example.org' },
    { text: 'org', value: 'org' },
    { text: '3com.com', value: '3com.com' },
    { text: '255.255.255.255', value: '255.255.255.255' },
    { text: 'ab--cd.example', value: 'ab--cd.example' },
    { text: 'XN--EXAMPLE.test', value: 'xn--example.test' },
    { text: `${label63}.org`, value: `${label63}.org` },
    { text: `${`${label63}.`.repeat(3)}${'x'.repeat(63)}`, value: `${`${label63}.`.repeat(3)}${'x'.repeat(63)}` },
  ])('takes $text', ({ text, value }) => {
    expect(parseDomain(text)).toEqual({ ok: true, value })
  })

  it.each([
    { text: '', rule: 'sub-domain', offset: 0 },
    { text: '.', rule: 'sub-domain', offset: 0 },
    { text: 'example.org.', rule: 'sub-domain', offset: 12 },
    { text: 'example..org', rule: 'sub-domain', offset: 8 },
    { text: '-example.org', rule: 'sub-domain', offset: 0 },
    { text: 'example-.org', rule: 'sub-domain', offset: 8 },
    { text: 'example.org-', rule: 'sub-domain', offset: 12 },
    { text: 'exa_mple.org', rule: 'Domain', offset: 3 },
    { text: 'exa mple.org', rule: 'Domain', offset: 3 },
    { text: 'example.org\r\n', rule: 'Domain', offset: 11 },
    { text: 'example.org\0', rule: 'Domain', offset: 11 },
    { text: 'école.test', rule: 'sub-domain', offset: 0 },
    { text: `${label63}x.org`, rule: 'sub-domain', offset: 63 },
    { text: `${`${label63}.`.repeat(4)}x`, rule: 'Domain', offset: 0 },
    { text: 'x.'.repeat(1_000_000), rule: 'sub-domain', offset: 2_000_000 },
    { text: '-'.repeat(1_000_000), rule: 'sub-domain', offset: 0 },
  ])('refuses a text of $text.length characters by $rule at $offset', ({ text, rule, offset }) => {
    expect(parseDomain(text)).toMatchObject({ ok: false, error: { rule, offset } })
  })

  it.each([
    { text: 'école.test', value: 'école.test' },
    { text: 'ÉCOLE.Test', value: 'école.test' },
    { text: 'e\u0301cole.test', value: 'école.test' },
    { text: 'faß.test', value: 'faß.test' },
    { text: 'ΟΔΟΣ.test', value: 'οδοσ.test' },
    { text: '普遍接受-测试.世界', value: '普遍接受-测试.世界' },
    { text: '🚀.test', value: '🚀.test' },
    { text: 'ab--cd.école.test', value: 'ab--cd.école.test' },
  ])('takes $text with SMTPUTF8 (RFC 6531 §3.3)', ({ text, value }) => {
    expect(parseDomain(text, { smtputf8: true })).toEqual({ ok: true, value })
  })

  it.each([
    { text: '普遍接受。世界', why: 'an ideographic full stop' },
    { text: 'ｅxample.test', why: 'a full width letter' },
    { text: 'école\u00ad.test', why: 'a soft hyphen' },
    { text: '\u0301a.test', why: 'a combining mark at the start' },
    { text: 'éc--ole.test', why: 'hyphens in third and fourth place' },
    { text: 'a\u200db.test', why: 'a joiner out of its context' },
    { text: 'אa.test', why: 'two directions in one label' },
    { text: `${'é'.repeat(63)}.test`, why: 'an A-label of more than 63 octets' },
    { text: 'é\ufffe.test', why: 'a character that is none' },
    { text: 'é\u00a0.test', why: 'a space that does not break' },
    { text: '\ud800.test', why: 'half a character' },
    { text: 'a\udc00.test', why: 'the other half' },
    { text: 'é_a.test', why: 'an underscore' },
    { text: '-é.test', why: 'a hyphen at the start' },
    { text: 'é-.test', why: 'a hyphen at the end' },
  ])('refuses $why with SMTPUTF8 (RFC 5890 §2.3.2.1)', ({ text }) => {
    expect(parseDomain(text, { smtputf8: true }).ok).toBe(false)
  })

  it('never throws, and is idempotent, for any text', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('a', '-', '.', 'xn--', '[', ']', ':'),
        fc.string({ unit: 'binary', maxLength: 1 }),
      ),
    })
    fc.assert(
      fc.property(text, (any) => {
        const parsed = parseDomain(any, { smtputf8: true })
        if (!parsed.ok) return
        expect(parseDomain(parsed.value, { smtputf8: true })).toEqual(parsed)
        domainToAscii(parsed.value)
        domainToUnicode(parsed.value)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('domainToAscii', () => {
  it.each([
    { text: 'example.org', ascii: 'example.org' },
    { text: 'ab--cd.example', ascii: 'ab--cd.example' },
    { text: 'ab--cd.école.test', ascii: 'ab--cd.xn--cole-9oa.test' },
    { text: 'faß.test', ascii: 'xn--fa-hia.test' },
    { text: 'xn--cole-9oa.test', ascii: 'xn--cole-9oa.test' },
    { text: '[192.0.2.1]', ascii: '[192.0.2.1]' },
  ])('gives $ascii for $text', ({ text, ascii }) => {
    expect(domainToAscii(domain(text))).toEqual({ ok: true, value: ascii })
  })

  it.each([
    { text: 'xn--example.test', rule: 'U-label' },
    { text: 'xn--a.test', rule: 'U-label' },
    { text: `${`${label63}.`.repeat(3)}${'x'.repeat(62)}`, rule: 'Domain' },
  ])('refuses $text by $rule', ({ text, rule }) => {
    expect(domainToAscii(domain(text))).toMatchObject({ ok: false, error: { rule, offset: 0 } })
  })
})

describe('domainToUnicode', () => {
  it.each([
    { text: 'xn--cole-9oa.test', unicode: 'école.test' },
    { text: 'école.test', unicode: 'école.test' },
    { text: 'example.org', unicode: 'example.org' },
    { text: 'xn--example.test', unicode: 'xn--example.test' },
    { text: '[IPv6:2001:db8::1]', unicode: '[IPv6:2001:db8::1]' },
  ])('gives $unicode for $text', ({ text, unicode }) => {
    expect(domainToUnicode(domain(text))).toBe(unicode)
  })
})

it('knows U-label and A-label for the same, and different names for different', () => {
  expect(sameDomain(domain('ÉCOLE.test'), domain('xn--cole-9oa.test'))).toBe(true)
  expect(sameDomain(domain('example.org'), domain('EXAMPLE.ORG'))).toBe(true)
  expect(sameDomain(domain('example.org'), domain('example.net'))).toBe(false)
  expect(sameDomain(domain('xn--example.test'), domain('xn--example.test'))).toBe(true)
})
