/**
 * What forbids a message, or one of its recipients, for a peer before anything is sent: the peer does not offer what
 * they need, or has said that it will not take them.
 */

import { needsSmtputf8 } from '@postroad/address'
import type { Failed, PermanentStatus, Recipient } from '@postroad/envelope'
import { senderNeedsSmtputf8 } from './client-commands.ts'
import { failure } from './client-outcome.ts'
import { requestedHold, secondsLeft } from './client-parameters.ts'
import type { MailStanding } from './client-plan.ts'

/** What forbids the message; `undefined`: nothing. */
export function refusalOfMessage(standing: MailStanding): Failed | undefined {
  const { request, peer, lmtp, binary, sizeBytes } = standing
  const { envelope, facts, bareNewlines } = request
  // RFC 3030 §3: binary content is never sent to a peer that does not offer BINARYMIME.
  if ((bareNewlines ?? facts.binary) && !binary) return failure('5.6.0')
  // RFC 1870 §7: no use to try what is over the fixed limit.
  if (peer.size !== undefined && peer.size > 0 && sizeBytes > peer.size) return failure('5.3.4')
  // RFC 6531 §3.5: not to a server without SMTPUTF8.
  if (senderNeedsSmtputf8(envelope) && !peer.smtputf8) return failure('5.6.7')
  // RFC 6152 §3: 8-bit content only to a server that offers it.
  if (facts.eightBit && !binary && !peer.eightBitMime) return failure('5.6.3')
  const status = refusalOfTls(standing) ?? refusalOfDeliverBy(request, peer, lmtp) ?? refusalOfHold(request, peer)
  if (status !== undefined) return failure(status)
  // RFC 3865 §2.1, §2.4: the peer has said that it does not take this class.
  return envelope.solicitations?.some((word) => peer.noSoliciting?.includes(word)) === true
    ? failure('5.7.1')
    : undefined
}

/** What forbids a recipient; `undefined`: nothing. */
export function refusalOfRecipient({ mailbox, validSince }: Recipient, { peer }: MailStanding): Failed | undefined {
  // RFC 6531 §3.5
  if (needsSmtputf8(mailbox) && !peer.smtputf8) return failure('5.6.7')
  // RFC 7293 §5.1.1: where the peer cannot check it the recipient is refused, unless its sender said "continue".
  return validSince?.action === 'reject' && !peer.rrvs ? failure('5.7.19') : undefined
}

/**
 * RFC 8689 §4.2.1. A report (its reverse-path is null) goes on without (RFC 8689 §5), and a final delivery by LMTP, over
 * a channel that is fit, needs nobody who passes the requirement on.
 */
function refusalOfTls({ request, peer, lmtp }: MailStanding): PermanentStatus | undefined {
  const { envelope, verifiedTls } = request
  if (envelope.requireTls !== true || envelope.reversePath === null) return undefined
  if (verifiedTls !== true) return '5.7.10'
  return peer.requireTls || lmtp ? undefined : '5.7.30'
}

/**
 * RFC 2852 §4.1.3: a message to be returned goes nowhere after its time. RFC 2852 §4.1.4.1: it is relayed only to a
 * server that keeps the time too, and so short a one; a delivery by LMTP is no relaying.
 */
function refusalOfDeliverBy(
  { envelope: { deliverBy }, now }: MailStanding['request'],
  peer: MailStanding['peer'],
  lmtp: boolean,
): PermanentStatus | undefined {
  if (deliverBy?.mode !== 'return') return undefined
  const seconds = secondsLeft(deliverBy, now)
  if (seconds <= 0) return '5.4.7'
  if (peer.deliverBy === undefined) return lmtp ? undefined : '5.3.3'
  return seconds < peer.deliverBy ? '5.3.3' : undefined
}

/**
 * RFC 4865 §4.1: only to a server that offers to hold it, and so long. Sent without, it would be released too early,
 * which nobody can take back. RFC 4865 §5.2.1: never beyond the time by which it must be delivered.
 */
function refusalOfHold(request: MailStanding['request'], peer: MailStanding['peer']): PermanentStatus | undefined {
  const holdUntil = requestedHold(request)
  if (holdUntil === undefined) return undefined
  if (peer.futureRelease === undefined) return '5.3.3'
  const { maxSeconds, until } = peer.futureRelease
  const seconds = Math.ceil(holdUntil / 1_000)
  const tooLong = seconds * 1_000 > until || seconds - Math.floor(request.now / 1_000) > maxSeconds
  const tooLate = request.envelope.deliverBy !== undefined && request.envelope.deliverBy.at < holdUntil
  return tooLong || tooLate ? '5.5.4' : undefined
}
