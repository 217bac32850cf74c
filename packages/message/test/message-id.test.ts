import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatMessageId,
  formatMessageIds,
  parseMessageId,
  parseMessageIds,
  parseMessageIdsStrict,
} from '../src/index.ts'

describe('formatMessageId', () => {
  it.each([
    { left: '01ABC.x', domain: 'mx.example.org', value: '<01ABC.x@mx.example.org>' },
    { left: 'x', domain: '[192.0.2.1]', value: '<x@[192.0.2.1]>' },
    { left: 'a b@c>\r\n', domain: 'exa mple', value: '<a-b-c---@exa-mple>' },
    { left: 'x', domain: '[a>b]', value: '<x@-a-b->' },
    { left: '..a..b.', domain: '', value: '<a.b@->' },
    { left: 'é', domain: 'bücher.example', value: '<é@bücher.example>' },
  ])('writes $value', ({ left, domain, value }) => {
    expect(formatMessageId(left, domain)).toBe(value)
  })

  it('writes what parseMessageId reads', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, domain) => {
        expect(parseMessageId(formatMessageId(left, domain)).ok).toBe(true)
      }),
    )
  })
})

describe('parseMessageId', () => {
  it.each([
    { text: '<1234@local.machine.example>', value: '1234@local.machine.example' },
    { text: ' (c) <a.b@[192.0.2.1]> (d)\r\n', value: 'a.b@[192.0.2.1]' },
    { text: '<"a b\\"@"@example.org>', value: '"a b\\"@"@example.org' },
    { text: '<é@bücher.example>', value: 'é@bücher.example' },
    { text: '<a@[b>c]>', value: 'a@[b>c]' },
  ])('reads $text without its brackets (RFC 5322 §3.6.4)', ({ text, value }) => {
    expect(parseMessageId(text)).toEqual({ ok: true, value })
  })

  it.each([
    { text: '', offset: 0 },
    { text: 'a@b', offset: 0 },
    { text: '<a@b', offset: 4 },
    { text: '<ab>', offset: 3 },
    { text: '<@b>', offset: 1 },
    { text: '<a..b@c>', offset: 1 },
    { text: '<"a@b>', offset: 1 },
    { text: '<"a\\', offset: 1 },
    { text: '<"a\nb"@b>', offset: 1 },
    { text: '<"a"b@c>', offset: 4 },
    { text: '<a@>', offset: 3 },
    { text: '<a@b c>', offset: 3 },
    { text: '<a@[b>', offset: 3 },
    { text: '<a@b> x', offset: 6 },
  ])('says where "$text" is none', ({ text, offset }) => {
    expect(parseMessageId(text)).toEqual({ ok: false, error: { rule: 'msg-id', offset, expected: expect.any(String) } })
  })
})

describe('parseMessageIds', () => {
  it.each([
    { text: '<1@a> <2@b>\r\n\t<3@c>', ids: ['1@a', '2@b', '3@c'] },
    { text: 'Your message of Monday <1@a> (x)', ids: ['1@a'] },
    { text: '<no-at> <> <with blank@a> <<1@a>', ids: ['no-at', '1@a'] },
    { text: '1@a 2@b > <open', ids: [] },
    { text: '<1234   @   local(blah)  .machine .example>', ids: ['1234@local.machine.example'] },
    { text: '< 1@a > <2@b (c)> <3@c(d> < > <4(@d>', ids: ['1@a', '2@b'] },
    { text: '1@a, 2@b\r\n word @', ids: ['1@a', '2@b'] },
  ])('finds the identifiers of "$text" (RFC 5322 §4.5.4)', ({ text, ids }) => {
    expect(parseMessageIds(text)).toEqual(ids)
  })

  it.each(['<', '>', '<(', '<a>', 'a@b ', '(', '<( )', '.(', '(@ '])('takes a megabyte of %s', (piece) => {
    const text = piece.repeat(1_000_000 / piece.length)
    expect(parseMessageIds(text)).toBeInstanceOf(Array)
    expect(parseMessageIds(`<${text}>`)).toBeInstanceOf(Array)
  })
})

describe('parseMessageIdsStrict', () => {
  it.each([
    { text: '<1@a>', ids: ['1@a'] },
    { text: ' (c) <1@a><2@b> (d)\r\n <"3>"@c> ', ids: ['1@a', '2@b', '"3>"@c'] },
  ])('reads $text (RFC 5322 §3.6.4)', ({ text, ids }) => {
    expect(parseMessageIdsStrict(text)).toEqual({ ok: true, value: ids })
  })

  it.each([
    { text: '', offset: 0 },
    { text: '<1@a>, <2@b>', offset: 5 },
    { text: 'word <1@a>', offset: 0 },
    { text: '<1@a> <2@b', offset: 10 },
  ])('says where "$text" is none', ({ text, offset }) => {
    expect(parseMessageIdsStrict(text)).toEqual({
      ok: false,
      error: { rule: 'msg-id', offset, expected: expect.any(String) },
    })
  })

  it('reads what formatMessageIds writes', () => {
    const ids = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.domain()), { minLength: 1 })
    fc.assert(
      fc.property(ids, (pairs) => {
        const ids = pairs.map(([left, domain]) => formatMessageId(left, domain).slice(1, -1))
        expect(parseMessageIdsStrict(formatMessageIds(ids))).toEqual({ ok: true, value: ids })
        expect(parseMessageIds(formatMessageIds(ids))).toEqual(ids)
      }),
    )
    expect(formatMessageIds(['a@b>\r\nX: y', '<>', 'c@d'])).toBe('<a@bX:y> <c@d>')
  })

  it('writes what is well-formed as it is', () => {
    const ids = ['"a >b"@c', '1@[x<y]']
    expect(formatMessageIds(ids)).toBe('<"a >b"@c> <1@[x<y]>')
    expect(parseMessageIdsStrict(formatMessageIds(ids))).toEqual({ ok: true, value: ids })
  })

  it.each(['<', '<"', '<a@b>', '(', '<"\\'])('takes a megabyte of %s', (piece) => {
    expect(parseMessageIdsStrict(piece.repeat(1_000_000 / piece.length))).toHaveProperty('ok')
  })
})
