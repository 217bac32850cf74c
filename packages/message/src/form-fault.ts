/** What a check of form finds, and where: see `checkForm`. */

import { byteAt, toUtf8Strict } from '@postroad/bytes'
import type { HeaderField } from './header.ts'
import { colonOf } from './lines.ts'

/** How a header section is judged. */
export interface FormOptions {
  /** Whether values may be UTF-8 (RFC 6532 §3), as in a message that was accepted with SMTPUTF8; default false. */
  readonly utf8?: boolean
  /** The most faults that are given, those not counted that are `fatal`; default 100. With 0 nothing else is looked for. */
  readonly maxFaults?: number
}

/** One fault of form. */
export interface FormFault {
  /**
   * - `missing`, `doubled`: a field does not stand, or stands too often;
   * - `malformed`: its value is not in the grammar, not in the obsolete one either where that is read;
   * - `obsolete`: only the obsolete grammar has it (RFC 5322 §4), which must not be written;
   * - `unreadable`: a line that is no field (its name is empty);
   * - `unqualified`: an address with a domain of one label;
   * - `line-over-998`, `line-over-78`: octets and characters of a line, its line end not counted (RFC 5322 §2.1.1);
   * - `eight-bit`: bytes above 127 where UTF-8 is not allowed, or that are not UTF-8 where it is (RFC 6532 §3.1);
   * - `bare-cr`, `bare-lf`, `nul`: bytes that no header section has (RFC 5322 §2.2, §2.3).
   */
  readonly kind:
    | 'missing'
    | 'doubled'
    | 'malformed'
    | 'obsolete'
    | 'unreadable'
    | 'unqualified'
    | 'line-over-998'
    | 'line-over-78'
    | 'eight-bit'
    | 'bare-cr'
    | 'bare-lf'
    | 'nul'
  /**
   * - `fatal`: who wrote the message and when cannot be told, or not in one way: a field that RFC 5322 §3.6 demands is
   *   missing, one of those that may stand once stands twice, Date, From or Sender cannot be read, or a line is no
   *   field;
   * - `error`: against another rule that every writer must keep;
   * - `warning`: an obsolete form, what a writer SHOULD do otherwise, and faults of trace fields, which others wrote
   *   and which refuse nothing (RFC 5322 §3.6.7).
   */
  readonly severity: 'fatal' | 'error' | 'warning'
  /** Name of the field: as the RFC spells it where a rule of its own is broken, else as it was written. */
  readonly name: string
  /** A sentence for the one who sent it; without anything from the message. */
  readonly explain: string
  /** Where it is; absent where something is missing of which no field tells the place. */
  readonly place?: FormPlace
  /** The ABNF rule that failed; absent where it is no matter of a grammar. */
  readonly rule?: string
  /** What would have been right there; absent as `rule` is. */
  readonly expected?: string
}

/** A place in a header section. */
export interface FormPlace {
  /** Index in `header.fields`. */
  readonly field: number
  /** Line of the section, from 1. */
  readonly line: number
  /** Bytes from the start of the field, its name and its line ends counted. */
  readonly offset: number
}

/** A fault within a field, `at` so many bytes from its start. */
export interface FieldFault extends Omit<FormFault, 'place'> {
  readonly at: number
}

const LF = 10
const CR = 13

/**
 * Bytes from the start of the field to the character of its value at `offset` (UTF-16 units); to the end of what is
 * written where the value ends there.
 */
export function offsetInRaw({ raw }: HeaderField, offset: number): number {
  const isUtf8 = toUtf8Strict(raw) !== undefined
  let left = offset
  let end = colonOf(raw, 0, raw.length) + 1
  let isBefore = true
  for (let at = end; at < raw.length; at += 1) {
    const byte = byteAt(raw, at)
    if (byte === LF || (byte === CR && raw[at + 1] === LF)) continue
    isBefore &&= byte === 32 || byte === 9
    if (isBefore) continue
    const units = isUtf8 ? unitsOf(byte) : 1
    if (units > left) return at
    left -= units
    end = at + 1
  }
  return end
}

/** UTF-16 units of the character that begins with this byte of UTF-8; 0 for its other bytes. */
function unitsOf(byte: number): number {
  if (byte < 0x80) return 1
  if (byte < 0xc0) return 0
  return byte < 0xf0 ? 1 : 2
}
