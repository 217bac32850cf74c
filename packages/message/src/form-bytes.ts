/** Bytes and lines of a header field (RFC 5322 §2.1.1, §2.2, §2.3; RFC 6532 §3.1, §3.4), for `checkForm`. */

import { byteAt, isAscii, toUtf8Strict } from '@postroad/bytes'
import type { FieldFault, FormOptions } from './form-fault.ts'
import type { HeaderField } from './header.ts'
import { colonOf } from './lines.ts'

const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32

/** RFC 5322 §2.1.1: a line MUST have no more octets, and SHOULD have no more characters, than these. */
const MOST_OCTETS = 998
const MOST_CHARACTERS = 78

type Kind = 'line-over-998' | 'line-over-78' | 'eight-bit' | 'bare-cr' | 'bare-lf' | 'nul'

const RULES: Readonly<Record<Kind, Pick<FieldFault, 'severity' | 'explain'>>> = {
  'line-over-998': {
    severity: 'error',
    explain: 'A line of the header section has more than 998 octets (RFC 5322 §2.1.1).',
  },
  'line-over-78': {
    severity: 'warning',
    explain: 'A line of the header section has more than 78 characters (RFC 5322 §2.1.1).',
  },
  'eight-bit': { severity: 'error', explain: 'The header section has bytes that are not ASCII (RFC 5322 §2.2).' },
  'bare-cr': { severity: 'error', explain: 'The header section has a CR that no LF follows (RFC 5322 §2.2).' },
  'bare-lf': { severity: 'error', explain: 'A line of the header section does not end with CRLF (RFC 5322 §2.2).' },
  nul: { severity: 'error', explain: 'The header section has a NUL (RFC 5322 §2.2).' },
}

const NOT_UTF8 = 'The header section has bytes that are not UTF-8 (RFC 6532 §3.1).'

/** What is wrong with the bytes of a field: of each kind the first, in the order of the text but for obsolete forms. */
export function checkBytes(field: HeaderField, { utf8 = false }: FormOptions): readonly FieldFault[] {
  const { name, raw } = field
  const found = new Map<Kind, number>()
  const note = (kind: Kind, at: number): void => {
    if (!found.has(kind)) found.set(kind, at)
  }
  let blankLine = -1
  for (let start = 0; start < raw.length;) {
    const lf = raw.indexOf(LF, start)
    const next = lf === -1 ? raw.length : lf + 1
    const end = lf > start && raw[lf - 1] === CR ? lf - 1 : lf === -1 ? raw.length : lf
    if (lf === end) note('bare-lf', lf)
    if (!noteLine(raw, start, end, note)) blankLine = blankLine === -1 && name !== '' ? start : blankLine
    start = next
  }
  const mayBeUtf8 = utf8 && (isAscii(raw) || toUtf8Strict(raw) !== undefined)
  if (mayBeUtf8) found.delete('eight-bit')
  const faults = [...found].map(([kind, at]) => ({ kind, name, at, ...RULES[kind] }))
  const judged = utf8
    ? faults.map((fault) => (fault.kind === 'eight-bit' ? { ...fault, explain: NOT_UTF8 } : fault))
    : faults
  return [...judged, ...obsoleteBlanks(field, blankLine)]
}

/** Looks at one line, its line end left out; false where it is blank. */
function noteLine(raw: Uint8Array, start: number, end: number, note: (kind: Kind, at: number) => void): boolean {
  let characters = 0
  let isBlank = true
  for (let at = start; at < end; at += 1) {
    const byte = byteAt(raw, at)
    if (byte !== SPACE && byte !== TAB) isBlank = false
    if (byte === CR) note('bare-cr', at)
    else if (byte === 0) note('nul', at)
    else if (byte > 127) note('eight-bit', at)
    // RFC 6532 §3.4: the longer limit is of octets. A character of UTF-8 has one byte that is no continuation.
    if ((byte & 0xc0) !== 0x80) characters += 1
    if (characters === MOST_CHARACTERS + 1) note('line-over-78', at)
  }
  if (end - start > MOST_OCTETS) note('line-over-998', start + MOST_OCTETS)
  return !isBlank
}

/** Blanks that only the obsolete grammar has: before the colon (RFC 5322 §4.5), and alone on a line (RFC 5322 §4.2). */
function* obsoleteBlanks({ name, raw }: HeaderField, blankLine: number): Generator<FieldFault> {
  const shared = { kind: 'obsolete', severity: 'warning', name } as const
  if (colonOf(raw, 0, raw.length) > name.length) {
    const explain = 'Blanks stand before the colon of a header field (RFC 5322 §4.5).'
    yield { ...shared, explain, rule: 'field-name', expected: '":"', at: name.length }
  }
  if (blankLine !== -1) {
    const explain = 'A line of a header field has nothing but blanks (RFC 5322 §4.2).'
    yield { ...shared, explain, rule: 'FWS', expected: 'text on each line', at: blankLine }
  }
}
