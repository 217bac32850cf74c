import { describe, expect, it } from 'vitest'
import { formatAutoSubmitted, parseAutoSubmitted, parseAutoSubmittedStrict } from '../src/index.ts'

describe('parseAutoSubmitted', () => {
  it.each([
    { value: 'no', keyword: 'no', automatic: false, parameters: {} },
    { value: '(a person) NO', keyword: 'no', automatic: false, parameters: {} },
    { value: 'auto-generated', keyword: 'auto-generated', automatic: true, parameters: {} },
    { value: 'Auto-Replied (vacation); x=1', keyword: 'auto-replied', automatic: true, parameters: { x: '1' } },
    { value: 'x-mine', keyword: 'x-mine', automatic: true, parameters: {} },
  ])('reads $value (RFC 3834 §5)', ({ value, keyword, automatic, parameters }) => {
    const read = { keyword, automatic, parameters: new Map(Object.entries(parameters)) }
    expect(parseAutoSubmitted(value)).toEqual(read)
    expect(parseAutoSubmittedStrict(value)).toEqual({ ok: true, value: read })
  })

  it('takes a missing field for that of a person, and an empty one for that of a program', () => {
    expect(parseAutoSubmitted(undefined)).toMatchObject({ keyword: 'no', automatic: false })
    expect(parseAutoSubmitted('')).toMatchObject({ keyword: '', automatic: true })
  })

  it.each([
    { value: '', rule: 'auto-submitted', offset: 0 },
    { value: 'auto-replied x', rule: 'parameters', offset: 13 },
  ])('says where "$value" is out of form (RFC 3834 §5.1)', ({ value, rule, offset }) => {
    expect(parseAutoSubmittedStrict(value)).toEqual({
      ok: false,
      error: { rule, offset, expected: expect.any(String) },
    })
  })
})

describe('formatAutoSubmitted', () => {
  it('writes the keyword and its parameters, and never another field', () => {
    expect(formatAutoSubmitted({ keyword: 'auto-replied' })).toBe('auto-replied')
    expect(formatAutoSubmitted({ keyword: 'auto-generated', parameters: new Map([['x', 'a b']]) })).toBe(
      'auto-generated; x="a b"',
    )
    expect(formatAutoSubmitted({ keyword: 'no\r\nX: y' })).toBe('auto-generated')
  })
})
