/**
 * Dates as they are found: what `parseDate` reads, and the forms of programs that never heard of RFC 5322 §3.3.
 *
 * `Fri Nov 21 09:55:06 1997`, `21-Nov-1997 09:55:06`, `November 21, 1997 9:55 PM GMT+0200`, dates without a zone.
 */

import { skipCfws } from './cfws.ts'
import { type MailDate, MONTHS, parseDate, ZONES } from './date.ts'

/** No date has more words, even with what programs put before it. */
const MOST_WORDS = 30

/** What was found of a date so far. */
interface Pieces {
  day?: number
  month?: number
  year?: number
  time?: readonly number[]
  afternoon?: boolean
  offsetMinutes?: number
}

/**
 * Reads a date leniently; `undefined` where day, month, year or time cannot be told.
 *
 * In any order, but the day before a year of two digits. Months are names, in English, of three letters or more: of
 * numbers nobody can tell which is the month. What is no part of a date is passed over. A missing zone, and one that is
 * not known, is UTC: what the sender's clock showed, as RFC 5322 §3.3 has it for `-0000`. Looks at the first thirty
 * words only.
 */
export function readDate(text: string): MailDate | undefined {
  const parsed = parseDate(text)
  if (parsed.ok) return parsed.value
  const pieces: Pieces = {}
  for (const word of words(text)) takeWord(word, pieces)
  const { day, month, year, time, afternoon, offsetMinutes = 0 } = pieces
  if (day === undefined || month === undefined || year === undefined || time === undefined) return undefined
  const [hour = 0, minute = 0, second = 0] = time
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  if (date.getUTCDate() !== day) return undefined
  date.setUTCHours(afternoon === undefined ? hour : (hour % 12) + (afternoon ? 12 : 0), minute, Math.min(second, 59))
  return { at: date.getTime() - offsetMinutes * 60_000, offsetMinutes }
}

/** The first words: what stands between blanks, commas and comments; a date with hyphens is three. */
function words(text: string): readonly string[] {
  const found: string[] = []
  for (let at = skipCfws(text, 0); at < text.length && found.length < MOST_WORDS; at = skipCfws(text, at)) {
    const [word = ''] = WORD.exec(text.slice(at, at + LONGEST_WORD)) ?? []
    // What begins a comment here never ends it.
    if (text.charAt(at) === '(') break
    if (word !== '') found.push(...(HYPHENATED.test(word) ? word.split('-') : [word]))
    at += Math.max(1, word.length)
  }
  return found
}

const LONGEST_WORD = 40
const WORD = /^[^ \t\r\n,()]+/
const HYPHENATED = /^\d{1,2}-[A-Za-z]+-\d{2,4}$/

/** Takes a word for the first piece of a date that it can be. */
function takeWord(word: string, pieces: Pieces): void {
  const time = TIME.exec(word)
  if (time !== null) {
    const [, hour, minute, second = '0'] = time
    const numbers = [Number(hour), Number(minute), Number(second)]
    if (isTime(numbers)) pieces.time ??= numbers
  } else if (/^\d{1,4}$/.test(word)) takeNumber(word, pieces)
  else if (/^[ap]\.?m\.?$/i.test(word)) pieces.afternoon ??= /^p/i.test(word)
  else takeName(word, pieces)
}

const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.]\d{1,9})?)?$/
const isTime = ([hour = 0, minute = 0, second = 0]: readonly number[]): boolean =>
  hour < 24 && minute < 60 && second < 61

/** RFC 5322 §4.3 for years of two and three digits. */
function takeNumber(word: string, pieces: Pieces): void {
  const value = Number(word)
  if (word.length < 3 && pieces.day === undefined) pieces.day = value
  else if (word.length > 1) pieces.year ??= word.length === 4 ? value : value < 50 ? value + 2_000 : value + 1_900
}

function takeName(word: string, pieces: Pieces): void {
  const name = word.toLowerCase().replace(/\.$/, '')
  const month = name.length < 3 ? -1 : MONTHS.findIndex((other) => name.startsWith(other.toLowerCase()))
  if (month !== -1 && /^[a-z]{3,9}$/.test(name)) {
    pieces.month ??= month
    return
  }
  const [, known = '', sign, hours = '0', minutes = '0'] = ZONE.exec(word) ?? []
  if (sign !== undefined && Number(minutes) < 60) {
    pieces.offsetMinutes ??= (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1) || 0
  } else {
    const zone = ZONES.get(known)
    if (zone !== undefined) pieces.offsetMinutes ??= zone
  }
}

/** `+0200`, `+02:00`, `-7`, `GMT+0200`, `EST`. */
const ZONE = /^([A-Z]*)(?:([+-])(\d{1,2}):?(\d{2})?)?$/
