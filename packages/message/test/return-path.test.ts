import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatReturnPath, parseReturnPath, readReturnPath } from '../src/index.ts'

const ada = { localPart: 'ada', domain: 'example.org' }

describe('parseReturnPath', () => {
  it.each([
    { value: '<>', path: null },
    { value: ' (c) < (d) > (e)', path: null },
    { value: '<ada@example.org>', path: ada },
    { value: '(c)<ada@example.org> (d)', path: ada },
  ])('reads "$value" (RFC 5322 §3.6.7)', ({ value, path }) => {
    expect(parseReturnPath(value)).toEqual({ ok: true, value: path })
  })

  it.each([
    { value: '', offset: 0, expected: '"<"' },
    { value: ' ada@example.org', offset: 1, expected: '"<"' },
    { value: '<ada@example.org>, <b@c.d>', offset: 0, expected: 'one mailbox' },
    { value: '<@a.b:ada@example.org>', offset: 1, expected: 'no source route' },
    { value: '<> x', offset: 1, expected: 'an atom or a quoted string' },
  ])('refuses "$value"', ({ value, offset, expected }) => {
    expect(parseReturnPath(value)).toEqual({
      ok: false,
      error: expect.objectContaining({ offset, expected }) as object,
    })
  })

  it('reads what is written, and never throws', () => {
    const atom = fc.string({ unit: fc.constantFrom('a', 'b', 'z', '0', '9'), minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(atom, atom, (localPart, label) => {
        const read = parseReturnPath(`<${localPart}@${label}.example>`)
        expect(read.ok && formatReturnPath(read.value).value).toBe(`<${localPart}@${label}.example>`)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const read = parseReturnPath(value)
        if (read.ok) expect(readReturnPath(value)).toEqual(read.value)
      }),
    )
  })
})

describe('readReturnPath', () => {
  it.each([
    { value: '<>', path: null },
    { value: '<@a.b:ada@example.org>', path: ada },
    { value: 'ada@example.org', path: ada },
    { value: 'Ada <ada@example.org>', path: ada },
    { value: '', path: undefined },
    { value: '<ada@example.org>, <b@c.d>', path: undefined },
    { value: 'We: ada@example.org;', path: undefined },
  ])('reads "$value"', ({ value, path }) => {
    expect(readReturnPath(value)).toEqual(path)
  })
})
