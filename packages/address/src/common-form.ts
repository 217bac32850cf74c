/**
 * The short way through the grammar for the forms that most addresses have:
 *
 *     ada@example.org
 *     ada@example.org (Ada Lovelace)
 *     Ada Lovelace <ada@example.org>
 *     "Lovelace, Ada" <ada@example.org>
 *
 * ASCII alone, without folds, backslashes, and comments at other places. What is read here is what the whole grammar
 * would read, without a fault; for anything else the short way gives up, and nothing has happened. It looks at no more
 * than the whole grammar passes over next, so all looks together are linear.
 */

import type { MailboxAddress } from './address-list.ts'
import { CAPITAL, CTEXT, DOT, DOT_ATEXT, LDH, QTEXT_SMTP, QUESTION } from './characters.ts'
import { MAX_DOMAIN_OCTETS, MAX_LABEL_OCTETS } from './domain.ts'
import type { HeaderScanner } from './header-scanner.ts'
import { brandDomain } from './idna.ts'
import type { Mailbox } from './mailbox.ts'

const QUOTE = 0x22
const OPEN = 0x28
const CLOSE = 0x29
const COMMA = 0x2c
const HYPHEN = 0x2d
const FULL_STOP = 0x2e
const SEMICOLON = 0x3b
const LESS = 0x3c
const GREATER = 0x3e
const AT = 0x40

type DecodeName = (text: string) => string

/** Reads the address at the place, up to the separator behind it; `undefined`, and nothing read, where it is not common. */
export function readCommonForm(scanner: HeaderScanner, decodeName: DecodeName): MailboxAddress | undefined {
  const { text, at: start } = scanner
  const first = text.charCodeAt(start)
  if (first === LESS) return readAngleAddr(scanner, start, '')
  if (first === QUOTE) return readQuoted(scanner)
  let seen = 0
  for (let at = start; ;) {
    const end = scanner.runEnd(at, DOT_ATEXT)
    if (end === at) return undefined
    if (text.charCodeAt(end) === AT) return at === start ? readBare(scanner, end, decodeName) : undefined
    seen |= scanner.seen
    const next = scanner.spacesEnd(end)
    if (text.charCodeAt(next) === LESS) {
      const mayBeEncoded = (seen & QUESTION) !== 0
      // A dot is obsolete in a phrase, not even obsolete at its front, and a fault in an encoded-word.
      if ((seen & DOT) !== 0 && (mayBeEncoded || scanner.strict || first === FULL_STOP)) return undefined
      // An encoded-word may run on through the bracket.
      if (mayBeEncoded && next === end) return undefined
      const words = text.slice(start, end)
      return readAngleAddr(scanner, next, mayBeEncoded ? decodeName(words) : words)
    }
    if (next !== end + 1) return undefined
    at = next
  }
}

/**
 * `"Quoted name" <addr-spec>`
 *
 * A quote that nothing closes is met here only once: those behind it stand behind a backslash, and begin no address.
 */
function readQuoted(scanner: HeaderScanner): MailboxAddress | undefined {
  const { text, at: start } = scanner
  const end = scanner.runEnd(start + 1, QTEXT_SMTP)
  if (text.charCodeAt(end) !== QUOTE) return undefined
  const next = scanner.spacesEnd(end + 1)
  return text.charCodeAt(next) === LESS ? readAngleAddr(scanner, next, text.slice(start + 1, end)) : undefined
}

/** `<addr-spec>`, its bracket at `open`. */
function readAngleAddr(scanner: HeaderScanner, open: number, name: string): MailboxAddress | undefined {
  const start = open + 1
  const at = scanner.runEnd(start, DOT_ATEXT)
  const mailbox = readMailbox(scanner, start, at)
  if (mailbox === undefined) return undefined
  const end = at + 1 + mailbox.domain.length
  return scanner.text.charCodeAt(end) === GREATER
    ? asAddress(scanner, scanner.spacesEnd(end + 1), mailbox, name)
    : undefined
}

/** `addr-spec`, its "@" at `at`, perhaps with a comment behind it, which only a lenient reader takes for a name. */
function readBare(scanner: HeaderScanner, at: number, decodeName: DecodeName): MailboxAddress | undefined {
  const mailbox = readMailbox(scanner, scanner.at, at)
  if (mailbox === undefined) return undefined
  const { text } = scanner
  const next = scanner.spacesEnd(at + 1 + mailbox.domain.length)
  if (text.charCodeAt(next) !== OPEN) return asAddress(scanner, next, mailbox, '')
  const close = scanner.runEnd(next + 1, CTEXT)
  if (text.charCodeAt(close) !== CLOSE) return undefined
  const name = scanner.strict ? '' : decodeName(text.slice(next + 1, close).trim())
  return asAddress(scanner, scanner.spacesEnd(close + 1), mailbox, name)
}

/** The address, where a separator stands at `next`. */
function asAddress(scanner: HeaderScanner, next: number, mailbox: Mailbox, name: string): MailboxAddress | undefined {
  const separator = scanner.text.charCodeAt(next)
  if (next !== scanner.text.length && separator !== COMMA && separator !== SEMICOLON) return undefined
  scanner.at = next
  return name === '' ? { kind: 'mailbox', mailbox } : { kind: 'mailbox', name, mailbox }
}

/** A mailbox of two dot-atoms, of which the run from `start` to `at` was the last that was read. */
function readMailbox(scanner: HeaderScanner, start: number, at: number): Mailbox | undefined {
  const { text } = scanner
  // An encoded-word may run on through the "@".
  if (text.charCodeAt(at) !== AT || at === start || (scanner.seen & QUESTION) !== 0) return undefined
  const localPart = text.slice(start, at)
  if ((scanner.seen & DOT) !== 0 && `.${localPart}.`.includes('..')) return undefined
  let seen = 0
  for (let label = at + 1; ;) {
    const end = scanner.runEnd(label, LDH)
    if (end === label || end - label > MAX_LABEL_OCTETS) return undefined
    if (text.charCodeAt(label) === HYPHEN || text.charCodeAt(end - 1) === HYPHEN) return undefined
    seen |= scanner.seen
    label = end + 1
    if (text.charCodeAt(end) === FULL_STOP) continue
    if (end - at - 1 > MAX_DOMAIN_OCTETS) return undefined
    const name = text.slice(at + 1, end)
    return { localPart, domain: brandDomain((seen & CAPITAL) === 0 ? name : name.toLowerCase()) }
  }
}
