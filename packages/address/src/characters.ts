/**
 * Classes of characters in the grammars of RFC 5321 and RFC 5322, and the units of text that is not ASCII.
 *
 * Past the end of a text `charCodeAt` gives NaN, which is in no class: callers need not ask for the end first.
 */

/** atext (RFC 5322 §3.2.3). */
export const ATEXT = 1
/** Let-dig (RFC 5321 §4.1.2). */
export const LET_DIG = 2
/** Let-dig or a hyphen (RFC 5321 §4.1.2). */
export const LDH = 4
/** qtextSMTP (RFC 5321 §4.1.2): any printable ASCII or space but the quote and the backslash. */
export const QTEXT_SMTP = 8
/** dcontent (RFC 5321 §4.1.3). */
export const DCONTENT = 16
/** Printable ASCII or space (%d32-126). */
export const PRINTABLE = 32
/** atext or a dot: what a dot-atom is made of (RFC 5322 §3.2.3). */
export const DOT_ATEXT = 64
/** A capital letter. */
export const CAPITAL = 128
/** ctext (RFC 5322 §3.2.2) or a space: any printable ASCII but parentheses and the backslash. */
export const CTEXT = 256
/** The dot alone. */
export const DOT = 512
/** The question mark alone, which each encoded-word holds (RFC 2047 §2). */
export const QUESTION = 1024

const CLASSES = new Uint16Array(128)

for (let code = 32; code < 127; code += 1) {
  const text = String.fromCharCode(code)
  let classes = PRINTABLE
  if (/[a-z0-9]/i.test(text)) classes |= ATEXT | LET_DIG | LDH
  if (/[A-Z]/.test(text)) classes |= CAPITAL
  if ("!#$%&'*+-/=?^_`{|}~".includes(text)) classes |= ATEXT
  if (text === '.') classes |= DOT
  if (text === '?') classes |= QUESTION
  if ((classes & (ATEXT | DOT)) !== 0) classes |= DOT_ATEXT
  if (text === '-') classes |= LDH
  if (!' []\\'.includes(text)) classes |= DCONTENT
  if (!'"\\'.includes(text)) classes |= QTEXT_SMTP
  if (!'()\\'.includes(text)) classes |= CTEXT
  CLASSES[code] = classes
}

/** All classes that a UTF-16 unit is in; none for what is not ASCII, and for the NaN past the end. */
export function classesOf(code: number): number {
  // Outside of the table, a look-up would make all look-ups slow; within, there is always a number.
  return code < 128 ? Number(CLASSES[code]) : 0
}

/** Whether a UTF-16 unit is in one of the classes. */
export function isOf(code: number, classes: number): boolean {
  return (classesOf(code) & classes) !== 0
}

/**
 * UTF-16 units of the UTF8-non-ascii character (RFC 6532 §3.1) at an offset: 1 or 2; 0 for ASCII, for a lone surrogate
 * (which no UTF-8 can hold), and past the end.
 */
export function nonAsciiWidth(text: string, at: number): 0 | 1 | 2 {
  const code = text.charCodeAt(at)
  if (!(code > 127)) return 0
  if (code < 0xd800 || code > 0xdfff) return 1
  const next = text.charCodeAt(at + 1)
  return code < 0xdc00 && next >= 0xdc00 && next <= 0xdfff ? 2 : 0
}

/** Length in UTF-8 of a part of well-formed text. */
export function octetLength(text: string, start = 0, end: number = text.length): number {
  let octets = end - start
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at)
    if (code > 0x7ff && (code < 0xd800 || code > 0xdfff)) octets += 2
    else if (code > 127) octets += 1
  }
  return octets
}

/** Whether all characters of the text are ASCII. */
export function isAsciiText(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 127) return false
  return true
}
