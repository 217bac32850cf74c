/**
 * Local parts (RFC 5321 §4.1.2, RFC 6531 §3.3): read in any quoting, written with as little as possible.
 *
 *     Local-part       = Dot-string / Quoted-string
 *     Dot-string       = Atom *("."  Atom)
 *     Quoted-string    = DQUOTE *QcontentSMTP DQUOTE
 *     QcontentSMTP     = qtextSMTP / quoted-pairSMTP
 *     quoted-pairSMTP  = %d92 %d32-126
 *
 * The empty Quoted-string is in this grammar, so a local part may be empty.
 */

import { ATEXT, isOf, nonAsciiWidth, octetLength, PRINTABLE, QTEXT_SMTP } from './characters.ts'
import type { Scanned } from './domain.ts'
import { accept, refuse, type Result } from './result.ts'

/** RFC 5321 §4.5.3.1.1, quotes and backslashes counted. */
const MAX_LOCAL_PART_OCTETS = 64
const QUOTE = 0x22
const DOT = 0x2e
const BACKSLASH = 0x5c

/** Reads a local part that begins at `start`, as far as it goes. */
export function scanLocalPart(text: string, start: number, smtputf8: boolean): Result<Scanned<string>> {
  const scanned =
    text.charCodeAt(start) === QUOTE ? scanQuoted(text, start, smtputf8) : scanDotString(text, start, smtputf8)
  if (scanned.ok && octetLength(text, start, scanned.value.end) > MAX_LOCAL_PART_OCTETS) {
    return refuse('Local-part', start, `at most ${MAX_LOCAL_PART_OCTETS} octets`)
  }
  return scanned
}

/** The local part with as little quoting as possible (RFC 5321 §4.1.2). */
export function formatLocalPart(localPart: string): string {
  if (isDotString(localPart)) return localPart
  return `"${localPart.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function scanDotString(text: string, start: number, smtputf8: boolean): Result<Scanned<string>> {
  let at = start
  for (;;) {
    const end = atomEnd(text, at, smtputf8)
    if (end === at) return refuse('Atom', at, at === start ? 'an atom or a quoted string' : 'a character of an atom')
    at = end
    if (text.charCodeAt(at) !== DOT) return accept({ value: text.slice(start, at), end: at })
    at += 1
  }
}

function scanQuoted(text: string, start: number, smtputf8: boolean): Result<Scanned<string>> {
  let value = ''
  let from = start + 1
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (isOf(code, QTEXT_SMTP)) at += 1
    else if (code === QUOTE) return accept({ value: value + text.slice(from, at), end: at + 1 })
    else if (code === BACKSLASH) {
      if (!isOf(text.charCodeAt(at + 1), PRINTABLE)) {
        return refuse('quoted-pairSMTP', at + 1, 'a printable ASCII character or space')
      }
      value += text.slice(from, at)
      from = at + 1
      at += 2
    } else {
      const width = smtputf8 ? nonAsciiWidth(text, at) : 0
      if (width === 0) return refuse('Quoted-string', at, 'a printable character or a closing quote')
      at += width
    }
  }
}

function isDotString(text: string): boolean {
  let at = 0
  for (;;) {
    const end = atomEnd(text, at, true)
    if (end === at) return false
    if (end === text.length) return true
    if (text.charCodeAt(end) !== DOT) return false
    at = end + 1
  }
}

/** Where the run of atext that begins at `start` ends. */
function atomEnd(text: string, start: number, utf8: boolean): number {
  let at = start
  for (;;) {
    if (isOf(text.charCodeAt(at), ATEXT)) at += 1
    else {
      const width = utf8 ? nonAsciiWidth(text, at) : 0
      if (width === 0) return at
      at += width
    }
  }
}
