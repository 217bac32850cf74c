/**
 * One mail transaction as a client sees it (RFC 5321 §3.3, RFC 2033 §4.2, §4.3, RFC 3030 §2): which commands go out,
 * which reply belongs to which, and what they mean for each recipient.
 *
 * With PIPELINING all commands leave in one flight and the replies are told apart by counting (RFC 2920 §3.1); without
 * it each waits for the reply to the one before. Every recipient is settled exactly once: `delivered` only by a 2yz
 * reply to the end of the content, `unknown` exactly where that end was handed out and has no reply that can be
 * understood.
 */

import type { ContentFacts, RecipientOutcome, Reply } from '@postroad/envelope'
import type { ChunkWriter } from './client-chunk-writer.ts'
import { deferral, outcomeOfReply, refusalOfReply, type ClientPhase } from './client-outcome.ts'
import type { PlannedCommand, TransactionPlan } from './client-plan.ts'

/** What the session must do after a step. */
export type TransactionStep =
  /** Wait for the next reply. */
  | 'wait'
  /** Ask for the content. */
  | 'content'
  /** Send a final dot without content: DATA was accepted although no recipient was (RFC 2920 §3.1). */
  | 'void'
  /** Over; the connection may carry the next. */
  | 'ended'
  /** Over; the peer does not keep to the protocol, or lost its place. */
  | 'broken'

/** What a transaction is made of. */
export interface TransactionParts {
  readonly lmtp: boolean
  readonly pipelining: boolean
  /** How many recipients the envelope has. */
  readonly recipients: number
  readonly plan: TransactionPlan
  readonly facts: ContentFacts
  /** Where the content goes by BDAT; `undefined`: with DATA. */
  readonly chunks: ChunkWriter | undefined
  readonly settle: (recipient: number, outcome: RecipientOutcome) => void
}

/** What stands for a transaction before there was one. */
export const NO_TRANSACTION: Omit<TransactionParts, 'settle'> = {
  lmtp: false,
  pipelining: false,
  recipients: 0,
  plan: { carriage: 'data', commands: [], settled: [] },
  facts: {
    sizeBytes: 0,
    headerBytes: 0,
    eightBit: false,
    binary: false,
    utf8Header: false,
    longestLineBytes: 0,
    dotLines: 0,
    endsWithCrlf: true,
  },
  chunks: undefined,
}

/** The state of one transaction. Used by `ClientSession` alone. */
export class ClientTransaction {
  /** A reply of this transaction came, other than 421. */
  answered = false
  /** The end of the content was handed out. */
  terminated = false
  /** The 421 with which the peer closes the channel (RFC 5321 §3.8); in LMTP others may have their replies behind it. */
  farewell: Reply | undefined
  /** The peer's transaction may still stand: RSET must come before the next (RFC 5321 §4.1.1.5, RFC 3030 §2). */
  open = false

  readonly #parts: TransactionParts
  readonly #settled: boolean[] = []
  #sent = 0
  #replied = 0
  #mailReply: Reply | undefined
  /** Recipients that RCPT accepted, in order, and how many of them the end of the content was answered for. */
  #accepted: number[] = []
  #finals = 0
  #phase: ClientPhase = 'hello'
  #chunkRefused = false
  #ended = false

  constructor(parts: TransactionParts) {
    this.#parts = parts
    const { commands, settled } = parts.plan
    for (const { recipient, outcome } of settled) this.#settleOnce(recipient, outcome)
    this.#ended = commands.length === 0
  }

  /** What is known of the content. */
  get facts(): ContentFacts {
    return this.#parts.facts
  }

  /** Where the transaction stands: the phase of the oldest command without a reply, or of the content. */
  get phase(): ClientPhase {
    return this.#phase
  }

  /** The phase whose deadline holds: behind a flight the oldest command without a reply decides. */
  get awaitedPhase(): ClientPhase {
    const next = this.#parts.plan.commands[this.#replied]
    return this.terminated && next !== undefined ? phaseOf(next) : this.#phase
  }

  /** Nothing is left to do. */
  get ended(): boolean {
    return this.#ended
  }

  /** The command lines to send now; empty where a reply must come first. */
  takeLines(): string[] {
    const { pipelining, plan } = this.#parts
    const { carriage, commands } = plan
    const lines: string[] = []
    let next = commands[this.#sent]
    while (next !== undefined && (pipelining || this.#sent === this.#replied)) {
      lines.push(next.line)
      this.#sent += 1
      next = commands[this.#sent]
    }
    if (this.#phase === 'hello') this.#phase = carriage === 'flight' ? 'content' : 'mail'
    return lines
  }

  /** The end of the content, or the dot that stands for no content, was handed out. */
  terminate(): void {
    this.terminated = true
    this.#phase = 'end-of-data'
    if (this.#parts.chunks === undefined) this.open = false
  }

  /** Takes the next reply. */
  take(reply: Reply): TransactionStep {
    if (reply.code !== 421) this.answered = true
    const command = this.#parts.plan.commands[this.#replied]
    if (command !== undefined) {
      if (reply.code === 421) return this.#shutDown(reply, phaseOf(command))
      this.#replied += 1
      return this.#takeCommand(command, reply) ?? this.#advance()
    }
    const { chunks } = this.#parts
    if (chunks === undefined) return this.terminated ? this.#takeFinal(reply) : this.#takeEarly(reply)
    if (!chunks.awaited) return this.#takeEarly(reply)
    if (reply.code === 500 || reply.code === 502) return this.#takeUnknown(reply)
    return chunks.lastAwaited ? this.#takeFinal(reply) : this.#takeChunk(reply, chunks)
  }

  /**
   * The connection is of no more use: settles who is not settled. Unknown where the content was terminated without an
   * answer, else deferred.
   */
  fail(status: '4.4.2' | '4.5.0'): 'broken' {
    this.#settleRest(this.terminated ? { kind: 'unknown', status } : deferral(status))
    this.#ended = true
    return 'broken'
  }

  #takeCommand(command: PlannedCommand, reply: Reply): TransactionStep | undefined {
    const intermediate = reply.code >= 300 && reply.code < 400
    switch (command.verb) {
      case 'rset':
        return reply.code < 300 ? undefined : this.fail('4.5.0')
      case 'mail':
        if (intermediate) return this.fail('4.5.0')
        this.#mailReply = reply
        this.open = reply.code < 300
        if (!this.open) this.#settleRest(refusalOfReply(reply, 'mail'))
        return undefined
      case 'rcpt':
        if (intermediate) return this.fail('4.5.0')
        if (!isAccepted(this.#mailReply)) return undefined
        if (reply.code < 300) this.#accepted.push(command.recipient)
        else this.#settleOnce(command.recipient, refusalOfReply(reply, 'rcpt'))
        return undefined
      case 'data':
        return this.#takeData(reply)
    }
  }

  #takeData(reply: Reply): TransactionStep {
    if (reply.code < 300) return this.fail('4.5.0')
    if (reply.code >= 400) {
      if (this.#accepted.length === 0) return this.#end(this.#refusedAt())
      this.#settleRest(refusalOfReply(reply, 'data'))
      return this.#end('data')
    }
    this.#phase = 'content'
    if (this.#accepted.length > 0) return 'content'
    // LMTP: DATA must fail without a recipient, and the dot would have no reply to count (RFC 2033 §4.2).
    if (this.#parts.lmtp) return this.fail('4.5.0')
    return 'void'
  }

  /** After a command was answered: what is next. */
  #advance(): TransactionStep {
    const { plan, chunks } = this.#parts
    const next = plan.commands[this.#replied]
    const refused = next === undefined || next.verb === 'data' ? this.#accepted.length === 0 : !this.#mailStands()
    if (chunks !== undefined && plan.carriage === 'flight') {
      if (!refused) return 'wait'
      // The octets of a chunk that was announced must follow, and it has a reply.
      chunks.stop()
      return next === undefined && !chunks.begun ? this.#end(this.#refusedAt()) : 'wait'
    }
    if (refused && this.#replied === this.#sent) return this.#end(this.#refusedAt())
    if (next !== undefined) {
      this.#phase = phaseOf(next)
      return 'wait'
    }
    this.#phase = 'content'
    return 'content'
  }

  /** A reply while the content is under way: the peer gave up on it. */
  #takeEarly(reply: Reply): TransactionStep {
    if (reply.code === 421) return this.#shutDown(reply, this.#phase)
    if (reply.code < 400 || this.#parts.lmtp) return this.fail('4.5.0')
    this.#settleRest(refusalOfReply(reply, 'content'))
    this.#ended = true
    return 'broken'
  }

  /**
   * BDAT is not known, though CHUNKING was offered, perhaps by something between us and the peer: its octets may be read as
   * commands then, and what answers those must not be taken for the replies to the next message.
   */
  #takeUnknown(reply: Reply): TransactionStep {
    this.#settleRest(refusalOfReply(reply, 'content'))
    this.#ended = true
    return 'broken'
  }

  /** The reply to a BDAT that is not the last. */
  #takeChunk(reply: Reply, chunks: ChunkWriter): TransactionStep {
    if (reply.code === 421) return this.#shutDown(reply, 'content')
    if (reply.code >= 300 && reply.code < 400) return this.fail('4.5.0')
    if (reply.code >= 400) {
      this.#settleRest(refusalOfReply(reply, 'content'))
      this.#chunkRefused = true
      chunks.stop()
    }
    chunks.answer()
    return this.#chunkRefused && chunks.settled ? this.#end('content') : 'wait'
  }

  /** The reply to the end of the content; in LMTP one for each accepted recipient. */
  #takeFinal(reply: Reply): TransactionStep {
    const recipient = this.#accepted[this.#finals]
    if (reply.code === 421 && !(this.#parts.lmtp && recipient !== undefined)) return this.#shutDown(reply, this.#phase)
    if (recipient === undefined) {
      // RFC 3030 §2: what a refused BDAT leaves is not known, though MAIL was refused before.
      this.open = this.#parts.chunks !== undefined
      return this.#end(this.#chunkRefused ? 'content' : this.#refusedAt())
    }
    if (reply.code >= 300 && reply.code < 400) return this.fail('4.5.0')
    if (reply.code < 300) this.open = false
    const outcome = outcomeOfReply(reply, 'end-of-data')
    if (!this.#parts.lmtp) {
      this.#settleRest(outcome)
      return this.#end('done')
    }
    this.#finals += 1
    this.#settleOnce(recipient, outcome)
    // The message may be in the mailboxes of the others: their replies are read, as far as they come.
    if (reply.code === 421) this.farewell = reply
    if (this.#finals < this.#accepted.length) return 'wait'
    const ended = this.#end('done')
    return this.farewell === undefined ? ended : 'broken'
  }

  /** 421: the peer closes the channel (RFC 5321 §3.8); whoever is not settled is deferred with it. */
  #shutDown(reply: Reply, phase: ClientPhase): 'broken' {
    this.farewell = reply
    this.#settleRest(refusalOfReply(reply, phase))
    this.#phase = phase
    this.#ended = true
    return 'broken'
  }

  #end(phase: ClientPhase): 'ended' {
    this.#phase = phase
    this.#ended = true
    return 'ended'
  }

  /** MAIL was not refused, as far as is known. */
  #mailStands(): boolean {
    return this.#mailReply === undefined || isAccepted(this.#mailReply)
  }

  /** Where it came to an end that no recipient was accepted. */
  #refusedAt(): ClientPhase {
    return isAccepted(this.#mailReply) ? 'rcpt' : 'mail'
  }

  #settleRest(outcome: RecipientOutcome): void {
    this.#accepted = []
    for (let recipient = 0; recipient < this.#parts.recipients; recipient += 1) this.#settleOnce(recipient, outcome)
  }

  #settleOnce(recipient: number, outcome: RecipientOutcome): void {
    if (this.#settled[recipient] === true) return
    this.#settled[recipient] = true
    this.#parts.settle(recipient, outcome)
  }
}

function isAccepted(reply: Reply | undefined): boolean {
  return reply !== undefined && reply.code < 300
}

function phaseOf({ verb }: PlannedCommand): ClientPhase {
  return verb === 'rset' ? 'mail' : verb
}
