/**
 * The date and time of mail as it must be written today (RFC 5322 §3.3), without the obsolete forms that `parseDate`
 * reads.
 */

import type { Result } from '@postroad/address'
import { DAYS, type MailDate, MONTHS, parseDate } from './date.ts'

/** A piece of the form, to be found right behind the one before it. */
interface Piece {
  readonly rule: string
  readonly form: RegExp
  readonly expected: string
}

// date-time = [ day-name "," ] day month year hour ":" minute [ ":" second ] zone [CFWS]
const PIECES: readonly Piece[] = [
  { rule: 'day-of-week', form: /[ \t\r\n]*(?:[A-Z][a-z]{2},[ \t\r\n]*)?/y, expected: 'a day-name' },
  { rule: 'day', form: /\d{1,2}[ \t\r\n]+/y, expected: 'one or two digits and a blank' },
  {
    rule: 'month',
    form: new RegExp(`(?:${MONTHS.join('|')})[ \\t\\r\\n]+`, 'y'),
    expected: 'a month-name and a blank',
  },
  { rule: 'year', form: /\d{4}[ \t\r\n]+/y, expected: 'four digits and a blank' },
  { rule: 'time-of-day', form: /\d{2}:\d{2}(?::\d{2})?[ \t\r\n]+/y, expected: 'hour, minute and a blank' },
  { rule: 'zone', form: /[+-]\d{4}/y, expected: 'a sign and four digits' },
]

/**
 * Reads a date-time as RFC 5322 §3.3 demands it of a writer: four digits of the year, a numeric zone, no comment but
 * behind it, the day of the week that of the date. Names of days and months as they are spelled there.
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
  const { at, offsetMinutes } = result.value
  const start = text.search(/[^ \t\r\n]/)
  const name = text.slice(start, start + 3)
  const weekday = DAYS[new Date(at + offsetMinutes * 60_000).getUTCDay()]
  // A date without a day of the week begins with a digit.
  if (/^[A-Z]/.test(name) && name !== weekday) {
    return { ok: false, error: { rule: 'day-of-week', offset: start, expected: 'the day of that date' } }
  }
  return result
}
