/**
 * Mailboxes as text (RFC 5321 §4.1.2, RFC 6531 §3.3).
 *
 *     Mailbox  = Local-part "@" ( Domain / address-literal )
 *
 * Source of truth for lengths: local part 64 octets, domain 255, and 254 for both, so that the mailbox fits a path
 * with its brackets (RFC 5321 §4.5.3.1.1, §4.5.3.1.2, §4.5.3.1.3).
 */

import { isAsciiText, octetLength } from './characters.ts'
import { domainKey, scanDomain, type Scanned, type SyntaxOptions } from './domain.ts'
import { formatLocalPart, scanLocalPart } from './local-part.ts'
import type { Domain, Mailbox } from './mailbox.ts'
import { accept, refuse, type Result } from './result.ts'

const MAX_MAILBOX_OCTETS = 254

/** Reads a mailbox; the whole text must be one, without brackets, white space or comments. */
export function parseMailbox(text: string, options: SyntaxOptions = {}): Result<Mailbox> {
  const scanned = scanMailbox(text, 0, options)
  if (!scanned.ok) return scanned
  if (scanned.value.end !== text.length) return refuse('Mailbox', scanned.value.end, 'the end of the mailbox')
  if (octetLength(text) > MAX_MAILBOX_OCTETS) return refuse('Mailbox', 0, `at most ${MAX_MAILBOX_OCTETS} octets`)
  return accept(scanned.value.value)
}

/**
 * The mailbox that a text of the program's own is, as in a constant: `mailboxOf('ada@example.org')`. UTF-8 is read, too
 * (RFC 6531). Text that comes from elsewhere is for `parseMailbox`, which says what is wrong without throwing.
 *
 * @throws {RangeError} where it is none: the message has the rule, the place and what was expected there.
 */
export function mailboxOf(text: string): Mailbox {
  const parsed = parseMailbox(text, { smtputf8: true })
  if (parsed.ok) return parsed.value
  const { rule, offset, expected } = parsed.error
  throw new RangeError(`The text is no mailbox: ${rule} at offset ${offset}, where ${expected} is expected.`)
}

/**
 * Makes a mailbox of a local part in its meaning (not quoted) and a domain; refused where no text could be one.
 *
 * For local parts that come from elsewhere than a parser of this package: a table, an HTTP request.
 */
export function createMailbox(localPart: string, domain: Domain, options: SyntaxOptions = {}): Result<Mailbox> {
  return parseMailbox(formatMailbox({ localPart, domain }), options)
}

/** Writes the mailbox, quoted only where needed. Holds no control character where the mailbox came from a parser. */
export function formatMailbox(mailbox: Mailbox): string {
  return `${formatLocalPart(mailbox.localPart)}@${mailbox.domain}`
}

/** Whether both are the same: domains without case and A-labels equal to U-labels, local parts with case. */
export function sameMailbox(a: Mailbox, b: Mailbox): boolean {
  return a.localPart === b.localPart && (a.domain === b.domain || domainKey(a.domain) === domainKey(b.domain))
}

/** A text that is equal for the same mailboxes and only for them, for the keys of maps. Not an address to show. */
export function mailboxKey(mailbox: Mailbox): string {
  return `${mailbox.localPart}@${domainKey(mailbox.domain)}`
}

/** Whether local part and domain are ASCII. */
export function isAscii(mailbox: Mailbox): boolean {
  return isAsciiText(mailbox.localPart) && isAsciiText(mailbox.domain)
}

/**
 * Whether it can only be carried with SMTPUTF8 (RFC 6531 §3.4): its local part is not ASCII, or its domain is not and
 * has no form with A-labels (`domainToAscii`).
 */
export function needsSmtputf8(mailbox: Mailbox): boolean {
  return !isAsciiText(mailbox.localPart) || !isAsciiText(domainKey(mailbox.domain))
}

/** Reads a mailbox that begins at `start`, as far as it goes. */
export function scanMailbox(text: string, start: number, options: SyntaxOptions): Result<Scanned<Mailbox>> {
  const localPart = scanLocalPart(text, start, options.smtputf8 === true)
  if (!localPart.ok) return localPart
  const { value, end } = localPart.value
  if (text.charAt(end) !== '@') return refuse('Mailbox', end, '"@"')
  const domain = scanDomain(text, end + 1, options)
  if (!domain.ok) return domain
  return accept({ value: { localPart: value, domain: domain.value.value }, end: domain.value.end })
}
