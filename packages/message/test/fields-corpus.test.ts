/** Values of structured fields from the tests of mail-parser and Jakarta Mail: what is read of them, and what they expect. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MailboxAddress } from '@postroad/address'
import { describe, expect, it } from 'vitest'
import {
  decodeWords,
  decodeWordsStrict,
  parseContentDisposition,
  parseContentType,
  parseContentTypeStrict,
  parseHeader,
  parseKeywords,
  parseListCommands,
  parseMessageIds,
  parseReceived,
  readAddressValue,
  readDate,
} from '../src/index.ts'
import { findCorpus } from './corpus.ts'

const corpus = findCorpus()
const absent = 'no corpus: set POSTROAD_CORPUS to its folder'

/** The value of a field that is written so. */
const valueOf = (header: string): string =>
  parseHeader(Buffer.from(`X: ${header.replace(/(?<=.)\n(?![ \t])[^]*$/, '\n')}`)).first('X')?.value ?? ''

interface Row {
  readonly header: string
  readonly expected: unknown
}

function rowsOf(name: string): Row[] {
  return JSON.parse(readFileSync(join(corpus ?? '', `mail-parser/headers/${name}.json`), 'utf8')) as Row[]
}

const show = (value: unknown): string => JSON.stringify(value)

/** Rows, counted from 0, that are read otherwise here, and the section that decides it. */
interface Otherwise {
  readonly rows: readonly number[]
  readonly because: string
}

/** Compares, prints what differs and why, and keeps the bound of two in a hundred for what no section explains. */
function compare(
  set: string,
  rows: readonly Row[],
  read: (value: string) => unknown,
  known: readonly Otherwise[] = [],
): void {
  const differences = rows.flatMap(({ header, expected }, row) => {
    const seen = show(read(valueOf(header)))
    return seen === show(expected) ? [] : [{ row, header, expected: show(expected), seen }]
  })
  const reasonOf = (row: number): string | undefined => known.find(({ rows }) => rows.includes(row))?.because
  const unexplained = differences.filter(({ row }) => reasonOf(row) === undefined)
  console.log(
    `${set}: ${rows.length} rows, ${differences.length} read otherwise, ${unexplained.length} without a section`,
  )
  for (const { row, header, expected, seen } of differences) {
    console.log(
      `  ${row} ${show(header)}: ${reasonOf(row) ?? `NO SECTION\n    expected ${expected}\n    seen     ${seen}`}`,
    )
  }
  expect(unexplained.length).toBeLessThanOrEqual(rows.length / 50)
  // The list must stay true: what is no longer read otherwise leaves it.
  expect(known.flatMap(({ rows }) => rows).toSorted((a, b) => a - b)).toEqual(differences.map(({ row }) => row))
}

describe.skipIf(corpus === undefined)(`values of mail-parser (${absent})`, () => {
  it('reads unstructured text', () => {
    const rows = rowsOf('unstructured')
    const bare = [11, 14]
    compare('unstructured', rows, decodeWords, [
      { rows: [1, 2], because: 'RFC 5322 §2.2.3: unfolding takes out the line end; the blanks behind it are text' },
      {
        rows: bare,
        because: 'RFC 2047 §6.1: with text beside it this is ordinary text; decoded all the same, it gains nothing',
      },
    ])
    // RFC 2047 §6.1 (1): the strict reader leaves them as they are, where mail-parser decodes them and puts a blank between.
    for (const row of bare) expect(decodeWordsStrict(valueOf(rows[row]!.header))).toBe(valueOf(rows[row]!.header))
  })

  it('reads lists of phrases', () => {
    compare('list', rowsOf('list'), parseKeywords)
  })

  it('reads identifiers', () => {
    compare('id', rowsOf('id'), parseMessageIds, [
      { rows: [3], because: 'RFC 5322 §4.5.4: blanks and comments there are no part of the identifier' },
      { rows: [5], because: 'RFC 5322 §4.5.4: a word alone is a phrase, which is ignored' },
    ])
  })

  it('reads dates', () => {
    compare('date', rowsOf('date'), dateOf, [{ rows: [5, 6], because: 'RFC 5322 §3.3: a month is a name' }])
  })

  it('reads content types and dispositions', () => {
    const rows = rowsOf('content_type').map(({ header, expected }) => ({
      header,
      expected: expected === null ? null : { attributes: null, ...(expected as object) },
    }))
    compare('content_type', rows.map(ordered), contentOf, [
      { rows: [17], because: 'RFC 2047 §6.2: blanks between encoded words are no text' },
      { rows: [20, 32, 33, 34, 35, 36], because: 'RFC 2045 §5.2: what is no content type is text/plain' },
      { rows: [24, 29], because: 'RFC 2045 §5.1: no token has an equals sign' },
      {
        rows: [28],
        because: 'RFC 5322 §3.2.4: not closed, it is no quoted-string; and blanks behind a field are not text',
      },
      { rows: [38, 39], because: 'RFC 2045 §5.1: no token has a slash' },
    ])
  })

  it('reads addresses', () => {
    compare('address', rowsOf('address'), addressesOf, [
      { rows: [4, 5, 11, 28], because: 'RFC 5322 §3.2.2: a comment is no part of a name' },
      { rows: [7], because: 'RFC 5322 §3.2.2, §4.4: nor of a domain, as blanks around its dots' },
      { rows: [21], because: 'RFC 2369 §3.4: no address, but the special value of List-Post' },
    ])
  })

  it('reads trace fields', () => {
    const rows = rowsOf('received').map(({ header, expected }) => {
      const { by, id, via, for_, date } = expected as ExpectedTrace
      const minute = date === null ? null : date.minute
      return { header, expected: [by?.Name ?? by?.IpAddr ?? null, id ?? null, via ?? null, for_ ?? null, minute] }
    })
    compare('received', rows, traceOf, [
      {
        rows: [14, 15],
        because: 'RFC 5322 §3.2.3: a slash is atext, so the atom that RFC 5321 §4.4 has for an id goes on',
      },
      { rows: [59], because: 'RFC 5322 §3.3: minutes stand behind the hour' },
    ])
  })
})

/** What mail-parser says of a trace field, as far as it is compared. */
interface ExpectedTrace {
  readonly by?: { readonly Name?: string; readonly IpAddr?: string }
  readonly id?: string
  readonly via?: string
  readonly for_?: string
  readonly date: { readonly minute: number } | null
}

function traceOf(value: string): unknown[] {
  const { clauses, date } = parseReceived(value)
  const words = ['by', 'id', 'via', 'for'].map(
    (name) =>
      clauses
        .get(name)
        ?.value.split(' ')[0]
        ?.replaceAll(/^[<[]+|[>\],]+$/g, '') ?? null,
  )
  return [...words, date === undefined ? null : new Date(date.at).getUTCMinutes()]
}

function dateOf(value: string): unknown {
  const date = readDate(value)
  if (date === undefined) return null
  const local = new Date(date.at + date.offsetMinutes * 60_000)
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    tz_before_gmt: date.offsetMinutes < 0,
    tz_hour: Math.floor(Math.abs(date.offsetMinutes) / 60),
    tz_minute: Math.abs(date.offsetMinutes) % 60,
  }
}

/** One order of the keys, as `contentOf` has it. */
function ordered({ header, expected }: Row): Row {
  if (expected === null) return { header, expected }
  const { c_type, c_subtype, attributes } = expected as Record<string, unknown>
  return { header, expected: { c_type, c_subtype, attributes } }
}

/** A value with a slash is a Content-Type, any other a Content-Disposition. */
function contentOf(value: string): unknown {
  const type = value.includes('/') ? parseContentType(value) : undefined
  const content = type ?? parseContentDisposition(value)
  if (content === undefined) return null
  const attributes = [
    ...[...(content.languages ?? [])].map(([name, language]) => [`${name}-language`, language]),
    ...[...content.parameters].map(([name, text]) => [name, decodeWords(text)]),
  ]
  return {
    c_type: content.type,
    c_subtype: type?.subtype ?? null,
    attributes: attributes.length === 0 ? null : attributes,
  }
}

function addressesOf(value: string): unknown {
  // The set has fields of lists too.
  if (/^(?:\([^)]*\)\s*)?<[a-z]+:/.test(value)) {
    const { commands } = parseListCommands(value)
    return { List: commands.map(({ uri, comment }) => ({ name: comment ?? null, address: uri })) }
  }
  const groups: { name: string | null; addresses: unknown[] }[] = []
  for (const address of readAddressValue(value).addresses) {
    if (address.kind === 'group') groups.push({ name: address.name, addresses: address.members.map(entryOf) })
    else if (groups.at(-1)?.name === null) groups.at(-1)?.addresses.push(entryOf(address))
    else groups.push({ name: null, addresses: [entryOf(address)] })
  }
  return groups.some(({ name }) => name !== null) ? { Group: groups } : { List: groups[0]?.addresses ?? [] }
}

const entryOf = ({ name, mailbox }: MailboxAddress): unknown => ({
  name: name ?? null,
  address: `${mailbox.localPart}@${mailbox.domain}`,
})

/** Parameter lists of Jakarta Mail: `Content-Type: ...`, `Expect: N`, and N lines of a name and a value. */
function parameterLists(name: string): { value: string; expected: [string, string][] }[] {
  const text = readFileSync(join(corpus ?? '', `jakarta-mail/${name}`), 'latin1')
  const body = text.slice(text.indexOf('\nFrom start here') + 1)
  return body
    .split(/^Content-Type:/m)
    .slice(1)
    .map((record) => {
      const [value = '', rest = ''] = record.split(/^Expect:/m)
      const [count = '', ...lines] = rest.split('\n')
      const expected = lines.slice(0, Number(count)).map((line): [string, string] => {
        const unescaped = line
          .trim()
          .replaceAll(/\\u([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
        const equals = unescaped.indexOf('=')
        return [unescaped.slice(0, equals), unescaped.slice(equals + 1)]
      })
      return { value: value.replaceAll('\n', '\r\n').trim(), expected }
    })
}

const sorted = (entries: Iterable<[string, string]>): string =>
  show([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)))

describe.skipIf(corpus === undefined)(`parameter lists of Jakarta Mail (${absent})`, () => {
  it.each(['paramdata.txt', 'paramdatanostrict.txt'])('reads %s leniently', (name) => {
    const lists = parameterLists(name)
    const differences = lists.filter(
      ({ value, expected }) => sorted(parseContentType(value).parameters) !== sorted(expected),
    )
    console.log(`${name}: ${lists.length} lists, ${differences.length} read otherwise`)
    for (const { value, expected } of differences) {
      console.log(`  ${show(value)}\n    ${sorted(expected)}\n    ${sorted(parseContentType(value).parameters)}`)
    }
    expect(lists.length).toBeGreaterThan(8)
    expect(differences).toEqual([])
  })

  it('reads them strictly, or says which rule they break', () => {
    const rules = parameterLists('paramdata.txt').map(({ value, expected }) => {
      const result = parseContentTypeStrict(value)
      return result.ok ? sorted(result.value.parameters) === sorted(expected) : result.error.rule
    })
    console.log(`paramdata.txt strictly: ${rules.join(' ')}`)
    expect(rules).toEqual([
      true,
      true,
      true,
      // RFC 2045 §5.1: a parameter follows each semicolon.
      'attribute',
      true,
      true,
      // RFC 2231 §3: no section may be missing; and in the second, RFC 2231 §7: no quotes around an extended value.
      'section',
      'extended-parameter',
      'section',
      'section',
      // RFC 2231 §7: of what an extended value holds; an apostrophe, an asterisk and half an escape are none of it.
      'extended-other-values',
      'extended-other-values',
      'extended-other-values',
      'extended-other-values',
    ])
  })
})
