import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createField, MessageError, parseHeader } from '../src/index.ts'
import { text } from './texts.ts'

const lines = (raw: Uint8Array): string[] => Buffer.from(raw).toString('utf8').split('\r\n').slice(0, -1)

describe('createField', () => {
  it('writes name, colon, blank and value', () => {
    const field = createField('Subject', 'hello')
    expect(text(field.raw)).toBe('Subject: hello\r\n')
    expect(field).toMatchObject({ name: 'Subject', value: 'hello' })
  })

  it('writes no blank at the end of an empty one', () => {
    expect(text(createField('Subject', ' \t').raw)).toBe('Subject:\r\n')
  })

  it('folds at 78 where blanks allow (RFC 5322 §2.1.1)', () => {
    const value = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ')
    const field = createField('Subject', value)
    expect(lines(field.raw).length).toBeGreaterThan(3)
    expect(Math.max(...lines(field.raw).map((line) => line.length))).toBeLessThanOrEqual(78)
    expect(field.value).toBe(value)
  })

  it('puts a first word that fits no line beside the name on one of its own', () => {
    expect(text(createField('Message-ID', `<${'x'.repeat(72)}>`).raw)).toBe(`Message-ID:\r\n <${'x'.repeat(72)}>\r\n`)
    expect(text(createField('X', 'y'.repeat(100)).raw)).toBe(`X: ${'y'.repeat(100)}\r\n`)
  })

  it('never writes a line over 998 octets (RFC 5322 §2.1.1)', () => {
    for (const word of [
      'x'.repeat(995),
      'x'.repeat(998),
      'x'.repeat(5_000),
      'é'.repeat(2_000),
      '€'.repeat(900),
      '😀'.repeat(900),
    ]) {
      const field = createField('Subject', `${word} end`)
      expect(Math.max(...lines(field.raw).map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(998)
      expect(field.value.replaceAll(' ', '')).toBe(`${word}end`)
    }
  })

  it('keeps many blanks before a word away from a line of their own', () => {
    const field = createField('Subject', `a${' '.repeat(3_000)}b`)
    expect(lines(field.raw).every((line) => line.trim() !== '')).toBe(true)
    expect(field.value).toBe('a b')
  })

  it('removes what could end the field', () => {
    expect(text(createField('Subject', 'x\r\nBcc: eve@example.org\r\n\r\nbody\0').raw)).toBe(
      'Subject: xBcc: eve@example.orgbody\r\n',
    )
  })

  it.each([{ name: '' }, { name: 'A B' }, { name: 'A:' }, { name: 'Ä' }, { name: 'A\r\nB' }, { name: 'x'.repeat(77) }])(
    'throws for the name "$name"',
    ({ name }) => {
      expect(() => createField(name, 'x')).toThrow(MessageError)
      expect(() => createField(name, 'x')).toThrow(expect.objectContaining({ code: 'MESSAGE_FIELD_NAME' }))
    },
  )

  it('makes one field of any value, and reads the value back', () => {
    const value = fc.array(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(' ', '\t', '\r\n', '  ', 'x'.repeat(90))),
    )
    fc.assert(
      fc.property(value, (pieces) => {
        const given = pieces.join('')
        const field = createField('X-Test', given)
        const header = parseHeader(field.raw)
        expect(header.fields).toHaveLength(1)
        const wanted = given.replaceAll(/[\r\n\0]/g, '').replaceAll(/^[ \t]+|[ \t]+$/g, '')
        expect(header.first('x-test')?.value).toBe(wanted)
        expect(field.value).toBe(wanted)
      }),
    )
  })
})
