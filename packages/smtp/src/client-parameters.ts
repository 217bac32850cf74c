/**
 * The parameters of MAIL and RCPT that a client sends: those the envelope asks for and the peer offers to take.
 *
 * What a peer must not be sent the message without is `client-refusal.ts`'s to decide; here it is left out.
 */

import { fromUtf8 } from '@postroad/bytes'
import type { DeliverBy, Notify, OriginalRecipient, Recipient } from '@postroad/envelope'
import type { MailStanding } from './client-plan.ts'
import { formatTimestamp } from './client-timestamp.ts'

/** The parameters of MAIL, each with the space before it. */
export function mailParameters({ request, peer, authenticated, binary, sizeBytes, smtputf8 }: MailStanding): string {
  const { envelope, facts, now, verifiedTls } = request
  let text = ''
  // RFC 1870 §6
  if (peer.size !== undefined) text += ` SIZE=${sizeBytes}`
  // RFC 3030 §3, RFC 6152 §2
  if (binary) text += ' BODY=BINARYMIME'
  else if (facts.eightBit && peer.eightBitMime) text += ' BODY=8BITMIME'
  // RFC 6531 §3.4
  if (smtputf8) text += ' SMTPUTF8'
  // RFC 3461 §4.3, §4.4
  if (peer.dsn && envelope.ret !== undefined) text += ` RET=${envelope.ret.toUpperCase()}`
  if (peer.dsn && envelope.envid !== undefined && envelope.envid !== '') text += ` ENVID=${toXtext(envelope.envid)}`
  // Deviation: RFC 4954 §5: sent where AUTH succeeded in this session, not to whoever offers AUTH: that would tell every
  // host on the way who submitted the message.
  if (authenticated && envelope.submitter !== undefined) text += ` AUTH=${formatSubmitter(envelope.submitter)}`
  if (peer.deliverBy !== undefined && envelope.deliverBy !== undefined) {
    text += ` BY=${formatDeliverBy(envelope.deliverBy, now)}`
  }
  // RFC 4865 §4.1; refused before this where the peer cannot hold it, or not so long.
  const holdUntil = requestedHold(request)
  if (peer.futureRelease !== undefined && holdUntil !== undefined) {
    text += ` HOLDUNTIL=${formatTimestamp(holdUntil, 'up')}`
  }
  // RFC 6710 §4.2, §4.3: passed on where it is understood, else left out.
  if (peer.mtPriority !== undefined && envelope.mtPriority !== undefined) text += ` MT-PRIORITY=${envelope.mtPriority}`
  // RFC 8689 §2: only in a session that meets what it asks for.
  if (envelope.requireTls === true && verifiedTls === true && peer.requireTls) text += ' REQUIRETLS'
  if (peer.noSoliciting !== undefined && envelope.solicitations !== undefined) {
    const classes = formatSolicitations(envelope.solicitations)
    if (classes !== '') text += ` SOLICIT=${classes}`
  }
  return text
}

/** The parameters of RCPT, each with the space before it. */
export function rcptParameters(recipient: Recipient, { request, peer, smtputf8 }: MailStanding): string {
  let text = ''
  if (peer.dsn) {
    const notify = requestedNotify(recipient, request.envelope.deliverBy, request.now, peer.deliverBy !== undefined)
    if (notify.length > 0) text += ` NOTIFY=${notify.join(',').toUpperCase()}`
    if (recipient.orcpt !== undefined) text += orcptParameter(recipient.orcpt, smtputf8)
  }
  if (peer.rrvs && recipient.validSince !== undefined) {
    const { at, action } = recipient.validSince
    // RFC 7293 §5.1.1: the action is passed on.
    text += ` RRVS=${formatTimestamp(at, 'down')};${action === 'continue' ? 'C' : 'R'}`
  }
  return text
}

/**
 * Until when the peer must hold the message: `undefined` where nothing asks for it or the time has come, and for a
 * report, for which it must not be asked (RFC 4865 §5.1.1).
 */
export function requestedHold({ envelope, now }: MailStanding['request']): number | undefined {
  const { holdUntil, reversePath } = envelope
  return holdUntil === undefined || holdUntil <= now || reversePath === null ? undefined : holdUntil
}

/** How many whole seconds are left: negative once the time has passed (RFC 2852 §4), and never more than 9 digits. */
export function secondsLeft({ at }: DeliverBy, now: number): number {
  return Math.max(-MOST_SECONDS, Math.min(MOST_SECONDS, Math.floor((at - now) / 1_000)))
}

const MOST_SECONDS = 999_999_999

/** RFC 2852 §4: by-value = by-time ";" by-mode [by-trace]. */
function formatDeliverBy(deliverBy: DeliverBy, now: number): string {
  return `${secondsLeft(deliverBy, now)};${deliverBy.mode === 'return' ? 'R' : 'N'}${deliverBy.trace ? 'T' : ''}`
}

/** RFC 4954 §5: a mailbox in xtext; `<>` for nobody, and for one that the parameter cannot carry. */
function formatSubmitter(submitter: string | null): string {
  if (submitter === null || submitter === '' || NON_ASCII.test(submitter)) return '<>'
  const xtext = toXtext(submitter)
  return xtext.length > MAX_SUBMITTER_LENGTH ? '<>' : xtext
}

/** RFC 4954 §3: the parameter makes MAIL longer by 500 characters at most. */
const MAX_SUBMITTER_LENGTH = 494
const NON_ASCII = /[^\u0020-\u007e]/

/** RFC 3865 §2.7: only what is valid is passed on; RFC 3865 §2.2: 1,000 characters at most. */
function formatSolicitations(solicitations: readonly string[]): string {
  let text = ''
  for (const word of solicitations) {
    if (!SOLICITATION.test(word) || text.length + 1 + word.length > MAX_SOLICITATIONS_LENGTH) continue
    text += text === '' ? word : `,${word}`
  }
  return text
}

/** RFC 3865 §2.2: word = ALPHA 0*(wordchar). */
const SOLICITATION = /^[a-z][a-z0-9._:-]*$/i
const MAX_SOLICITATIONS_LENGTH = 1_000

/**
 * NOTIFY=. RFC 2852 §4.1.4.2: where a peer without DELIVERBY takes a message whose sender is to be told of a delay, it
 * is asked to tell of one, whatever RFC 3461 says otherwise.
 */
function requestedNotify(
  { notify }: Recipient,
  deliverBy: DeliverBy | undefined,
  now: number,
  understood: boolean,
): readonly Notify[] {
  const asked = notify ?? []
  if (deliverBy?.mode !== 'notify' || understood || deliverBy.at <= now) return asked
  if (asked.includes('never') || asked.includes('delay')) return asked
  return asked.length === 0 ? ['failure', 'delay'] : [...asked, 'delay']
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

/** RFC 3461 §4.2: 500 octets at most; what is longer is left out, for the recipient is none the worse. */
function orcptParameter(orcpt: OriginalRecipient, smtputf8: boolean): string {
  const parameter = `ORCPT=${formatOrcpt(orcpt, smtputf8)}`
  const fits = 3 * parameter.length <= MAX_ORCPT_OCTETS || fromUtf8(parameter).length <= MAX_ORCPT_OCTETS
  return fits ? ` ${parameter}` : ''
}

const MAX_ORCPT_OCTETS = 500

/** RFC 3461 §4.2; for the type `utf-8` RFC 6533 §3: native UTF-8 only where SMTPUTF8 is in use. */
function formatOrcpt({ type, address }: OriginalRecipient, smtputf8: boolean): string {
  if (type !== 'utf-8') return `${type};${toXtext(address)}`
  let encoded = ''
  for (const character of address) {
    const point = Number(character.codePointAt(0))
    const plain = point > 0x7f ? smtputf8 : XCHARS.test(character) && character !== '\\'
    encoded += plain ? character : `\\x{${point.toString(16).toUpperCase().padStart(2, '0')}}`
  }
  return `${type};${encoded}`
}
