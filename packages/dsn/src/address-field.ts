/** Address types of reports (RFC 3464 §2.1.2, RFC 6533 §3), written and read. */

/** An address with its type. */
export interface TypedAddress {
  /** In lower case: `rfc822`, `utf-8` ... */
  readonly type: string
  readonly address: string
}

/** Whether all of the text is ASCII. */
export function isAsciiText(text: string): boolean {
  return !/[^\0-\u007f]/.test(text)
}

/** `rfc822;ada@example.org`, or with type `utf-8` where the address is not ASCII. Control characters become `?`. */
export function formatTypedAddress({ type, address }: TypedAddress): string {
  const safe = address.replace(/[\u0000-\u001f\u007f]/g, '?')
  const safeType = /^[A-Za-z0-9-]{1,40}$/.test(type) ? type : 'unknown'
  return `${isAsciiText(safe) ? safeType : 'utf-8'};${safe}`
}

/**
 * Reads `type; address`; `undefined` where there is no address. Without a type it is `rfc822`; angle brackets around
 * the address, which RFC 3464 does not have and some programs write, are taken off.
 */
export function parseTypedAddress(value: string): TypedAddress | undefined {
  const { type, text } = splitType(value)
  const bare = /^<[^<>]*>$/.test(text) ? text.slice(1, -1).trim() : text
  if (bare === '') return undefined
  return { type: type ?? 'rfc822', address: type === 'utf-8' ? decodeUnitext(bare) : bare }
}

/** Splits `type; text` (RFC 3464 §2.1.2); without a semicolon it is all text. */
export function splitType(value: string): { readonly type: string | undefined; readonly text: string } {
  const semicolon = value.indexOf(';')
  if (semicolon === -1) return { type: undefined, text: value.trim() }
  return { type: value.slice(0, semicolon).trim().toLowerCase(), text: value.slice(semicolon + 1).trim() }
}

/** RFC 6533 §3: `\x{HEXPOINT}`; a code point that is none stays as it is. */
function decodeUnitext(text: string): string {
  return text.replace(/\\x\{([\dA-F]{2,6})\}/gi, (whole, digits: string) => {
    const code = Number.parseInt(digits, 16)
    return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? whole : String.fromCodePoint(code)
  })
}
