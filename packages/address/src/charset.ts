/**
 * Charsets by the names mail gives them: those of `TextDecoder`, the ones it reads otherwise than mail means them, and
 * the old ones it does not know.
 *
 * ISO 8859-1 is itself here (RFC 2046 §4.1.2), every byte the character of the same number. `TextDecoder` reads it as
 * windows-1252, as web pages mean it; who wants that asks for `windows-1252`. Its `iso-8859-9` and `iso-8859-11` are
 * still its windows-1254 and windows-874, which differ in the bytes 0x80 to 0x9F alone.
 */

import { byteAt, toLatin1, toUtf8, toUtf8Strict } from '@postroad/bytes'
import { decodeHz, decodeIso2022Kr } from './shifted-charset.ts'
import { decodeUtf7 } from './utf-7.ts'

/** The text of bytes in a charset. */
export type Decode = (bytes: Uint8Array) => string

/** The text of bytes that are called ASCII: above 127 as UTF-8 where they all are, else as ISO 8859-1. */
export function decodeAscii(bytes: Uint8Array): string {
  return toUtf8Strict(bytes) ?? toLatin1(bytes)
}

/** RFC 2781: big-endian where no byte order mark says otherwise. The mark is no text. */
function decodeUtf16(bytes: Uint8Array): string {
  const little = byteAt(bytes, 0) === 0xff && byteAt(bytes, 1) === 0xfe
  return new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(bytes)
}

const latin1: Decode = (bytes) => toLatin1(bytes)

/** The characters of windows-1252 at 0x80 to 0x9F. They stand here because `TextDecoder` of Node 22 takes them for ISO 8859-1's. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'
const windows1252: Decode = (bytes) =>
  toLatin1(bytes).replace(/[\u0080-\u009f]/g, (character) => WINDOWS_1252.charAt(character.charCodeAt(0) - 0x80))
const utf8: Decode = (bytes) => toUtf8(bytes)

/** What is not left to `TextDecoder`, with the other names of each. */
const OWN: ReadonlyMap<string, Decode> = new Map(
  (
    [
      [utf8, 'utf-8 utf8 utf_8 utf-8-sig utf8mb4'],
      [latin1, 'iso-8859-1 iso8859-1 iso_8859-1 iso88591 iso8859_1 iso_8859-1:1987 iso-ir-100 csisolatin1'],
      [latin1, 'latin1 latin-1 l1 cp819 ibm819'],
      [windows1252, 'windows-1252 cp1252 x-cp1252'],
      [decodeAscii, 'us-ascii ascii usascii us_ascii ansi_x3.4-1968 ansi_x3.4-1986 iso-ir-6 iso_646.irv:1991'],
      [decodeAscii, 'iso646-us iso-646-us us csascii cp367 ibm367 646'],
      [decodeUtf16, 'utf-16 utf16 csutf16 unicode csunicode ucs-2 ucs2 iso-10646-ucs-2'],
      [decodeUtf7, 'utf-7 utf7 csutf7 unicode-1-1-utf-7 csunicode11utf7 unicode-2-0-utf-7 x-unicode-2-0-utf-7'],
      [decodeHz, 'hz-gb-2312 hz'],
      [decodeIso2022Kr, 'iso-2022-kr csiso2022kr'],
    ] as const
  ).flatMap(([decode, names]) => names.split(' ').map((name) => [name, decode] as const)),
)

/** Names that `TextDecoder` does not know, by the one that it does. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  (
    [
      ['shift_jis', 'cp932 windows-932 x-ms-cp932 sjis-win'],
      ['euc-jp', 'eucjp x-eucjp eucjp-ms eucjpms cp51932'],
      ['iso-2022-jp', 'iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-ms cp50220 cp50221 cp50222 jis'],
      ['euc-kr', 'x-euc-kr euckr cp949 ms949 uhc x-windows-949 ks_c_5601 ksc_5601-1987 ks-c-5601-1987'],
      ['gbk', 'cp936 ms936 windows-936 euc-cn euccn x-euc-cn gb_2312 gb2312-80'],
      ['big5', 'cp950 ms950 windows-950 big-5'],
      ['windows-874', 'tis620 tis620-2533 iso-8859-11:2001'],
      ['iso-8859-15', 'latin9 latin-9 latin0'],
      ['iso-8859-2', 'latin-2'],
      ['koi8-r', 'koi8r cp20866'],
      ['koi8-u', 'koi8u cp21866'],
      ['macintosh', 'macroman mac-roman'],
    ] as const
  ).flatMap(([known, names]) => names.split(' ').map((name) => [name, known] as const)),
)

/** `cp-1252`, `win1251`, `windows_1250` ... */
const WINDOWS = /^(?:windows|win|cp|ms|x-cp|x-windows)[-_ ]?(125[0-8])$/
/** `iso88592`, `iso_8859_15`, `iso 8859-7`, `8859-2` ... */
const ISO_8859 = /^(?:iso)?[-_ ]?8859[-_ ]?(\d{1,2})$/

/** No charset has so long a name. */
const LONGEST_NAME = 64

/** Decoders that were found, one for each name that `TextDecoder` knows: their number is bounded by its names. */
const found = new Map<string, Decode>()

function findDecoder(name: string): Decode | undefined {
  const known = found.get(name)
  if (known !== undefined) return known
  try {
    const decoder = new TextDecoder(name)
    const decode = (bytes: Uint8Array): string => decoder.decode(bytes)
    found.set(name, decode)
    return decode
  } catch {
    // A RangeError says that the name is not known.
    return undefined
  }
}

/** The name that `TextDecoder` may know for what it did not. */
function otherName(name: string): string | undefined {
  const alias = ALIASES.get(name)
  if (alias !== undefined) return alias
  const [, windows] = WINDOWS.exec(name) ?? []
  if (windows !== undefined) return `windows-${windows}`
  const [, part] = ISO_8859.exec(name) ?? []
  return part === undefined ? undefined : `iso-8859-${part}`
}

/** How bytes in this charset are decoded; `undefined` where it is not known. Finding that out is slow. */
export function findCharset(charset: string): Decode | undefined {
  const name = charset.trim().toLowerCase()
  if (name.length > LONGEST_NAME) return undefined
  const other = otherName(name) ?? name
  return OWN.get(name) ?? OWN.get(other) ?? findDecoder(other)
}

/**
 * The text of bytes in a charset; `undefined` where the charset is not known.
 *
 * Bytes that are not of the charset become U+FFFD. Bytes above 127 in what is called ASCII are read as UTF-8 where
 * they all are, else as ISO 8859-1. UTF-16 without a byte order mark is big-endian (RFC 2781).
 *
 * @param charset In any case, with blanks around; as `TextDecoder` knows it, or one of the other names that mail has.
 */
export function decodeCharset(charset: string, bytes: Uint8Array): string | undefined {
  return findCharset(charset)?.(bytes)
}

/** Whether `decodeCharset` knows the charset. Finding out that it does not is slow: some ten microseconds. */
export function isKnownCharset(charset: string): boolean {
  return findCharset(charset) !== undefined
}
