import { describe, expect, it } from 'vitest'
import { decodeBody, readPart } from '../src/multipart.ts'
import { bytes, text } from './report-of.ts'

describe('decodeBody (RFC 2045 §6)', () => {
  it.each([
    { encoding: 'base64', body: 'YS\nBi\n', decoded: 'a b' },
    { encoding: 'Base64 (of a gateway)', body: 'YSBi', decoded: 'a b' },
    { encoding: 'quoted-printable', body: 'a=20=\r\nb=3d=zz', decoded: 'a b==zz' },
    { encoding: 'quoted-printable', body: 'a=20= \nb', decoded: 'a b' },
    { encoding: '8bit', body: 'a=20b', decoded: 'a=20b' },
    { encoding: 'x-unknown', body: 'a=20b', decoded: 'a=20b' },
  ])('reads $body in $encoding', ({ encoding, body, decoded }) => {
    const part = readPart(bytes(`Content-Transfer-Encoding: ${encoding}\n\n${body}`))
    expect(part && text(decodeBody(part))).toBe(decoded)
  })
})
