/**
 * Addresses with a type in the fields of reports (RFC 3464 §2.1.2, RFC 6533 §3), written and read.
 *
 * ```abnf
 * address-type ";" generic-address
 * utf-8-addr-xtext   = 1*(QCHAR / EmbeddedUnicodeChar)     ; ASCII alone
 * utf-8-addr-unitext = 1*(QUCHAR / EmbeddedUnicodeChar)
 * utf-8-address      = Mailbox                             ; as RFC 6531 has it
 * ```
 */

import { withoutComments } from './comment.ts'
import { splitType } from './typed-text.ts'

/** An address with its type. */
export interface TypedAddress {
  /** In lower case: `rfc822`, `utf-8` ... */
  readonly type: string
  /** Decoded where the type is `utf-8`. */
  readonly address: string
}

/** Whether all of the text is ASCII. */
export function isAsciiText(text: string): boolean {
  return !NOT_ASCII.test(text)
}

const NOT_ASCII = /[^\0-\u007f]/

/**
 * `rfc822;ada@example.org`, or with type `utf-8` where the address is not ASCII. Control characters become `?`.
 *
 * @param utf8 Whether the field may hold UTF-8; else what is not ASCII is written as `\x{HEX}` (RFC 6533 §3).
 */
export function formatTypedAddress({ type, address }: TypedAddress, utf8: boolean): string {
  const safe = address.replace(CONTROLS, '?')
  const safeType = /^[A-Za-z0-9-]{1,40}$/.test(type) ? type.toLowerCase() : 'unknown'
  if (safeType !== 'utf-8' && isAsciiText(safe)) return `${safeType};${safe}`
  if (!utf8) return `utf-8;${safe.replace(NOT_QCHAR, embed)}`
  // A backslash could be read as the start of an embedded character, so it is one.
  return `utf-8;${safe.includes('\\') ? safe.replace(NOT_QUCHAR, embed) : safe}`
}

/** Controls, and halves of characters that are no text. */
const CONTROLS = /[\u0000-\u001f\u007f\p{Cs}]/gu
/** RFC 6533 §3: what is no QCHAR. */
const NOT_QCHAR = /[^!-*,-<>-[\]-~]/gu
/** RFC 6533 §3: what is no QUCHAR. */
const NOT_QUCHAR = /[ \\+=]/g

/** RFC 6533 §3: EmbeddedUnicodeChar. */
function embed(character: string): string {
  return `\\x{${Number(character.codePointAt(0)).toString(16).toUpperCase()}}`
}

/**
 * Reads `type; address`; `undefined` where there is no address. Without a type it is `rfc822`. Comments (RFC 3464
 * §2.1.1) are left out; so are angle brackets around the address, and a name before them, which RFC 3464 does not have
 * and some programs write.
 */
export function parseTypedAddress(value: string): TypedAddress | undefined {
  const { type = 'rfc822', text } = splitType(value)
  const isMail = type === 'rfc822' || type === 'utf-8'
  const decoded = type === 'utf-8' ? decodeUnitext(text) : text
  const address = withoutBrackets(isMail ? withoutComments(decoded) : text)
  return address === '' ? undefined : { type, address }
}

function withoutBrackets(text: string): string {
  const start = text.indexOf('<')
  const inner = text.endsWith('>') && start !== -1 ? text.slice(start + 1, -1).trim() : text
  return inner.includes('<') ? text : inner
}

/** RFC 6533 §3: `\x{HEXPOINT}`; a code point that is none stays as it is. */
function decodeUnitext(text: string): string {
  return text.replace(/\\x\{([\dA-F]{2,6})\}/gi, (whole, digits: string) => {
    const code = Number.parseInt(digits, 16)
    return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? whole : String.fromCodePoint(code)
  })
}
