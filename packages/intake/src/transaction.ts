/**
 * One mail transaction on its way into the intake: what an agent keeps between MAIL and the end of data, so that msa
 * and mta hold policy and nothing else.
 */

import { formatMailbox } from '@postroad/address'
import { reply, type Envelope, type MessageId, type Recipient, type Reply } from '@postroad/envelope'
import type { ContentSink } from '@postroad/smtp'
import type { Intake, IntakeRequest } from './intake.ts'
import { addRecipient, type DistinctRecipients } from './distinct-recipients.ts'
import type { Resolution } from './resolve.ts'
import type { TraceStamp } from './trace-stamp.ts'

/** What the transaction begins with. */
export interface TransactionOptions {
  /** Resolves the recipients and takes the message in. */
  readonly intake: Intake
  /** What MAIL said; goes into each entry as it is. */
  readonly envelope: Omit<Envelope, 'recipients'>
  /** For the Received field; its `account` is who the routes are asked for. */
  readonly trace: TraceStamp
  /** Most recipients as the client gave them; beyond that 452 (RFC 5321 §4.5.3.1.8 asks for at least 100). */
  readonly maxRecipients: number
  /** SIZE= of MAIL, in bytes; never trusted. Absent: the client did not say. */
  readonly sizeHint?: number
  /** The agent's own look at the header section; absent: it is taken as it comes. */
  readonly onHeader?: IntakeRequest['onHeader']
}

/** What became of a recipient that may be taken: what `permit` of `Transaction.rcpt` is asked about. */
export type AcceptedResolution = Extract<Resolution, { kind: 'accepted' }>

/** Collects recipients, then becomes a sink for the content. */
export class Transaction {
  /** Named in the reply to the end of data, in the Received field, and in every log line. */
  readonly message: MessageId
  readonly #options: TransactionOptions
  /** Each once: a client that names an alias of many again and again must not fill the memory with its targets. */
  readonly #recipients: DistinctRecipients = new Map()
  #accepted = 0

  constructor(options: TransactionOptions) {
    this.#options = options
    this.message = options.intake.createMessageId()
  }

  /**
   * Takes a recipient, and words the reply to RCPT. `permit` may refuse what is otherwise acceptable: who is not
   * authenticated may not have us relay. Rejects with `DirectoryUnavailableError`; the session makes that 451.
   */
  async rcpt(recipient: Recipient, permit?: (resolution: AcceptedResolution) => Reply | undefined): Promise<Reply> {
    const { intake, envelope, trace, maxRecipients } = this.#options
    // RFC 5321 §4.5.3.1.10
    if (this.#accepted >= maxRecipients) return reply(452, '4.5.3', 'Too many recipients')
    const { reversePath } = envelope
    const resolution = await intake.resolve({ recipient, reversePath, account: trace.account })
    switch (resolution.kind) {
      case 'unknown':
        return reply(550, '5.1.1', `${formatMailbox(recipient.mailbox)}: no such recipient here`)
      case 'refused':
        return resolution.reply
      case 'accepted': {
        const refusal = permit?.(resolution)
        if (refusal !== undefined) return refusal
        this.#accepted += 1
        for (const target of resolution.targets) addRecipient(this.#recipients, target)
        return reply(250, '2.1.5', 'Recipient accepted')
      }
    }
  }

  /**
   * Begins the content, for the recipients that stand. Rejects with `QueueUnavailableError`; the session makes that 451.
   * With a `TypeError` where no recipient was accepted.
   */
  async content(): Promise<ContentSink> {
    const { intake, envelope, trace, sizeHint, onHeader } = this.#options
    const incoming = await intake.begin({
      message: this.message,
      envelope,
      recipients: [...this.#recipients.values()],
      trace,
      ...(sizeHint !== undefined && { sizeHint }),
      ...(onHeader !== undefined && { onHeader }),
    })
    return {
      write: (bytes) => incoming.write(bytes),
      async end() {
        const result = await incoming.submit()
        // RFC 5321 §6.1: from this reply on the message is ours.
        return result.kind === 'refused' ? result.reply : reply(250, '2.0.0', `Accepted as ${result.message}`)
      },
      abort: () => void incoming.abort().catch(() => undefined),
    }
  }
}
