/** Charsets by the names mail gives them. */

import { toLatin1, toUtf8, toUtf8Strict } from '@postroad/bytes'

/** What `TextDecoder` would read as windows-1252, and ISO 8859-1 is not. */
const LATIN_1: ReadonlySet<string> = new Set(['iso-8859-1', 'iso8859-1', 'iso_8859-1', 'iso88591', 'latin1', 'l1'])
const ASCII: ReadonlySet<string> = new Set(['us-ascii', 'ascii', 'ansi_x3.4-1968', 'iso-ir-6'])

/**
 * The text of bytes in a charset; `undefined` where the charset is not known.
 *
 * ISO 8859-1 is just that, every byte one character of the same number. Bytes above 127 in what is called ASCII are
 * read as UTF-8 where they are, else as ISO 8859-1. All other names are those of `TextDecoder`. Bytes that are not of
 * the charset become U+FFFD.
 *
 * @param charset In any case.
 */
export function decodeCharset(charset: string, bytes: Uint8Array): string | undefined {
  const name = charset.trim().toLowerCase()
  if (name === 'utf-8' || name === 'utf8') return toUtf8(bytes)
  if (LATIN_1.has(name)) return toLatin1(bytes)
  if (ASCII.has(name)) return toUtf8Strict(bytes) ?? toLatin1(bytes)
  try {
    return new TextDecoder(name).decode(bytes)
  } catch {
    // A RangeError says that the name is not known; a decoder that is not fatal throws nothing else.
    return undefined
  }
}
