/** Bytes from text and back, for tests; and arbitrary bytes that look like mail. */

import * as fc from 'fast-check'

export const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
export const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'))
export const text = (value: Uint8Array): string => Buffer.from(value).toString('latin1')

/** Bytes in which line ends, blanks, colons, dots, NUL and 8-bit bytes are common. */
export const mailBytes: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\r\n\r\n',
        ' ',
        '\t',
        ':',
        '.',
        '\0',
        '\u00e9',
        '\r\n ',
        '\r\n.',
        'Subject: x',
        'a',
      ),
      fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => bytes(pieces.join('')))

/** Cuts of bytes into chunks, empty ones too. */
export function cuts(value: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (value.length + 1)), value.length].toSorted((a, b) => a - b)
  return ends.map((end, index) => value.slice(ends[index - 1] ?? 0, end))
}

/** Bytes in which multiparts, messages, their delimiters and near delimiters are common. */
export const mimeBytes: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'ab', 'b').map((boundary) => `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n`),
      fc.constantFrom(
        '\r\n--a\r\n',
        '\n--ab\n',
        '--b\r\n',
        '\r\n--a--',
        '\r\n--ab--\r\n',
        '--b-- x\n',
        '\r\n--',
        '-',
        'b',
      ),
      fc.constantFrom('Content-Type: message/rfc822\r\n\r\n', 'Content-Type: multipart/digest; boundary="a"\n', '\r\n'),
      fc.constantFrom('\r', '\n', '\r\n\r\n', 'x', 'a: b\r\n', ' c\r\n', 'From ', ':', '\u00e9'),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => bytes(pieces.join('')))
