import { expect, it } from 'vitest'
import { findPlaces } from '../src/place.ts'

const TEXT = [
  '# a = 1', // 1
  'top = "x # no comment"', // 2
  'long = """', // 3
  '[no.table]', // 4
  'no = 1 \\""" and ""quotes"" """""', // 5
  'dotted . "odd key" = 5 # [c]', // 6
  '', // 7
  '[relay]', // 8
  '  retry = [ "1m", # first', // 9
  '    "5m",', // 10
  '  ]', // 11
  'resolver = { zone = "a]}", deep = { x = [1, 2] } }', // 12
  '[[route]]', // 13
  "to = 'mx'", // 14
  '[[route]]', // 15
  'to = "x"', // 16
  '[route.extra]', // 17
  'after = true', // 18
].join('\n')

it.each([
  { key: 'top', line: 2, column: 7 },
  { key: 'long', line: 3, column: 8 },
  { key: 'dotted."odd key"', line: 6, column: 22 },
  { key: 'relay', line: 8, column: 1 },
  { key: 'relay.retry', line: 9, column: 11 },
  { key: 'relay.retry[0]', line: 9, column: 13 },
  { key: 'relay.retry[1]', line: 10, column: 5 },
  { key: 'relay.resolver.zone', line: 12, column: 21 },
  { key: 'relay.resolver.deep.x[1]', line: 12, column: 45 },
  { key: 'route[0].to', line: 14, column: 6 },
  { key: 'route[1]', line: 15, column: 1 },
  { key: 'route[1].to', line: 16, column: 6 },
  { key: 'route[1].extra.after', line: 18, column: 9 },
])('$key stands at $line:$column', ({ key, line, column }) => {
  expect(findPlaces(TEXT).get(key)?.value).toEqual({ line, column })
})

it('knows the place of a key beside that of its value', () => {
  expect(findPlaces(TEXT).get('relay.retry')?.key).toEqual({ line: 9, column: 3 })
})

it('finds nothing in comments and strings', () => {
  const keys = [...findPlaces(TEXT).keys()]
  expect(keys.filter((key) => key.startsWith('a') || key.startsWith('no') || key.startsWith('c'))).toEqual([])
})

it('counts lines that end with CRLF', () => {
  expect(findPlaces('a = 1\r\nb = 2\r\n').get('b')?.value).toEqual({ line: 2, column: 5 })
})

it('ends on every cut of a document', () => {
  for (let end = 0; end <= TEXT.length; end++) expect(findPlaces(TEXT.slice(0, end)).size).toBeLessThan(60)
})

it('takes linear time on a long line', () => {
  expect(findPlaces(`a = [${'1,'.repeat(20_000)}]`).size).toBe(20_001)
})
