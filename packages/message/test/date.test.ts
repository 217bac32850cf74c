import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDate, parseDate, parseDateStrict, readDate } from '../src/index.ts'

describe('formatDate', () => {
  it.each([
    { at: 0, offset: 0, value: 'Thu, 1 Jan 1970 00:00:00 +0000' },
    { at: 880_127_706_000, offset: -360, value: 'Fri, 21 Nov 1997 09:55:06 -0600' },
    { at: 880_127_706_999, offset: 345, value: 'Fri, 21 Nov 1997 21:40:06 +0545' },
    { at: Number.NaN, offset: Number.NaN, value: 'Thu, 1 Jan 1970 00:00:00 +0000' },
    { at: Number.POSITIVE_INFINITY, offset: 0, value: 'Thu, 30 Dec 9999 00:00:00 +0000' },
    { at: Number.NEGATIVE_INFINITY, offset: 0, value: 'Tue, 2 Jan 1900 00:00:00 +0000' },
    { at: 0, offset: 1e9, value: 'Mon, 5 Jan 1970 03:59:00 +9959' },
  ])('writes $value (RFC 5322 §3.3)', ({ at, offset, value }) => {
    expect(formatDate(at, offset)).toBe(value)
  })

  it('is in UTC where no offset is given', () => {
    expect(formatDate(1_000)).toBe('Thu, 1 Jan 1970 00:00:01 +0000')
  })
})

describe('parseDate', () => {
  it.each([
    { text: 'Fri, 21 Nov 1997 09:55:06 -0600', at: '1997-11-21T15:55:06Z', offset: -360 },
    { text: '21 Nov 1997 09:55 +0530', at: '1997-11-21T04:25:00Z', offset: 330 },
    {
      text: 'Thu,\r\n 13\r\n Feb\r\n 1969\r\n 23:32\r\n -0330 (Newfoundland Time)',
      at: '1969-02-14T03:02:00Z',
      offset: -210,
    },
    { text: '21 Nov 97 09:55:06 GMT', at: '1997-11-21T09:55:06Z', offset: 0 },
    { text: '21 Nov 07 09:55:06 UT', at: '2007-11-21T09:55:06Z', offset: 0 },
    { text: '21 Nov 107 09:55:06 EST', at: '2007-11-21T14:55:06Z', offset: -300 },
    { text: 'Fri, 21 Nov 1997 09(comment):   55  :  06 -0600', at: '1997-11-21T15:55:06Z', offset: -360 },
    { text: '(a (nested \\) one)) 1 jan 2020 1:2:3 pdt', at: '2020-01-01T08:02:03Z', offset: -420 },
    { text: 'Xyz 1 Jan 2020 00:00:00 Z', at: '2020-01-01T00:00:00Z', offset: 0 },
    { text: '1 Jan 2020 00:00:00 -0000', at: '2020-01-01T00:00:00Z', offset: 0 },
    { text: '1 Jan 2020 00:00:00 CEST', at: '2020-01-01T00:00:00Z', offset: 0 },
    { text: '1 Jan 2020 00:00:00 EST5EDT', at: '2020-01-01T05:00:00Z', offset: -300 },
    { text: '31 Dec 2016 23:59:60 +0000', at: '2016-12-31T23:59:59Z', offset: 0 },
    { text: '29 Feb 2000 00:00:00 +0000', at: '2000-02-29T00:00:00Z', offset: 0 },
  ])('reads $text (RFC 5322 §3.3, §4.3)', ({ text, at, offset }) => {
    expect(parseDate(text)).toEqual({ ok: true, value: { at: Date.parse(at), offsetMinutes: offset } })
  })

  it.each([
    { text: '', rule: 'day', offset: 0 },
    { text: 'Fri, Nov 1997', rule: 'day', offset: 5 },
    { text: '32 Nov 1997 00:00 +0000', rule: 'day', offset: 0 },
    { text: 'Fri, 30 Feb 1997 00:00 +0000', rule: 'day', offset: 5 },
    { text: '0 Jan 1997 00:00 +0000', rule: 'day', offset: 0 },
    { text: '123 Jan 1997 00:00 +0000', rule: 'day', offset: 0 },
    { text: '1 Foo 1997 00:00 +0000', rule: 'month', offset: 2 },
    { text: '1 Jan 1 00:00 +0000', rule: 'year', offset: 6 },
    { text: '1 Jan 1997 24:00 +0000', rule: 'hour', offset: 11 },
    { text: '1 Jan 1997 00 +0000', rule: 'hour', offset: 14 },
    { text: '1 Jan 1997 00:60 +0000', rule: 'minute', offset: 14 },
    { text: '1 Jan 1997 00:00:61 +0000', rule: 'second', offset: 17 },
    { text: '1 Jan 1997 00:00:00', rule: 'zone', offset: 19 },
    { text: '1 Jan 1997 00:00:00 +00', rule: 'zone', offset: 21 },
    { text: '1 Jan 1997 00:00:00 +0060', rule: 'zone', offset: 20 },
    { text: '1 Jan 1997 00:00:00 +0000 x', rule: 'date-time', offset: 26 },
    { text: '1 Jan 1997 00:00:00 +0000 (open', rule: 'date-time', offset: 26 },
  ])('says where "$text" is no date', ({ text, rule, offset }) => {
    expect(parseDate(text)).toEqual({ ok: false, error: { rule, offset, expected: expect.any(String) } })
  })

  it('reads what formatDate writes', () => {
    const at = fc
      .integer({ min: Date.UTC(1901, 0), max: Date.UTC(9999, 0) })
      .map((ms) => Math.floor(ms / 1_000) * 1_000)
    fc.assert(
      fc.property(at, fc.integer({ min: -1_439, max: 1_439 }), (at, offsetMinutes) => {
        expect(parseDate(formatDate(at, offsetMinutes))).toEqual({ ok: true, value: { at, offsetMinutes } })
      }),
    )
  })

  it('takes any text, and ten megabytes of open comments', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseDate(text)).toHaveProperty('ok')
      }),
    )
    expect(parseDate('('.repeat(10_000_000)).ok).toBe(false)
  })
})

describe('parseDateStrict', () => {
  it.each([
    { text: 'Fri, 21 Nov 1997 09:55:06 -0600' },
    { text: ' 1 Jan 2020 00:00 +0000 (comment)' },
    { text: '\r\n Thu,\r\n 13\r\n Feb 1969 23:32 -0330 (Newfoundland Time)\r\n' },
    { text: 'Sat,31 Dec 2016 23:59:60 +0000' },
    { text: 'fri, 21 NOV 1997 09:55:06 -0600' },
    { text: '1 Jan 1900 00:00 +0000' },
    { text: '1 Jan 2020 00:00 +0000 (a\r\n b)' },
  ])('reads $text (RFC 5322 §3.3)', ({ text }) => {
    expect(parseDateStrict(text)).toEqual(parseDate(text))
    expect(parseDateStrict(text).ok).toBe(true)
  })

  it.each([
    { text: '', rule: 'day', offset: 0 },
    { text: 'Fri 21 Nov 1997 09:55:06 -0600', rule: 'day', offset: 0 },
    { text: 'Fri, (c) 21 Nov 1997 09:55:06 -0600', rule: 'day', offset: 5 },
    { text: 'Sun, 31 Dec 1899 09:55:06 +0000', rule: 'year', offset: 12 },
    { text: '21 Nov\r 1997 09:55:06 -0600', rule: 'FWS', offset: 6 },
    { text: '21 Nov 1997 09:55:06 -0600 (a\nb)', rule: 'FWS', offset: 29 },
    { text: '21 Nov 1997 09:55:06 -0600 (a\r\nb)', rule: 'FWS', offset: 29 },
    { text: '21 Nov 1997 09:55:06 -0600 (a\0b)', rule: 'FWS', offset: 29 },
    { text: 'thu, 21 Nov 1997 09:55:06 -0600', rule: 'day-of-week', offset: 0 },
    { text: '21 Nov 97 09:55:06 -0600', rule: 'year', offset: 7 },
    { text: '21 Nov 1997 9:55:06 -0600', rule: 'time-of-day', offset: 12 },
    { text: '21 Nov 1997 09:55:06 GMT', rule: 'zone', offset: 21 },
    { text: ' Thu, 21 Nov 1997 09:55:06 -0600', rule: 'day-of-week', offset: 1 },
    { text: 'Xyz, 21 Nov 1997 09:55:06 -0600', rule: 'day-of-week', offset: 0 },
  ])('says where "$text" is not of today', ({ text, rule, offset }) => {
    expect(parseDateStrict(text)).toEqual({ ok: false, error: { rule, offset, expected: expect.any(String) } })
  })

  it('reads what formatDate writes, and ten megabytes of blanks', () => {
    const at = fc.integer({ min: Date.UTC(1901, 0), max: Date.UTC(9999, 0) })
    fc.assert(
      fc.property(at, fc.integer({ min: -1_439, max: 1_439 }), (at, offsetMinutes) => {
        expect(parseDateStrict(formatDate(at, offsetMinutes)).ok).toBe(true)
      }),
    )
    expect(parseDateStrict(`${' '.repeat(10_000_000)}1 Jan 2020 00:00 +0000`).ok).toBe(true)
  })
})

describe('readDate', () => {
  it.each([
    { text: 'Fri, 21 Nov 1997 09:55:06 -0600', at: '1997-11-21T15:55:06Z', offset: -360 },
    { text: '21 Nov 1997 09:55:06', at: '1997-11-21T09:55:06Z', offset: 0 },
    { text: 'Fri Nov 21 09:55:06 1997', at: '1997-11-21T09:55:06Z', offset: 0 },
    { text: 'Fri Nov 21 09:55:06 EST 1997', at: '1997-11-21T14:55:06Z', offset: -300 },
    { text: '21-Nov-97 09:55:06.123 +02:00', at: '1997-11-21T07:55:06Z', offset: 120 },
    { text: 'November 21, 1997 9:55 PM GMT+0200', at: '1997-11-21T19:55:00Z', offset: 120 },
    { text: 'Sept. 1 2020 12:05 a.m. -7', at: '2020-09-01T07:05:00Z', offset: -420 },
    { text: '1 Jan 07 (c) 00:00 CEST', at: '2007-01-01T00:00:00Z', offset: 0 },
    { text: '1 Jan 107 00:00 UTC', at: '2007-01-01T00:00:00Z', offset: 0 },
    { text: '1 Jan 2020 23:59:60 -0000 at noon', at: '2020-01-01T23:59:59Z', offset: 0 },
    { text: '1 Jan 2020 99:00 01:00 Feb 2 2021 +0100 GMT pm am +9999', at: '2020-01-01T12:00:00Z', offset: 60 },
  ])('reads $text', ({ text, at, offset }) => {
    expect(readDate(text)).toEqual({ at: Date.parse(at), offsetMinutes: offset })
  })

  it.each([
    { text: '' },
    { text: 'Nov 1997 09:55:06' },
    { text: '21 1997 09:55:06' },
    { text: '21 Nov 09:55:06' },
    { text: '21 Nov 1997' },
    { text: '30 Feb 1997 09:55' },
    { text: '21 11 97 09:55:06' },
    { text: `${'a '.repeat(30)}21 Nov 1997 09:55:06` },
    { text: '(open 21 Nov 1997 09:55:06'.repeat(2) },
  ])('finds none in "$text"', ({ text }) => {
    expect(readDate(text)).toBeUndefined()
  })

  it.each(['(', ',', ' ', 'a', '1-', '21-Nov-'])('takes a megabyte of %s', (piece) => {
    expect(readDate(piece.repeat(1_000_000 / piece.length))).toBeUndefined()
  })
})
