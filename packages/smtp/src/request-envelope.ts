/** Turns what MAIL and RCPT said, in the terms of the wire, into an envelope, whose values are absolute. */

import type { Mailbox } from '@postroad/address'
import type { DeliverBy, Envelope, Recipient } from '@postroad/envelope'
import type { DeliverByRequest, HoldRequest, MailRequest, RcptRequest } from './handler.ts'

/**
 * The envelope that a MAIL begins.
 *
 * @param now Milliseconds since the epoch, from which BY= and HOLDFOR= count. Absent: these two and HOLDUNTIL= are left
 *   out, for a server that offers neither DELIVERBY nor FUTURERELEASE.
 */
export function envelopeOf(mail: MailRequest, now?: number): Omit<Envelope, 'recipients'> {
  const { reversePath, body, smtputf8, ret, envid, submitter, mtPriority, requireTls, solicitations } = mail
  return {
    reversePath,
    ...(body !== undefined && { body }),
    ...(smtputf8 !== undefined && { smtputf8 }),
    ...(ret !== undefined && { ret }),
    ...(envid !== undefined && { envid }),
    ...(submitter !== undefined && { submitter }),
    ...(mtPriority !== undefined && { mtPriority }),
    ...(requireTls !== undefined && { requireTls }),
    ...(solicitations !== undefined && { solicitations }),
    ...(mail.deliverBy !== undefined && now !== undefined && { deliverBy: deliverByOf(mail.deliverBy, now) }),
    ...(mail.hold !== undefined && now !== undefined && { holdUntil: holdUntilOf(mail.hold, now) }),
  }
}

/** The recipient that an RCPT named; `mailbox`: its forward-path, `postmaster` made a mailbox. */
export function recipientOf({ notify, orcpt, validSince }: RcptRequest, mailbox: Mailbox): Recipient {
  return {
    mailbox,
    ...(notify !== undefined && { notify }),
    ...(orcpt !== undefined && { orcpt }),
    ...(validSince !== undefined && { validSince }),
  }
}

function deliverByOf({ seconds, mode, trace }: DeliverByRequest, now: number): DeliverBy {
  return { at: now + seconds * 1_000, mode, trace }
}

function holdUntilOf(hold: HoldRequest, now: number): number {
  return 'until' in hold ? hold.until : now + hold.forSeconds * 1_000
}
