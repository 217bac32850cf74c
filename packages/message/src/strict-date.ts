/**
 * The date and time of mail as it must be written today (RFC 5322 §3.3), without the obsolete forms that `parseDate`
 * reads.
 */

import type { Result } from '@postroad/address'
import { findForeign } from './cfws.ts'
import { DAYS, type MailDate, MONTHS, parseDate } from './date.ts'

/** A piece of the form, to be found right behind the one before it. */
interface Piece {
  readonly rule: string
  readonly form: RegExp
  readonly expected: string
}

// date-time = [ day-name "," ] day month year hour ":" minute [ ":" second ] zone [CFWS]
const PIECES: readonly Piece[] = [
  { rule: 'day-of-week', form: /[ \t\r\n]*(?:[a-z]{3},[ \t\r\n]*)?/iy, expected: 'a day-name' },
  { rule: 'day', form: /\d{1,2}[ \t\r\n]+/y, expected: 'one or two digits and a blank' },
  {
    rule: 'month',
    form: new RegExp(`(?:${MONTHS.join('|')})[ \\t\\r\\n]+`, 'iy'),
    expected: 'a month-name and a blank',
  },
  { rule: 'year', form: /\d{4}[ \t\r\n]+/y, expected: 'four digits and a blank' },
  { rule: 'time-of-day', form: /\d{2}:\d{2}(?::\d{2})?[ \t\r\n]+/y, expected: 'hour, minute and a blank' },
  { rule: 'zone', form: /[+-]\d{4}/y, expected: 'a sign and four digits' },
]

/**
 * Reads a date-time as RFC 5322 §3.3 demands it of a writer: a year of four digits, from 1900 on, a numeric zone, no
 * comment but behind it, the day of the week that of the date. Names of days and months stand in any case, as all
 * literals of RFC 5234 do.
 */
export function parseDateStrict(text: string): Result<MailDate> {
  const result = parseDate(text)
  if (!result.ok) return result
  let offset = 0
  for (const { rule, form, expected } of PIECES) {
    form.lastIndex = offset
    if (!form.test(text)) return { ok: false, error: { rule, offset, expected } }
    offset = form.lastIndex
  }
  const foreign = findForeign(text)
  if (foreign !== -1) return { ok: false, error: { rule: 'FWS', offset: foreign, expected: 'no such character' } }
  const { at, offsetMinutes } = result.value
  const local = new Date(at + offsetMinutes * 60_000)
  if (local.getUTCFullYear() < 1900) {
    return { ok: false, error: { rule: 'year', offset: text.search(/\d{4}/), expected: '1900 or later' } }
  }
  const start = text.search(/[^ \t\r\n]/)
  const name = text.slice(start, start + 3)
  // A date without a day of the week begins with a digit.
  if (/^[a-z]/i.test(name) && name.toLowerCase() !== DAYS[local.getUTCDay()]?.toLowerCase()) {
    return { ok: false, error: { rule: 'day-of-week', offset: start, expected: 'the day of that date' } }
  }
  return result
}
