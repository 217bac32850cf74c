/** One mail transaction over an open connection. */

import type { DeliveryPhase } from '@postroad/delivery'
import type { ContentSource, Envelope, RecipientOutcome } from '@postroad/envelope'
import type { ClientConnection } from './client-connection.ts'
import { ENDINGS } from './endings.ts'
import type { PhaseListener } from './open-connection.ts'
import { FLIGHT_BYTES, gatherContent, sendContent, sendGathered } from './send-content.ts'

/** What is to be sent. */
export interface TransactionWork {
  readonly envelope: Envelope
  readonly content: ContentSource
  /** A bare CR or LF stands in the content. */
  readonly bareNewlines: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly mailParameters?: readonly string[] | undefined
  readonly rcptParameters?: ReadonlyMap<number, readonly string[]> | undefined
  readonly signal: AbortSignal
  readonly onOutcome: ((recipient: number, outcome: RecipientOutcome) => void) | undefined
  readonly onPhase?: PhaseListener | undefined
}

/** What became of it. `stale`: a reused connection was dead, and nothing has happened yet. */
export type TransactionEnd =
  | { readonly kind: 'stale' }
  | { readonly kind: 'ended'; readonly phase: DeliveryPhase; readonly outcomes: readonly RecipientOutcome[] }

/**
 * A connection that was quiet for longer may be dead without our knowing: it is asked first, before it gets the end of
 * the content in one flight with MAIL. What had that end and no answer cannot be tried again.
 */
const TRUSTED_QUIET_MS = 2_000

/**
 * Runs a transaction. Rejects where the content cannot be read or is not as its facts say; the connection is destroyed
 * then and the end of the content was not sent.
 *
 * Outcomes of a reused connection are held back until the peer has answered something of this transaction, or the end of
 * the content was sent: until then it may be that the connection was closed behind our back (RFC 5321 §3.8), and all can
 * be tried again elsewhere. 421 is no such answer.
 */
export async function runTransaction(connection: ClientConnection, work: TransactionWork): Promise<TransactionEnd> {
  const abort = (): void => connection.destroy('aborted')
  work.signal.addEventListener('abort', abort, { once: true })
  if (work.signal.aborted) abort()
  try {
    return await run(connection, work)
  } catch (fault) {
    connection.destroy('aborted')
    throw fault
  } finally {
    work.signal.removeEventListener('abort', abort)
  }
}

async function run(connection: ClientConnection, work: TransactionWork): Promise<TransactionEnd> {
  const { session } = connection
  const { envelope, content, bareNewlines, now, mailParameters, rcptParameters } = work
  const reused = connection.transactions > 0
  connection.transactions += 1
  const short = content.facts.sizeBytes <= FLIGHT_BYTES
  const trusted = connection.quietMs <= TRUSTED_QUIET_MS
  const { chunking = false, pipelining = false } = session.extensions ?? {}
  const together = short && trusted && chunking && pipelining && connection.destination.protocol === 'smtp'
  let gathered: Uint8Array | undefined
  if (together && connection.usable) {
    connection.hold()
    gathered = await gatherContent(connection, content)
  }
  if (!connection.usable) return gone(connection, work, reused)
  session.transact({
    envelope,
    facts: content.facts,
    bareNewlines,
    now,
    flightBytes: together ? FLIGHT_BYTES : 0,
    verifiedTls: connection.private,
    ...(mailParameters !== undefined && { mailParameters }),
    ...(rcptParameters !== undefined && { rcptParameters }),
  })
  work.onPhase?.('mail')
  const held = new HeldOutcomes(work, reused)
  for (;;) {
    const event = connection.event() ?? (await connection.next())
    switch (event.type) {
      case 'outcome':
        held.add(event.recipient, explained(event.outcome, connection))
        if (session.transactionAnswered) held.give()
        break
      case 'content':
        work.onPhase?.('content')
        if (short) gathered ??= await gatherContent(connection, content)
        if (gathered !== undefined) sendGathered(connection, gathered)
        else if (!short) await sendContent(connection, content)
        work.onPhase?.('end-of-data')
        break
      case 'transaction-ended':
        if (reused && session.closed && !session.transactionAnswered && held.retriable && !work.signal.aborted) {
          return { kind: 'stale' }
        }
        held.give()
        return { kind: 'ended', phase: event.phase, outcomes: held.outcomes }
      default:
        throw new Error(`The session said ${event.type} within a transaction.`)
    }
  }
}

/** The outcomes of a transaction, held back while it may still be tried again. */
class HeldOutcomes {
  readonly outcomes: RecipientOutcome[] = []
  /** Nobody's end of the content was left without an answer. */
  retriable = true

  readonly #onOutcome: TransactionWork['onOutcome']
  #held: number[] | undefined

  constructor({ onOutcome }: TransactionWork, reused: boolean) {
    this.#onOutcome = onOutcome
    this.#held = reused ? [] : undefined
  }

  add(recipient: number, outcome: RecipientOutcome): void {
    this.outcomes[recipient] = outcome
    if (outcome.kind === 'unknown') this.retriable = false
    if (this.#held === undefined) this.#onOutcome?.(recipient, outcome)
    else this.#held.push(recipient)
  }

  give(): void {
    const held = this.#held
    this.#held = undefined
    for (const recipient of held ?? []) {
      const outcome = this.outcomes[recipient]
      if (outcome !== undefined) this.#onOutcome?.(recipient, outcome)
    }
  }
}

/** Says why the peer said nothing, where the session ended with that. */
function explained(outcome: RecipientOutcome, { session, error }: ClientConnection): RecipientOutcome {
  const silent = outcome.kind === 'unknown' || (outcome.kind === 'deferred' && outcome.reply === undefined)
  if (!silent || session.closeCause === undefined) return outcome
  return { ...outcome, reason: error?.message ?? ENDINGS[session.closeCause] }
}

/** The connection ended before anything could be said. */
function gone(connection: ClientConnection, work: TransactionWork, reused: boolean): TransactionEnd {
  // A source that keeps us waiting does so on the next connection too.
  const given = work.signal.aborted || connection.session.closeCause === 'timeout'
  if (reused && !given) return { kind: 'stale' }
  const outcome = explained({ kind: 'deferred', reply: undefined, status: '4.4.2' }, connection)
  const outcomes = work.envelope.recipients.map(() => outcome)
  for (const [recipient, outcome] of outcomes.entries()) work.onOutcome?.(recipient, outcome)
  return { kind: 'ended', phase: 'hello', outcomes }
}
