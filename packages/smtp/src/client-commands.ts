/**
 * MAIL and RCPT as a client writes them (RFC 5321 §4.1.1.2, §4.1.1.3), with the parameters that the peer offered to
 * take.
 */

import { domainToAscii, formatPath, needsSmtputf8, type Mailbox } from '@postroad/address'
import type { ContentFacts, Envelope, Recipient } from '@postroad/envelope'
import { formatParameters } from './client-agreed-parameters.ts'
import type { PeerExtensions } from './client-extensions.ts'
import { mailParameters, rcptParameters } from './client-parameters.ts'
import type { MailStanding } from './client-plan.ts'

/** A MAIL command with its CRLF; `undefined` where the reverse-path would break the line. */
export function formatMail(standing: MailStanding): string | undefined {
  const { reversePath } = standing.request.envelope
  const path = formatPath(reversePath === null ? null : wireMailbox(reversePath, standing.smtputf8))
  const line = `MAIL FROM:${path}${mailParameters(standing)}${formatParameters(standing.request.mailParameters)}`
  return isOneLine(line) ? `${line}\r\n` : undefined
}

/** A RCPT command with its CRLF, and with what was agreed on; `undefined` where the forward-path would break the line. */
export function formatRcpt(
  recipient: Recipient,
  standing: MailStanding,
  agreed?: readonly string[],
): string | undefined {
  const path = formatPath(wireMailbox(recipient.mailbox, standing.smtputf8))
  const line = `RCPT TO:${path}${rcptParameters(recipient, standing)}${formatParameters(agreed)}`
  return isOneLine(line) ? `${line}\r\n` : undefined
}

/** How many bytes DATA brings: the last line ends with CRLF then; dots that were doubled do not count (RFC 1870 §5). */
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
export function isOneLine(text: string): boolean {
  return !CONTROL.test(text)
}
