/**
 * Fields of addresses made fully qualified (RFC 6409 §4.2, RFC 5321 §2.3.5), as their submitter may ask of us.
 *
 * Nothing but the missing domain is written: names, comments, quotes and folding keep every byte. Where a field is so
 * broken that nobody can tell its addresses, it is left as it is; nothing is guessed.
 */

import { type Domain, readAddressList } from '@postroad/address'
import { concat, fromUtf8, toLatin1 } from '@postroad/bytes'
import { isSpace, skipComment } from './cfws.ts'
import { fieldFrom, Header, type HeaderField } from './header.ts'
import { colonOf } from './lines.ts'

/** What completes an address. */
export interface QualificationOptions {
  /** The domain of an address that is a local part alone. */
  readonly domain: Domain
  /**
   * What a domain of one label is a part of: with `example.net`, `sales` becomes `sales.example.net` (RFC 6409 §4.2).
   * Absent: such a domain stays. A domain of more labels always does.
   */
  readonly parentDomain?: Domain
}

/** Where an address lacks something: its domain, or the parent of a domain that is one label. */
export interface UnqualifiedPlace {
  /** Bytes from the start of the field to where it belongs. */
  readonly at: number
  readonly lacks: 'domain' | 'parent'
}

/** The fields whose addresses are completed (RFC 5322 §3.6.2, §3.6.3, §3.6.6). */
const FIELDS: ReadonlySet<string> = new Set(
  ['from', 'sender', 'reply-to', 'to', 'cc', 'bcc'].flatMap((name) => [name, `resent-${name}`]),
)

/**
 * Completes the addresses of From, Sender, Reply-To, To, Cc, Bcc and the Resent fields like them; gives the same header
 * where nothing is missing. Lines may grow beyond what RFC 5322 §2.1.1 allows: `checkForm` tells.
 */
export function qualifyHeader(header: Header, options: QualificationOptions): Header {
  const fields = header.fields.map((field) => (isAddressField(field) ? qualifyField(field, options) : field))
  return fields.every((field, index) => field === header.fields[index]) ? header : Header.of(fields)
}

/** Whether the field is one of those that `qualifyHeader` completes. */
export function isAddressField(field: HeaderField): boolean {
  return FIELDS.has(field.name.toLowerCase())
}

/** Completes the addresses of one field, whatever its name; gives the field itself where nothing is missing. */
export function qualifyField(field: HeaderField, { domain, parentDomain }: QualificationOptions): HeaderField {
  const { raw } = field
  const places = findUnqualified(raw).filter(({ lacks }) => lacks === 'domain' || parentDomain !== undefined)
  if (places.length === 0) return field
  const chunks: Uint8Array[] = []
  let start = 0
  for (const { at, lacks } of places) {
    chunks.push(raw.subarray(start, at), fromUtf8(lacks === 'domain' ? `@${domain}` : `.${parentDomain}`))
    start = at
  }
  const qualified = fieldFrom(concat([...chunks, raw.subarray(start)]))
  // The grammar has the last word: each address that lacked its domain must be one now.
  const missing = places.filter(({ lacks }) => lacks === 'domain').length
  return countMailboxes(qualified) === countMailboxes(field) + missing ? qualified : field
}

function countMailboxes({ value }: HeaderField): number {
  let count = 0
  for (const address of readAddressList(value).addresses) count += address.kind === 'group' ? address.members.length : 1
  return count
}

/**
 * Where the addresses of a field lack a domain or a part of one, in order; nowhere where a quoted string, a comment or
 * an angle bracket is not closed, or where a control character stands.
 */
export function findUnqualified(raw: Uint8Array): readonly UnqualifiedPlace[] {
  const places: UnqualifiedPlace[] = []
  const text = toLatin1(raw)
  let address = new AddressWords()
  let inAngle = false
  const end = (): void => {
    const { lacks, end: at } = address
    if (lacks !== undefined) places.push({ at, lacks })
    address = new AddressWords()
  }
  for (let at = colonOf(raw, 0, raw.length) + 1; at < text.length;) {
    const start = at
    at = endOfToken(text, start)
    if (at === -1) return []
    const first = text.charAt(start)
    if (first === '(' || isSpace(text.charCodeAt(start))) continue
    if (first === '<' && !inAngle) {
      // What stood before it was a name.
      inAngle = true
      address = new AddressWords()
    } else if (first === '>' && inAngle) {
      inAngle = false
      end()
      address.break()
    } else if (first === ':' && !inAngle) address = new AddressWords()
    else if ((first === ',' || first === ';') && !inAngle) end()
    else address.take(text.slice(start, at), at)
  }
  if (inAngle) return []
  end()
  return places
}

/** The words of an address as they come, and what it lacks. */
class AddressWords {
  /** Where its last word ends. */
  end = 0
  #isBroken = false
  #hasDomain = false
  #wordExpected = true
  /** Words since the start, or since the "@". */
  #count = 0

  get lacks(): UnqualifiedPlace['lacks'] | undefined {
    if (this.#isBroken || this.#wordExpected) return undefined
    if (!this.#hasDomain) return 'domain'
    return this.#count === 1 ? 'parent' : undefined
  }

  break(): void {
    this.#isBroken = true
  }

  /** Takes a token that ends at `end`. */
  take(token: string, end: number): void {
    const isWord = token !== '.' && token !== '@'
    // Words and what parts them take turns; a second "@" and any other special make it no address.
    if (isWord !== this.#wordExpected || (token === '@' && this.#hasDomain) || NO_WORD.test(token)) this.break()
    else if (this.#hasDomain && token.startsWith('"')) this.break()
    this.#wordExpected = !isWord
    if (token === '@') {
      this.#hasDomain = true
      this.#count = 0
    } else if (isWord) {
      this.#count += 1
      this.end = end
    }
  }
}

/** A special of RFC 5322 §3.2.3 alone, an address literal, and what may be an encoded word: no word of an address. */
const NO_WORD = /^(?:[<>:;,\\)\]]$|\[|=\?)/

/** Where the token at `start` ends: blanks, a comment, a quoted string, a literal, an atom, or a special; -1: never. */
function endOfToken(text: string, start: number): number {
  const first = text.charAt(start)
  if (first === '(') return skipComment(text, start)
  if (first === '"') return closedAt(text, start, '"')
  if (first === '[') return closedAt(text, start, ']')
  if (text.startsWith('=?', start)) return endOfEncodedWord(text, start)
  let at = start
  while (isSpace(text.charCodeAt(at))) at += 1
  if (at > start) return at
  while (isAtomCode(text.charCodeAt(at))) at += 1
  if (at > start) return at
  return isControl(text.charCodeAt(start)) ? -1 : start + 1
}

const isControl = (code: number): boolean => code < 32 || code === 127

/** Any character but controls, blanks and the specials of RFC 5322 §3.2.3; no NaN, which stands behind the text. */
const isAtomCode = (code: number): boolean => code > 127 || ATOM_CODES[code] === 1

const ATOM_CODES = Uint8Array.from({ length: 128 }, (_, code) =>
  code > 32 && code < 127 && !'()<>[]:;@\\,."'.includes(String.fromCharCode(code)) ? 1 : 0,
)

function closedAt(text: string, start: number, close: string): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === close) return at + 1
    if (character === '\\') at += 1
  }
  return -1
}

/** Many encoders put specials into encoded words (against RFC 2047 §5), which part no addresses: all up to a blank. */
function endOfEncodedWord(text: string, start: number): number {
  let at = start
  while (at < text.length && !isSpace(text.charCodeAt(at)) && text.charAt(at) !== '<') at += 1
  return at
}
