import { describe, expect, it } from 'vitest'
import { parseContentLocation } from '../src/index.ts'

describe('parseContentLocation', () => {
  it.each([
    { value: 'https://example.org/a.png', uri: 'https://example.org/a.png' },
    { value: ' https://example.org/\r\n a\tb ', uri: 'https://example.org/ab' },
    { value: '=?us-ascii?Q?https=3A//example.org/?= =?us-ascii?Q?a.png?=', uri: 'https://example.org/a.png' },
    { value: '  ', uri: undefined },
    { value: undefined, uri: undefined },
  ])('reads $value', ({ value, uri }) => {
    expect(parseContentLocation(value)).toBe(uri)
  })
})
