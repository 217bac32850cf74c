/**
 * Lines of a header section (RFC 5322 §2.1, §2.2): where each field begins, in one pass.
 *
 * A line ends with LF; CRLF is what the standard has, and a bare LF ends one too, because readers of stored mail see
 * it so: what they take for a field must be one here. A bare CR ends nothing.
 */

import { byteAt } from '@postroad/bytes'

const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58

/** What a line is, seen alone: `continuation` belongs to the field before it, `text` can be no part of a header. */
export type LineKind = 'field' | 'continuation' | 'empty' | 'text'

/**
 * What the line from `start` to `end` (its line end included) is.
 *
 * RFC 5322 §2.2: a name is of printable ASCII but the colon; §4.5 allows blanks before the colon. A line of blanks
 * alone continues the field before it (RFC 5322 §4.2).
 */
export function kindOfLine(bytes: Uint8Array, start: number, end: number): LineKind {
  const first = bytes[start]
  if (first === LF || (first === CR && end === start + 2 && bytes[start + 1] === LF)) return 'empty'
  if (first === SPACE || first === TAB) return 'continuation'
  return colonOf(bytes, start, end) === -1 ? 'text' : 'field'
}

/** Where the colon after the name stands; -1 where the line begins with no name. */
export function colonOf(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isNameByte(byteAt(bytes, at))) at += 1
  if (at === start) return -1
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at += 1
  return at < end && bytes[at] === COLON ? at : -1
}

/** ftext (RFC 5322 §3.6.8): printable ASCII but the colon. */
const isNameByte = (byte: number): boolean => byte > SPACE && byte < 127 && byte !== COLON

/**
 * Where the line that begins at `start` ends, its LF included; `undefined` where no LF came yet. Lines of a header
 * section are short: a loop is done before a call into native code has begun.
 */
export function endOfLine(bytes: Uint8Array, start: number): number | undefined {
  for (let at = start; at < bytes.length; at += 1) if (bytes[at] === LF) return at + 1
  return undefined
}
