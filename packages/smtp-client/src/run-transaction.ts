/** One mail transaction over an open connection. */

import type { DeliveryPhase } from '@postroad/delivery'
import type { ContentSource, Envelope, RecipientOutcome } from '@postroad/envelope'
import type { ClientConnection } from './client-connection.ts'
import type { PhaseListener } from './open-connection.ts'

/** What is to be sent. */
export interface TransactionWork {
  readonly envelope: Envelope
  readonly content: ContentSource
  /** A bare CR or LF stands in the content. */
  readonly bareNewlines: boolean
  readonly signal: AbortSignal
  readonly onOutcome: ((recipient: number, outcome: RecipientOutcome) => void) | undefined
  readonly onPhase?: PhaseListener | undefined
}

/** What became of it. `stale`: a reused connection was dead, and nothing has happened yet. */
export type TransactionEnd =
  | { readonly kind: 'stale' }
  | { readonly kind: 'ended'; readonly phase: DeliveryPhase; readonly outcomes: readonly RecipientOutcome[] }

/**
 * Runs a transaction. Rejects where the content cannot be read or is not as its facts say; the connection is destroyed
 * then and the end of the content was not sent.
 *
 * Outcomes of a reused connection are held back until the peer has answered something of this transaction: until then
 * it may be that the connection was closed behind our back (RFC 5321 §3.8), and all can be tried again elsewhere. 421 is
 * no such answer.
 */
export async function runTransaction(connection: ClientConnection, work: TransactionWork): Promise<TransactionEnd> {
  const { session } = connection
  const reused = connection.transactions > 0
  connection.transactions += 1
  const outcomes: RecipientOutcome[] = []
  let held: number[] = []
  const give = (): void => {
    const given = held
    held = []
    for (const recipient of given) {
      const outcome = outcomes[recipient]
      if (outcome !== undefined) work.onOutcome?.(recipient, outcome)
    }
  }
  const abort = (): void => connection.destroy('aborted')
  work.signal.addEventListener('abort', abort, { once: true })
  try {
    if (!connection.usable) return gone(work, reused)
    session.transact({ envelope: work.envelope, facts: work.content.facts, bareNewlines: work.bareNewlines })
    if (work.signal.aborted) abort()
    work.onPhase?.('mail')
    for (;;) {
      const event = await connection.next()
      switch (event.type) {
        case 'outcome':
          outcomes[event.recipient] = event.outcome
          held.push(event.recipient)
          if (!reused || session.transactionAnswered) give()
          break
        case 'content':
          work.onPhase?.('content')
          await connection.sendContent(work.content)
          work.onPhase?.('end-of-data')
          break
        case 'transaction-ended':
          if (session.closed && reused && !session.transactionAnswered && !work.signal.aborted) return { kind: 'stale' }
          give()
          return { kind: 'ended', phase: event.phase, outcomes }
        default:
          throw new Error(`The session said ${event.type} within a transaction.`)
      }
    }
  } catch (fault) {
    connection.destroy('aborted')
    throw fault
  } finally {
    work.signal.removeEventListener('abort', abort)
  }
}

/** The connection ended before anything could be said. */
function gone({ envelope, onOutcome }: TransactionWork, reused: boolean): TransactionEnd {
  if (reused) return { kind: 'stale' }
  const outcomes = envelope.recipients.map((): RecipientOutcome => ({
    kind: 'deferred',
    reply: undefined,
    status: '4.4.2',
  }))
  for (const [recipient, outcome] of outcomes.entries()) onOutcome?.(recipient, outcome)
  return { kind: 'ended', phase: 'hello', outcomes }
}
