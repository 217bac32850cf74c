/**
 * The transactions of one session, one after the other: plan, commands, content, replies, and what one leaves for the
 * next (RSET, the limits that were used).
 */

import type { ContentFacts, Recipient, RecipientOutcome, Reply } from '@postroad/envelope'
import { ChunkWriter } from './client-chunk-writer.ts'
import { DataWriter } from './client-data-writer.ts'
import type { ClientDialogue } from './client-dialogue.ts'
import type { ClientEventQueue } from './client-event-queue.ts'
import type { PeerExtensions } from './client-extensions.ts'
import { LimitsUse } from './client-limits.ts'
import type { ClientPhase } from './client-outcome.ts'
import { planTransaction, type TransactionPlan } from './client-plan.ts'
import { CHUNK_BYTES, type TransactionRequest } from './client-request.ts'
import { ClientTransaction, NO_TRANSACTION } from './client-transaction.ts'

/** How many BDAT may be without a reply (RFC 2920 §3.1 asks not to fill both ways at once). */
const CHUNK_WINDOW = 16

/** The transactions of one session; used by `ClientSession` alone. */
export class ClientTransfer {
  readonly #lmtp: boolean
  readonly #dialogue: ClientDialogue
  readonly #events: ClientEventQueue
  readonly #use = new LimitsUse()
  readonly #settle = (recipient: number, outcome: RecipientOutcome): void => {
    this.#events.push({ type: 'outcome', recipient, outcome })
  }
  /** The running or last one. */
  #transaction = new ClientTransaction({ ...NO_TRANSACTION, settle: this.#settle })
  #chunks: ChunkWriter | undefined
  /** Takes the content from the `content` event on. */
  #writer: DataWriter | ChunkWriter | undefined
  #needsReset = false

  constructor(lmtp: boolean, dialogue: ClientDialogue, events: ClientEventQueue) {
    this.#lmtp = lmtp
    this.#dialogue = dialogue
    this.#events = events
  }

  /** A reply other than 421 came to the running or last transaction. */
  get answered(): boolean {
    return this.#transaction.answered
  }

  /** The end of its content was handed out. */
  get terminated(): boolean {
    return this.#transaction.terminated
  }

  /** The 421 that ended it. */
  get farewell(): Reply | undefined {
    return this.#transaction.farewell
  }

  /** Where it stands. */
  get phase(): ClientPhase {
    return this.#transaction.phase
  }

  /** Whose deadline holds. */
  get awaitedPhase(): ClientPhase {
    return this.#transaction.awaitedPhase
  }

  /** Content may be given. */
  get wantsContent(): boolean {
    return this.#writer?.wanted ?? false
  }

  /** Content that was given waits for a reply. */
  get blocked(): boolean {
    return this.#chunks?.blocked ?? false
  }

  /** MAIL commands that the peer still takes. */
  transactionsLeft({ limits }: PeerExtensions): number {
    return this.#use.transactionsLeft(limits)
  }

  /** Whether these recipients keep to what the peer takes. */
  hasRoomFor(recipients: readonly Recipient[], { limits }: PeerExtensions): boolean {
    return this.#use.hasRoomFor(recipients, limits)
  }

  /** Begins a transaction; false where it is over at once. */
  begin(request: TransactionRequest, peer: PeerExtensions, authenticated: boolean): boolean {
    const reset = this.#needsReset
    const plan = planTransaction(request, { peer, lmtp: this.#lmtp, authenticated, reset, use: this.#use })
    this.#chunks = plan.carriage === 'data' ? undefined : this.#createChunks(request, peer, plan)
    this.#transaction = new ClientTransaction({
      plan,
      facts: request.facts,
      lmtp: this.#lmtp,
      pipelining: peer.pipelining,
      recipients: request.envelope.recipients.length,
      chunks: this.#chunks,
      settle: this.#settle,
    })
    if (this.#transaction.ended) {
      this.#end(this.#transaction)
      return false
    }
    this.#dialogue.sendLines(this.#transaction.takeLines())
    if (plan.carriage === 'flight') this.#askForContent(request.facts)
    return true
  }

  /** Takes a reply: whether the transaction goes on, is over, or broke. */
  take(reply: Reply): 'wait' | 'ended' | 'broken' {
    const transaction = this.#transaction
    const step = transaction.take(reply)
    switch (step) {
      case 'wait':
        this.#dialogue.sendLines(transaction.takeLines())
        return step
      case 'content':
        this.#askForContent(transaction.facts)
        return 'wait'
      case 'void':
        this.#writer = new DataWriter(transaction.facts, this.#dialogue.output)
        this.#writer.void()
        this.#dialogue.show('.')
        return 'wait'
      case 'ended':
        this.#end(transaction)
        return step
      case 'broken':
        return step
    }
  }

  content(bytes: Uint8Array): void {
    if (this.#writer?.wanted === true) this.#writer.push(bytes)
  }

  endContent(): void {
    if (this.#writer?.wanted !== true) return
    this.#writer.end()
    if (this.#chunks === undefined) this.#dialogue.show('.')
  }

  /** What was in the output was handed out. */
  handedOut(): void {
    this.#writer?.handedOut()
    if (this.#writer?.terminated === true && !this.#transaction.terminated) this.#transaction.terminate()
  }

  /** The session closes while a transaction runs. */
  fail(status: '4.4.2' | '4.5.0'): void {
    const phase = this.phase
    if (!this.#transaction.ended) this.#transaction.fail(status)
    this.#forgetContent()
    this.#events.push({ type: 'transaction-ended', phase })
  }

  #createChunks(request: TransactionRequest, { pipelining }: PeerExtensions, plan: TransactionPlan): ChunkWriter {
    const { facts, chunkBytes = CHUNK_BYTES } = request
    return new ChunkWriter(
      {
        totalBytes: facts.sizeBytes,
        chunkBytes: plan.carriage === 'flight' ? facts.sizeBytes : Math.max(1, Math.trunc(chunkBytes)),
        // LMTP: behind a chunk that was refused nobody could tell how many replies BDAT LAST has (RFC 2033 §4.3).
        window: pipelining && !this.#lmtp ? CHUNK_WINDOW : 1,
        onCommand: (line) => this.#dialogue.show(line),
      },
      this.#dialogue.output,
    )
  }

  #askForContent(facts: ContentFacts): void {
    this.#writer = this.#chunks ?? new DataWriter(facts, this.#dialogue.output)
    this.#events.push({ type: 'content' })
  }

  #end(transaction: ClientTransaction): void {
    this.#needsReset = transaction.open || (this.#needsReset && transaction.phase === 'hello')
    this.#forgetContent()
    this.#events.push({ type: 'transaction-ended', phase: transaction.phase })
  }

  #forgetContent(): void {
    this.#writer = undefined
    this.#chunks = undefined
  }
}
