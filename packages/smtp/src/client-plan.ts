/**
 * What a transaction will say, decided before anything is sent: how the content travels, which commands go out, and who
 * is settled without being asked for.
 */

import type { RecipientOutcome } from '@postroad/envelope'
import { formatMail, formatRcpt, sentBytes, usesSmtputf8 } from './client-commands.ts'
import type { PeerExtensions } from './client-extensions.ts'
import type { LimitsUse } from './client-limits.ts'
import { deferral, failure } from './client-outcome.ts'
import { refusalOfMessage, refusalOfRecipient } from './client-refusal.ts'
import { FLIGHT_BYTES, type TransactionRequest } from './client-request.ts'

/**
 * How the content travels: `data` with DATA; `flight` by one BDAT in the same flight as MAIL and RCPT; `chunks` by BDAT
 * after the replies to RCPT.
 *
 * Deviation: RFC 3030 §2: MAIL and RCPT are answered before the first BDAT: in a flight they are not waited for; a
 * server that offers PIPELINING reads on (RFC 2920 §3.2) and must discard a chunk that it refuses (RFC 3030 §2); it
 * spares a round trip for each message. The replies of a flight are told apart by nothing but their number: a server that
 * sent one too many for the message before is found out only after the next one.
 */
export type Carriage = 'data' | 'flight' | 'chunks'

/** What the session knows about itself. */
export interface SessionStanding {
  readonly peer: PeerExtensions
  readonly lmtp: boolean
  /** AUTH succeeded in this session. */
  readonly authenticated: boolean
  /** A transaction before this one was left open. */
  readonly reset: boolean
  readonly use: LimitsUse
}

/** What MAIL and RCPT are written from. */
export interface MailStanding extends SessionStanding {
  readonly request: TransactionRequest
  /** The content goes as BINARYMIME. */
  readonly binary: boolean
  /** How many bytes of content are sent. */
  readonly sizeBytes: number
  readonly smtputf8: boolean
}

/** A command with its CRLF; `recipient` is -1 but for RCPT. */
export interface PlannedCommand {
  readonly verb: 'rset' | 'mail' | 'rcpt' | 'data'
  readonly line: string
  readonly recipient: number
}

/** The plan. */
export interface TransactionPlan {
  readonly carriage: Carriage
  /** Empty where there is nobody to send to. */
  readonly commands: readonly PlannedCommand[]
  /** Who is not asked for, with the outcome. */
  readonly settled: readonly { readonly recipient: number; readonly outcome: RecipientOutcome }[]
}

/** Plans a transaction. */
export function planTransaction(request: TransactionRequest, session: SessionStanding): TransactionPlan {
  const { envelope, facts } = request
  const { peer, use } = session
  const binary = needsBinary(request) && peer.binaryMime
  const carriage = chooseCarriage(request, session, binary)
  const sizeBytes = carriage === 'data' ? sentBytes(facts) : facts.sizeBytes
  const smtputf8 = usesSmtputf8(envelope, peer)
  const standing: MailStanding = { ...session, request, binary, sizeBytes, smtputf8 }
  const refusal = refusalOfMessage(standing) ?? refusalOfSession(session)
  const mail = refusal === undefined ? formatMail(standing) : undefined
  if (mail === undefined) {
    // A reverse-path that breaks the line: RFC 3463 §3.2, bad sender's mailbox address syntax.
    const outcome = refusal ?? failure('5.1.7')
    return { carriage, commands: [], settled: envelope.recipients.map((_, recipient) => ({ recipient, outcome })) }
  }
  const commands: PlannedCommand[] = []
  if (session.reset) commands.push(RSET)
  commands.push({ verb: 'mail', line: mail, recipient: -1 })
  const settled: { recipient: number; outcome: RecipientOutcome }[] = []
  const before = commands.length
  for (const [index, recipient] of envelope.recipients.entries()) {
    const refused = refusalOfRecipient(recipient, standing)
    const line = refused === undefined ? formatRcpt(recipient, standing, request.rcptParameters?.get(index)) : undefined
    if (line === undefined) settled.push({ recipient: index, outcome: refused ?? failure('5.1.3') })
    // RFC 9422 §4: no more than the peer takes in one transaction and session.
    else if (commands.length - before >= (peer.limits.rcptMax ?? Infinity) || !use.admit(recipient, peer.limits)) {
      settled.push({ recipient: index, outcome: deferral('4.5.3') })
    } else commands.push({ verb: 'rcpt', line, recipient: index })
  }
  if (commands.length === before) return { carriage, commands: [], settled }
  use.begin()
  if (carriage === 'data') commands.push(DATA)
  return { carriage, commands, settled }
}

const RSET: PlannedCommand = { verb: 'rset', line: 'RSET\r\n', recipient: -1 }
const DATA: PlannedCommand = { verb: 'data', line: 'DATA\r\n', recipient: -1 }

/** A NUL or a long line is no reason by itself, since text goes further than BINARYMIME, unless the sender named it. */
function needsBinary({ envelope, facts, bareNewlines }: TransactionRequest): boolean {
  return (bareNewlines ?? facts.binary) || (facts.binary && envelope.body === 'binarymime')
}

/**
 * BDAT needs no reply before the content, where DATA does; without PIPELINING it would cost one for each chunk. What is
 * binary cannot travel with DATA at all (RFC 3030 §3).
 *
 * LMTP never flies: a BDAT LAST without an accepted recipient has no reply there (RFC 2033 §4.3), or one as some servers
 * have it, and the client could not tell which reply is whose.
 */
function chooseCarriage(request: TransactionRequest, { peer, lmtp }: SessionStanding, binary: boolean): Carriage {
  const { facts, chunking = 'auto', flightBytes = FLIGHT_BYTES } = request
  const wanted = binary || (chunking === 'auto' && peer.chunking && peer.pipelining)
  if (!wanted) return 'data'
  const short = flightBytes > 0 && facts.sizeBytes <= flightBytes
  return peer.pipelining && !lmtp && short ? 'flight' : 'chunks'
}

/** RFC 9422 §4: no MAIL beyond what the peer takes. */
function refusalOfSession({ use, peer }: SessionStanding): RecipientOutcome | undefined {
  return use.transactionsLeft(peer.limits) > 0 ? undefined : deferral('4.3.2')
}
