import { describe, expect, it } from 'vitest'
import { parseMimeVersion } from '../src/index.ts'

describe('parseMimeVersion', () => {
  it.each([
    '1.0',
    '1.0 (produced by MetaSend Vx.x)',
    '(produced by MetaSend Vx.x) 1.0',
    '1.(produced by MetaSend Vx.x)0',
    '1 . 0',
  ])('reads %s (RFC 2045 §4)', (value) => {
    expect(parseMimeVersion(value)).toEqual({ ok: true, value: { major: 1, minor: 0 } })
  })

  it.each([
    { value: '', rule: 'version', offset: 0 },
    { value: '1', rule: 'version', offset: 0 },
    { value: '1.0; x', rule: 'version', offset: 3 },
    { value: '1 0.0', rule: 'version', offset: 0 },
    { value: '12345.0', rule: 'version', offset: 0 },
  ])('says where "$value" is none', ({ value, rule, offset }) => {
    expect(parseMimeVersion(value)).toEqual({ ok: false, error: { rule, offset, expected: expect.any(String) } })
  })
})
