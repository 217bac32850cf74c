import { describe, expect, it } from 'vitest'
import { createTransferDecoder, createTransferEncoder, parseTransferEncoding } from '../src/index.ts'
import { bytes } from './texts.ts'

describe('parseTransferEncoding', () => {
  it.each([
    { value: undefined, encoding: '7bit' },
    { value: '', encoding: '7bit' },
    { value: ' (nothing) ', encoding: '7bit' },
    { value: '7BIT', encoding: '7bit' },
    { value: ' 8bit', encoding: '8bit' },
    { value: 'Binary (as it is)', encoding: 'binary' },
    { value: '(a (b)) bAsE64(c)\r\n (d)', encoding: 'base64' },
    { value: 'Quoted-Printable', encoding: 'quoted-printable' },
    { value: 'x-uuencode', encoding: undefined },
    { value: 'base 64', encoding: undefined },
    { value: 'base64; x=y', encoding: undefined },
    { value: 'base64 (open', encoding: undefined },
    { value: '"base64"', encoding: undefined },
  ])('reads $value as $encoding (RFC 2045 §6.1)', ({ value, encoding }) => {
    expect(parseTransferEncoding(value)).toBe(encoding)
  })
})

describe('encodings that transform nothing (RFC 2045 §6.2)', () => {
  it.each(['7bit', '8bit', 'binary'] as const)('%s gives the chunk itself', (encoding) => {
    const chunk = bytes('\0a\u00e9\n')
    const decoder = createTransferDecoder(encoding)
    const encoder = createTransferEncoder(encoding)
    expect(decoder.push(chunk)).toBe(chunk)
    expect(encoder.push(chunk)).toBe(chunk)
    expect(decoder.finish()).toHaveLength(0)
    expect(encoder.finish()).toHaveLength(0)
    expect(decoder.fault).toBeUndefined()
  })
})
