/**
 * The date and time of mail (RFC 5322 §3.3), written in today's form and read in the obsolete ones too (§4.3).
 *
 * ```abnf
 * date-time   = [ day-of-week "," ] date time [CFWS]
 * date        = day month year          ; comments and blanks between all of them
 * time        = hour ":" minute [ ":" second ] zone
 * zone        = ( "+" / "-" ) 4DIGIT / obs-zone
 * ```
 */

import type { Result, SyntaxFault } from '@postroad/address'
import { skipCfws } from './cfws.ts'

/** A moment and the zone it was written in. */
export interface MailDate {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Minutes east of UTC; 0 where the zone is `-0000` or not known (RFC 5322 §3.3, §4.3). */
  readonly offsetMinutes: number
}

/** RFC 5322 §3.3: day-name, from Sunday on. */
export const DAYS: readonly string[] = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
/** RFC 5322 §3.3: month-name. */
export const MONTHS: readonly string[] = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
]
const EARLIEST = Date.UTC(1900, 0, 2)
const LATEST = Date.UTC(9999, 11, 30)

/**
 * `Fri, 21 Nov 1997 09:55:06 -0600`.
 *
 * @param at Milliseconds since the epoch, brought into the years 1900 to 9999 that the form can hold; NaN is the epoch.
 * @param offsetMinutes Minutes east of UTC, brought into ±5,999 (`±9959`); default 0.
 */
export function formatDate(at: number, offsetMinutes = 0): string {
  const offset = Math.trunc(Math.min(5_999, Math.max(-5_999, offsetMinutes))) || 0
  const moment = (Number.isNaN(at) ? 0 : Math.min(LATEST, Math.max(EARLIEST, at))) + offset * 60_000
  const local = new Date(Math.min(LATEST, Math.max(EARLIEST, moment)))
  const zone = Math.abs(offset)
  const day = `${DAYS[local.getUTCDay()]}, ${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ${local.getUTCFullYear()}`
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two).join(':')
  return `${day} ${time} ${offset < 0 ? '-' : '+'}${two(Math.floor(zone / 60))}${two(zone % 60)}`
}

const two = (value: number): string => String(value).padStart(2, '0')

/**
 * Reads a date-time, lenient as RFC 5322 §4.3 asks: comments anywhere, years of two and three digits, zones by name.
 *
 * A day of the week that is not the date's is passed over; so is text after the zone that is only comments. A leap
 * second is read as the second before it. A zone must stand: `readDate` does without.
 */
export function parseDate(text: string): Result<MailDate> {
  const reader = new DateReader(text)
  reader.dayName()
  const dayOffset = reader.at
  const day = reader.number('day', 1, 2, 31)
  const month = reader.month()
  const year = reader.year()
  const hour = reader.number('hour', 1, 2, 23)
  reader.literal(':', 'hour')
  const minute = reader.number('minute', 1, 2, 59)
  const second = reader.optional(':') ? reader.number('second', 1, 2, 60) : 0
  const offsetMinutes = reader.zone()
  reader.end()
  if (reader.error !== undefined) return { ok: false, error: reader.error }
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  if (date.getUTCDate() !== day)
    return { ok: false, error: { rule: 'day', offset: dayOffset, expected: 'a day of that month' } }
  date.setUTCHours(hour, minute, Math.min(second, 59))
  return { ok: true, value: { at: date.getTime() - offsetMinutes * 60_000, offsetMinutes } }
}

/** Takes token after token; after the first fault it takes nothing more, and the fault stands. */
class DateReader {
  readonly #text: string
  #at: number
  error: SyntaxFault | undefined

  constructor(text: string) {
    this.#text = text
    this.#at = skipCfws(text, 0)
  }

  /** Where the next token stands. */
  get at(): number {
    return this.#at
  }

  /** A day-name and its comma, where they stand; the comma may be missing, the name is not judged. */
  dayName(): void {
    const start = this.#at
    this.#while(isLetter)
    if (this.#at === start) return
    this.#skip()
    this.optional(',')
  }

  number(rule: string, least: number, most: number, highest: number): number {
    const start = this.#at
    this.#while(isDigit)
    const digits = this.#text.slice(start, this.#at)
    const value = Number(digits)
    if (digits.length < least || digits.length > most || value > highest) {
      return this.#fault(rule, start, `a number up to ${highest}`)
    }
    this.#skip()
    return value
  }

  /** RFC 5322 §4.3: two digits below 50 are in this century, other two and all three count from 1900. */
  year(): number {
    const start = this.#at
    const value = this.number('year', 2, 4, 9_999)
    let digits = 0
    while (isDigit(this.#text.charCodeAt(start + digits))) digits += 1
    return digits === 4 ? value : digits === 2 && value < 50 ? value + 2_000 : value + 1_900
  }

  /** 0 to 11. */
  month(): number {
    const start = this.#at
    this.#while(isLetter)
    const name = this.#text.slice(start, this.#at).toLowerCase()
    const month = MONTHS.findIndex((other) => other.toLowerCase() === name)
    if (month === -1) return this.#fault('month', start, 'a month-name')
    this.#skip()
    return month
  }

  optional(literal: string): boolean {
    if (this.#text.charAt(this.#at) !== literal || this.error !== undefined) return false
    this.#at += 1
    this.#skip()
    return true
  }

  literal(literal: string, rule: string): void {
    if (!this.optional(literal)) this.#fault(rule, this.#at, `"${literal}"`)
  }

  /** Minutes east of UTC. Names that are not known are `-0000` (RFC 5322 §4.3), the military ones too. */
  zone(): number {
    const start = this.#at
    const sign = this.#text.charAt(start)
    if (sign === '+' || sign === '-') {
      this.#at += 1
      const value = this.number('zone', 4, 4, 9_959)
      if (value % 100 > 59) return this.#fault('zone', start, 'minutes up to 59')
      const minutes = Math.floor(value / 100) * 60 + (value % 100)
      return sign === '-' && minutes > 0 ? -minutes : minutes
    }
    this.#while(isLetter)
    const name = this.#text.slice(start, this.#at).toUpperCase()
    if (name === '') return this.#fault('zone', start, 'a zone')
    this.#while((code) => isLetter(code) || isDigit(code))
    this.#skip()
    return ZONES.get(name) ?? 0
  }

  end(): void {
    if (this.#at < this.#text.length) this.#fault('date-time', this.#at, 'nothing more')
  }

  #while(accepts: (code: number) => boolean): void {
    while (this.error === undefined && accepts(this.#text.charCodeAt(this.#at))) this.#at += 1
  }

  #skip(): void {
    this.#at = skipCfws(this.#text, this.#at)
  }

  #fault(rule: string, offset: number, expected: string): number {
    this.error ??= { rule, offset, expected }
    return 0
  }
}

/** RFC 5322 §4.3: obs-zone, in minutes east of UTC. */
export const ZONES: ReadonlyMap<string, number> = new Map([
  ['UT', 0],
  ['GMT', 0],
  ['EDT', -240],
  ['EST', -300],
  ['CDT', -300],
  ['CST', -360],
  ['MDT', -360],
  ['MST', -420],
  ['PDT', -420],
  ['PST', -480],
])

const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
