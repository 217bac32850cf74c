/** Paths (RFC 5321 §4.1.2). */

import { describe, expect, it } from 'vitest'

import { formatPath, parseForwardPath, parseReversePath } from '../src/index.ts'
import { mailbox } from './values.ts'

const ADA = mailbox('ada@example.org')

describe.each([
  { name: 'parseReversePath', parse: parseReversePath },
  { name: 'parseForwardPath', parse: parseForwardPath },
])('$name', ({ parse }) => {
  it.each([
    { text: '<ada@example.org>', value: ADA },
    { text: '<ADA@EXAMPLE.ORG>', value: mailbox('ADA@example.org') },
    { text: '<"a b>"@[192.0.2.1]>', value: mailbox('"a b>"@[192.0.2.1]') },
    { text: '<@a,@b.example:ada@example.org>', value: ADA },
    { text: '<@a:ada@example.org>', value: ADA },
  ])('reads $text', ({ text, value }) => {
    expect(parse(text)).toEqual({ ok: true, value })
  })

  it.each([
    { text: '', rule: 'Path', offset: 0 },
    { text: 'ada@example.org', rule: 'Path', offset: 0 },
    { text: '<ada@example.org', rule: 'Path', offset: 16 },
    { text: '<ada@example.org>x', rule: 'Path', offset: 17 },
    { text: '<ada@example.org> ', rule: 'Path', offset: 17 },
    { text: ' <ada@example.org>', rule: 'Path', offset: 0 },
    { text: '<ada>', rule: 'Mailbox', offset: 4 },
    { text: '<ada@example.org\r\n>', rule: 'Path', offset: 16 },
    { text: '<@a>', rule: 'A-d-l', offset: 3 },
    { text: '<@a,b:c@d>', rule: 'At-domain', offset: 4 },
    { text: '<@a,@:c@d>', rule: 'sub-domain', offset: 5 },
    { text: '<@[192.0.2.1]:c@d>', rule: 'sub-domain', offset: 2 },
    { text: '<@a:>', rule: 'Atom', offset: 4 },
    { text: '<adé@example.org>', rule: 'Mailbox', offset: 3 },
    { text: `<${'@a,'.repeat(100)}@a:ada@example.org>`, rule: 'Path', offset: 0 },
    { text: `<${'@a,'.repeat(300_000)}`, rule: 'At-domain', offset: 900_001 },
  ])('refuses a text of $text.length characters by $rule at $offset', ({ text, rule, offset }) => {
    expect(parse(text)).toMatchObject({ ok: false, error: { rule, offset } })
  })

  it('takes 256 octets, brackets counted, and no more (RFC 5321 §4.5.3.1.3)', () => {
    const longest = `${'x'.repeat(64)}@${`${'y'.repeat(62)}.`.repeat(2)}${'z'.repeat(63)}`
    expect(parse(`<${longest}>`).ok).toBe(true)
    expect(parse(`<@a,@b.c:${longest}>`).ok).toBe(false)
  })

  it('takes UTF-8 with SMTPUTF8 (RFC 6531 §3.3)', () => {
    expect(parse('<@école.test:adé@école.test>', { smtputf8: true })).toEqual({
      ok: true,
      value: mailbox('adé@école.test'),
    })
  })
})

it('reads the null reverse-path, which is no forward-path (RFC 5321 §4.5.5)', () => {
  expect(parseReversePath('<>')).toEqual({ ok: true, value: null })
  expect(parseForwardPath('<>')).toMatchObject({ ok: false, error: { rule: 'Atom', offset: 1 } })
  expect(parseReversePath('< >').ok).toBe(false)
})

it.each(['<postmaster>', '<Postmaster>', '<POSTMASTER>'])(
  'reads %s as a forward-path alone (RFC 5321 §4.1.1.3)',
  (text) => {
    expect(parseForwardPath(text)).toEqual({ ok: true, value: 'postmaster' })
    expect(parseReversePath(text).ok).toBe(false)
  },
)

it('writes paths', () => {
  expect(formatPath(null)).toBe('<>')
  expect(formatPath('postmaster')).toBe('<postmaster>')
  expect(formatPath(ADA)).toBe('<ada@example.org>')
  expect(formatPath(mailbox('"a b"@x'))).toBe('<"a b"@x>')
})
