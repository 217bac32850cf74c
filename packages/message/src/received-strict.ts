/**
 * Received fields as RFC 5321 §4.4 demands them of a writer; what is found is read by `parseReceived`.
 *
 * ```abnf
 * Stamp            = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
 * Extended-Domain  = Domain / ( Domain FWS "(" TCP-info ")" ) / ( address-literal FWS "(" TCP-info ")" )
 * TCP-info         = address-literal / ( Domain FWS address-literal )
 * Opt-info         = [Via] [With] [ID] [For] [Additional-Registered-Clauses]
 * Additional-Registered-Clauses  = CFWS Atom FWS String
 * ```
 * Any number of additional clauses is read, as there are several registered by now (RFC 6710 §7, RFC 8314 §4.3).
 */

import {
  type Domain,
  type ForwardPath,
  isAddressLiteral,
  parseDomain,
  parseForwardPath,
  parseMailbox,
  type Result,
} from '@postroad/address'
import { isSpace, skipComment } from './cfws.ts'
import type { MailDate } from './date.ts'
import { parseMessageId } from './message-id.ts'
import { parseDateStrict } from './strict-date.ts'

/** A Received field in form. */
export interface Received {
  /** Who handed the message over. */
  readonly from: ExtendedDomain
  /** Who took it. */
  readonly by: ExtendedDomain
  /** The link, where it was no TCP; absent where not said, as the others are. */
  readonly via?: string
  /** The protocol, as written: one of `TRANSMISSION_TYPES` where it is registered. */
  readonly with?: string
  /** The writer's id of the message: an atom, or an identifier in angle brackets. */
  readonly id?: string
  /** The one recipient. */
  readonly for?: ForwardPath
  /** The clauses of later standards, by name in lower case: `tls` and `group` (RFC 8314 §4.3), `priority` (RFC 6710 §7). */
  readonly additional: ReadonlyMap<string, string>
  /** The time stamp. */
  readonly date: MailDate
}

/** A host as it named itself, and what TCP said of it. */
export interface ExtendedDomain {
  /** A domain or an address literal. */
  readonly domain: Domain
  /** An address literal; absent where nothing was said. */
  readonly address?: Domain
  /** The name that the address was found to have; absent where none is given. */
  readonly name?: Domain
}

/** Reads the value of a Received field strictly. */
export function parseReceivedStrict(value: string): Result<Received> {
  const words = new StampWords(value)
  const from = readExtendedDomain(words, 'from')
  if (!from.ok) return from
  const by = readExtendedDomain(words, 'by')
  if (!by.ok) return by
  const via = words.clause('via', 'Link', isAtom)
  if (!via.ok) return via
  const protocol = words.clause('with', 'Protocol', isAtom)
  if (!protocol.ok) return protocol
  const id = words.clause('id', 'ID', (text) => isAtom(text) || parseMessageId(text).ok)
  if (!id.ok) return id
  const path = readFor(words)
  if (!path.ok) return path
  const additional = readAdditional(words)
  if (!additional.ok) return additional
  const date = readDate(words)
  if (!date.ok) return date
  const received = {
    from: from.value,
    by: by.value,
    ...(via.value !== undefined && { via: via.value }),
    ...(protocol.value !== undefined && { with: protocol.value }),
    ...(id.value !== undefined && { id: id.value }),
    ...(path.value !== undefined && { for: path.value }),
    additional: additional.value,
    date: date.value,
  }
  return { ok: true, value: received }
}

/** The words of a stamp, one after the other; comments between them are passed over. */
class StampWords {
  readonly text: string
  /** Where the next character is read. */
  at = 0

  constructor(text: string) {
    this.text = text
    this.skip()
  }

  /** Passes over blanks and comments. */
  skip(): void {
    let end = this.#blanksEnd()
    while (end !== -1) {
      this.at = end
      this.at = this.#blanksEnd()
      end = skipCommentAt(this.text, this.at)
    }
  }

  /** Passes over blanks alone. */
  skipBlanks(): void {
    this.at = this.#blanksEnd()
  }

  /** The word at the place, and goes behind it; empty where none stands. Quotes keep together what is between them. */
  word(): string {
    const start = this.at
    let quoted = false
    for (; this.at < this.text.length; this.at += 1) {
      const character = this.text.charAt(this.at)
      if (character === '"') quoted = !quoted
      else if (!quoted && (character === ';' || character === '(' || isSpace(this.text.charCodeAt(this.at)))) break
      else if (character === '\\') this.at += 1
    }
    return this.text.slice(start, this.at)
  }

  /** Goes behind the keyword, case ignored, and the blanks after it, where it stands at the place. */
  keyword(name: string): boolean {
    const end = this.at + name.length
    if (this.text.slice(this.at, end).toLowerCase() !== name || !isSpace(this.text.charCodeAt(end))) return false
    this.at = end
    this.skipBlanks()
    return true
  }

  /** The word of an optional clause; `undefined` where it does not stand here. */
  clause(name: string, rule: string, isRight: (word: string) => boolean): Result<string | undefined> {
    if (!this.keyword(name)) return { ok: true, value: undefined }
    const start = this.at
    const word = this.word()
    if (!isRight(word)) return refuse(rule, start, 'an atom')
    this.skip()
    return { ok: true, value: word }
  }

  #blanksEnd(): number {
    let { at } = this
    while (isSpace(this.text.charCodeAt(at))) at += 1
    return at
  }
}

const skipCommentAt = (text: string, at: number): number => (text.charAt(at) === '(' ? skipComment(text, at) : -1)

function refuse(
  rule: string,
  offset: number,
  expected: string,
): { ok: false; error: { rule: string; offset: number; expected: string } } {
  return { ok: false, error: { rule, offset, expected } }
}

const UTF8 = { smtputf8: true } as const
// RFC 5322 §3.2.3 and RFC 6532 §3.2.
const ATOM = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]+$/
const isAtom = (text: string): boolean => ATOM.test(text)

function readExtendedDomain(words: StampWords, name: 'from' | 'by'): Result<ExtendedDomain> {
  const { at } = words
  if (!words.keyword(name)) return refuse('Stamp', at, `"${name.toUpperCase()}" and white space`)
  const start = words.at
  const domain = parseDomain(words.word(), UTF8)
  if (!domain.ok) return { ok: false, error: { ...domain.error, offset: start + domain.error.offset } }
  words.skipBlanks()
  const infoStart = words.at
  const infoEnd = skipCommentAt(words.text, infoStart)
  const info = readTcpInfo(words.text.slice(infoStart + 1, Math.max(infoStart + 1, infoEnd - 1)))
  // RFC 5321 §4.4: an address literal stands with TCP-info only; a comment of another kind is a comment.
  if (info === undefined && isAddressLiteral(domain.value)) return refuse('Extended-Domain', infoStart, 'TCP-info')
  words.skip()
  return { ok: true, value: { domain: domain.value, ...info } }
}

/** Reads what stands between the parentheses; `undefined` where it is no TCP-info. */
function readTcpInfo(inside: string): { readonly address: Domain; readonly name?: Domain } | undefined {
  const [, first = '', second] = /^([^ \t\r\n]+)(?:[ \t\r\n]+([^ \t\r\n]+))?$/.exec(inside) ?? []
  const address = parseDomain(second ?? first)
  if (!address.ok || !isAddressLiteral(address.value)) return undefined
  if (second === undefined) return { address: address.value }
  const name = parseDomain(first, UTF8)
  return name.ok && !isAddressLiteral(name.value) ? { address: address.value, name: name.value } : undefined
}

function readFor(words: StampWords): Result<ForwardPath | undefined> {
  if (!words.keyword('for')) return { ok: true, value: undefined }
  const start = words.at
  const word = words.word()
  const path = word.startsWith('<') ? parseForwardPath(word, UTF8) : parseMailbox(word, UTF8)
  words.skip()
  return path.ok ? path : { ok: false, error: { ...path.error, offset: start + path.error.offset } }
}

/** Whether the word is one quoted string: `String = Atom / Quoted-string` (RFC 5321 §4.1.2). */
function isQuotedString(word: string): boolean {
  let at = 1
  while (at < word.length && word.charAt(at) !== '"') at += word.charAt(at) === '\\' ? 2 : 1
  return word.startsWith('"') && at === word.length - 1
}

function readAdditional(words: StampWords): Result<ReadonlyMap<string, string>> {
  const additional = new Map<string, string>()
  while (words.at < words.text.length && words.text.charAt(words.at) !== ';') {
    const start = words.at
    const name = words.word().toLowerCase()
    if (!isAtom(name) || additional.has(name)) return refuse('Additional-Registered-Clauses', start, 'a clause or ";"')
    words.skipBlanks()
    const valueStart = words.at
    const value = words.word()
    if (!isAtom(value) && !isQuotedString(value)) return refuse('String', valueStart, 'an atom or a quoted string')
    additional.set(name, value)
    words.skip()
  }
  return { ok: true, value: additional }
}

function readDate(words: StampWords): Result<MailDate> {
  if (words.at >= words.text.length) return refuse('Stamp', words.at, '";"')
  const start = words.at + 1
  if (!isSpace(words.text.charCodeAt(start))) return refuse('Stamp', start, 'white space')
  const date = parseDateStrict(words.text.slice(start))
  return date.ok ? date : { ok: false, error: { ...date.error, offset: start + date.error.offset } }
}
