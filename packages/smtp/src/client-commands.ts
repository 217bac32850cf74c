/**
 * MAIL and RCPT as a client writes them (RFC 5321 §4.1.1.2, §4.1.1.3), with the parameters that the peer offered to
 * take: SIZE (RFC 1870 §6), BODY (RFC 6152 §2), SMTPUTF8 (RFC 6531 §3.4), RET, ENVID, NOTIFY, ORCPT (RFC 3461 §4).
 */

import { domainToAscii, formatPath, needsSmtputf8, type Mailbox } from '@postroad/address'
import { fromUtf8 } from '@postroad/bytes'
import type { ContentFacts, Envelope, OriginalRecipient, Recipient } from '@postroad/envelope'
import type { PeerExtensions } from './client-extensions.ts'

/** A MAIL command with its CRLF; `undefined` where the reverse-path would break the line. */
export function formatMail(envelope: Envelope, facts: ContentFacts, peer: PeerExtensions): string | undefined {
  const smtputf8 = usesSmtputf8(envelope, peer)
  const { reversePath } = envelope
  let line = `MAIL FROM:${formatPath(reversePath === null ? null : wireMailbox(reversePath, smtputf8))}`
  if (peer.size !== undefined) line += ` SIZE=${sentBytes(facts)}`
  if (facts.eightBit && peer.eightBitMime) line += ' BODY=8BITMIME'
  if (smtputf8) line += ' SMTPUTF8'
  if (peer.dsn && envelope.ret !== undefined) line += ` RET=${envelope.ret.toUpperCase()}`
  if (peer.dsn && envelope.envid !== undefined && envelope.envid !== '') line += ` ENVID=${toXtext(envelope.envid)}`
  return isOneLine(line) ? `${line}\r\n` : undefined
}

/** A RCPT command with its CRLF; `undefined` where the forward-path would break the line. */
export function formatRcpt(recipient: Recipient, peer: PeerExtensions, smtputf8: boolean): string | undefined {
  let line = `RCPT TO:${formatPath(wireMailbox(recipient.mailbox, smtputf8))}`
  if (peer.dsn && recipient.notify !== undefined && recipient.notify.length > 0) {
    line += ` NOTIFY=${recipient.notify.join(',').toUpperCase()}`
  }
  if (peer.dsn && recipient.orcpt !== undefined) line += ` ORCPT=${formatOrcpt(recipient.orcpt, smtputf8)}`
  return isOneLine(line) ? `${line}\r\n` : undefined
}

/** How many bytes the content has once its last line ends with CRLF; dots doubled for DATA do not count (RFC 1870 §5). */
export function sentBytes({ sizeBytes, endsWithCrlf }: ContentFacts): number {
  return endsWithCrlf ? sizeBytes : sizeBytes + 2
}

/** Whether the whole message needs SMTPUTF8: by its own word, or for the reverse-path. */
export function senderNeedsSmtputf8({ smtputf8, reversePath }: Envelope): boolean {
  return smtputf8 === true || (reversePath !== null && needsSmtputf8(reversePath))
}

/**
 * Whether MAIL says SMTPUTF8: the message or one of its recipients needs it, and the peer offers it. A domain with
 * U-labels alone needs none: it is sent with A-labels (RFC 6531 §3.4 asks to leave the parameter out where it can be).
 */
export function usesSmtputf8(envelope: Envelope, peer: PeerExtensions): boolean {
  return (
    peer.smtputf8 &&
    (senderNeedsSmtputf8(envelope) || envelope.recipients.some(({ mailbox }) => needsSmtputf8(mailbox)))
  )
}

function wireMailbox(mailbox: Mailbox, smtputf8: boolean): Mailbox {
  if (smtputf8 || !NON_ASCII.test(mailbox.domain)) return mailbox
  const domain = domainToAscii(mailbox.domain)
  return domain.ok ? { localPart: mailbox.localPart, domain: domain.value } : mailbox
}

const NON_ASCII = /[^\u0000-\u007f]/
const CONTROL = /[\u0000-\u001f\u007f]/

/** What comes out of a queue is checked once more: no address may smuggle a second command into the line. */
function isOneLine(text: string): boolean {
  return !CONTROL.test(text)
}

/** RFC 3461 §4: xtext; each octet but the printable ASCII ones without `+` and `=` as `+HH`. */
export function toXtext(text: string): string {
  if (XCHARS.test(text)) return text
  let xtext = ''
  for (const byte of fromUtf8(text)) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x2b && byte !== 0x3d
    xtext += plain ? String.fromCharCode(byte) : `+${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return xtext
}

const XCHARS = /^[!-*,-<>-~]*$/

/** RFC 3461 §4.2; for the type `utf-8` RFC 6533 §3: native UTF-8 only where SMTPUTF8 is in use. */
function formatOrcpt({ type, address }: OriginalRecipient, smtputf8: boolean): string {
  if (type !== 'utf-8') return `${type};${toXtext(address)}`
  let encoded = ''
  for (const character of address) {
    const point = character.codePointAt(0) ?? 0
    const plain = point > 0x7f ? smtputf8 : XCHARS.test(character) && character !== '\\'
    encoded += plain ? character : `\\x{${point.toString(16).toUpperCase().padStart(2, '0')}}`
  }
  return `${type};${encoded}`
}
