/** Messages of other projects' test suites: every byte comes back, and nothing throws. */

import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  checkForm,
  ContentScanner,
  decodeWords,
  HeaderReader,
  parseContentType,
  parseDate,
  parseHeader,
  parseMessageId,
  parseMessageIds,
  parseReceived,
} from '../src/index.ts'
import { filesBelow, findCorpus, readBytes, toCrlf } from './corpus.ts'
import { text } from './texts.ts'

const corpus = findCorpus()
const absent = 'no corpus: set POSTROAD_CORPUS to its folder'
const SETS = [
  { set: 'ruby-mail', ending: '.eml' },
  { set: 'python-email', ending: '.txt' },
  { set: 'mail-parser', ending: '.eml' },
  { set: 'mime4j', ending: '.msg' },
]

function readWhole(message: Uint8Array): void {
  const reader = new HeaderReader()
  const pushed = reader.push(message)
  const ended = reader.end()
  const progress = pushed.kind === 'more' ? ended : pushed
  if (progress.kind !== 'header') throw new Error(progress.kind)
  const { header, separator, rest } = progress
  expect(text(header.toBytes()) + text(separator) + text(rest)).toBe(text(message))
  expect(text(parseHeader(message).toBytes())).toBe(text(message))
  for (const { value } of header.fields) {
    decodeWords(value)
    parseContentType(value)
    parseDate(value)
    parseMessageId(value)
    parseMessageIds(value)
    parseReceived(value)
  }
  checkForm(header)
  const scanner = new ContentScanner()
  scanner.push(message)
  const facts = scanner.finish()
  expect(facts.sizeBytes).toBe(message.length)
  if (separator.length > 0) expect(facts.headerBytes).toBe(message.length - rest.length)
}

describe.skipIf(corpus === undefined)(`corpus (${absent})`, () => {
  describe.each(SETS)('$set', ({ set, ending }) => {
    const folder = join(corpus ?? '', set)
    const files = corpus === undefined ? [] : filesBelow(folder, ending)

    it('has messages', () => expect(files.length).toBeGreaterThan(20))

    it.each(files.map((path) => ({ name: relative(folder, path), path })))(
      'gives every byte of $name back',
      ({ path }) => {
        const message = readBytes(path)
        readWhole(message)
        readWhole(toCrlf(message))
      },
    )
  })

  it('reads dates as mail-parser does', () => {
    interface Row {
      header: string
      expected: { year: number; month: number; day: number; hour: number; minute: number; second: number } & {
        tz_before_gmt: boolean
        tz_hour: number
        tz_minute: number
      }
    }
    const rows = JSON.parse(readFileSync(join(corpus ?? '', 'mail-parser/headers/date.json'), 'utf8')) as Row[]
    const differences = rows.flatMap(({ header, expected }) => {
      const result = parseDate(parseHeader(Buffer.from(`Date: ${header}`)).first('Date')?.value ?? '')
      const seen = result.ok ? result.value : undefined
      if (expected === null || seen === undefined) return (expected === null) === (seen === undefined) ? [] : [header]
      const offset = (expected.tz_before_gmt ? -1 : 1) * (expected.tz_hour * 60 + expected.tz_minute)
      const { year, month, day, hour, minute, second } = expected
      const at = Date.UTC(year, month - 1, day, hour, minute, second) - offset * 60_000
      return seen.at === at && seen.offsetMinutes === offset ? [] : [header]
    })
    // RFC 5322 §3.3: a month is a name; and a Received field is no date (parseReceived finds the one in it).
    expect(differences.map((header) => header.trim().slice(0, 8))).toEqual(['20 11 (s', '4 8 15 1', 'by 2002:'])
  })
})
