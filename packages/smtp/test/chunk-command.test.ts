import { assert, maxSafeNat, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChunk } from '../src/chunk-command.ts'

describe('parseChunk (RFC 3030 §2)', () => {
  it.each([
    { argument: '0', octets: 0, last: false },
    { argument: '000', octets: 0, last: false },
    { argument: '86 LAST', octets: 86, last: true },
    { argument: '86  last', octets: 86, last: true },
    { argument: '999999999999999', octets: 999_999_999_999_999, last: false },
    { argument: '999999999999999 LAST', octets: 999_999_999_999_999, last: true },
  ])('reads $argument', ({ argument, octets, last }) => {
    expect(parseChunk(argument)).toEqual({ octets, last })
  })

  it.each([
    '',
    'LAST',
    '-1',
    '+1',
    '1.5',
    '0x10',
    '1e3',
    '1000000000000000',
    '1 FIRST',
    '1 LAST now',
    '1LAST',
    '1\tLAST',
  ])('cannot count %j', (argument) => {
    expect(parseChunk(argument)).toBeUndefined()
  })

  it('reads what is written, and nothing that is not', () => {
    assert(
      property(maxSafeNat(), (n) => {
        expect(parseChunk(`${n % 1e15}`)).toEqual({ octets: n % 1e15, last: false })
      }),
    )
    assert(
      property(string(), (argument) => {
        if (!/^\d{1,15}( +last)?$/i.test(argument)) expect(parseChunk(argument)).toBeUndefined()
      }),
    )
  })
})
