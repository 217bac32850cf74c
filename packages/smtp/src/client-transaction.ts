/**
 * One mail transaction as a client sees it (RFC 5321 §3.3, RFC 2033 §4.2): which commands go out, which reply belongs
 * to which, and what they mean for each recipient.
 *
 * With PIPELINING all commands leave in one flight and the replies are told apart by counting (RFC 2920 §3.1); without
 * it each waits for the reply to the one before. Every recipient is settled exactly once.
 */

import { needsSmtputf8 } from '@postroad/address'
import type { ContentFacts, Envelope, RecipientOutcome, Reply } from '@postroad/envelope'
import { formatMail, formatRcpt, senderNeedsSmtputf8, sentBytes, usesSmtputf8 } from './client-commands.ts'
import type { PeerExtensions } from './client-extensions.ts'
import { deferral, failure, outcomeOfReply, refusalOfReply, type ClientPhase } from './client-outcome.ts'

/** What is to be sent in one transaction. */
export interface TransactionRequest {
  /** One recipient at least. */
  readonly envelope: Envelope
  readonly facts: ContentFacts
  /**
   * Whether a bare CR or LF stands in the content; default `facts.binary`. Such content is never sent with DATA: every
   * recipient fails with 5.6.0. A caller whose content is binary for another reason (a NUL, a long line) has looked
   * (`BareNewlineScan`) and says `false`.
   */
  readonly bareNewlines?: boolean
}

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

interface Command {
  readonly verb: 'rset' | 'mail' | 'rcpt' | 'data'
  readonly line: string
  readonly recipient: number
}

/** The state of one transaction. Used by `ClientSession` alone. */
export class ClientTransaction {
  /** A reply of this transaction came, other than 421. */
  answered = false
  /** MAIL was accepted and no end of data followed: RSET must come before the next (RFC 5321 §4.1.1.5). */
  open = false

  readonly #lmtp: boolean
  readonly #pipelining: boolean
  readonly #settle: (recipient: number, outcome: RecipientOutcome) => void
  readonly #recipients: number
  readonly #settled: boolean[] = []
  readonly #commands: Command[] = []
  #sent = 0
  #replied = 0
  #mailReply: Reply | undefined
  /** Recipients that RCPT accepted and whose end of data is not answered, in order. */
  #accepted: number[] = []
  #phase: ClientPhase = 'hello'
  #ended = false

  constructor(
    request: TransactionRequest,
    peer: PeerExtensions,
    options: {
      readonly lmtp: boolean
      readonly reset: boolean
      readonly settle: (recipient: number, outcome: RecipientOutcome) => void
    },
  ) {
    this.#lmtp = options.lmtp
    this.#pipelining = peer.pipelining
    this.#settle = options.settle
    this.#recipients = request.envelope.recipients.length
    this.#plan(request, peer, options.reset)
  }

  /** Where the transaction stands: the phase of the oldest command without a reply. */
  get phase(): ClientPhase {
    return this.#phase
  }

  /** Nothing is left to do. */
  get ended(): boolean {
    return this.#ended
  }

  /** How many replies to the end of data are awaited. */
  get awaited(): number {
    return this.#accepted.length
  }

  /** The command lines to send now; empty where a reply must come first. */
  takeLines(): string[] {
    const lines: string[] = []
    while (this.#sent < this.#commands.length && (this.#pipelining || this.#sent === this.#replied)) {
      const command = this.#commands[this.#sent]
      if (command === undefined) break
      this.#sent += 1
      lines.push(command.line)
    }
    if (this.#phase === 'hello' && lines.length > 0) this.#phase = 'mail'
    return lines
  }

  /** The terminator, or the dot that stands for no content, was handed out. */
  terminated(): void {
    this.#phase = 'end-of-data'
    this.open = false
  }

  /** Takes the next reply. */
  take(reply: Reply): TransactionStep {
    if (reply.code !== 421) this.answered = true
    if (this.#phase === 'content') return this.#takeEarly(reply)
    if (this.#phase === 'end-of-data') return this.#takeFinal(reply)
    const command = this.#commands[this.#replied]
    if (command === undefined || this.#replied >= this.#sent) return this.fail('4.5.0')
    this.#replied += 1
    if (reply.code === 421) return this.#shutDown(reply)
    const step = this.#takeCommand(command, reply)
    if (step !== undefined) return step
    return this.#advance()
  }

  /**
   * The connection is of no more use: settles who is not settled. Deferred; unknown for those whose content was
   * terminated without an answer.
   */
  fail(status: '4.4.2' | '4.5.0'): 'broken' {
    const terminated = this.#phase === 'end-of-data'
    for (const recipient of this.#accepted) {
      this.#settleOnce(recipient, terminated ? { kind: 'unknown', status } : deferral(status))
    }
    this.#settleRest(deferral(status))
    this.#ended = true
    return 'broken'
  }

  #plan({ envelope, facts, bareNewlines }: TransactionRequest, peer: PeerExtensions, reset: boolean): void {
    const refused = refusalOfMessage(envelope, facts, peer, bareNewlines ?? facts.binary)
    const mail = refused === undefined ? formatMail(envelope, facts, peer) : undefined
    if (mail === undefined) {
      // A reverse-path that breaks the line: RFC 3463 §3.2, bad sender's mailbox address syntax.
      this.#settleRest(refused ?? failure('5.1.7'))
      this.#ended = true
      return
    }
    if (reset) this.#commands.push({ verb: 'rset', line: 'RSET\r\n', recipient: -1 })
    this.#commands.push({ verb: 'mail', line: mail, recipient: -1 })
    const smtputf8 = usesSmtputf8(envelope, peer)
    let planned = 0
    for (const [index, recipient] of envelope.recipients.entries()) {
      if (needsSmtputf8(recipient.mailbox) && !peer.smtputf8) {
        this.#settleOnce(index, failure('5.6.7'))
        continue
      }
      const line = formatRcpt(recipient, peer, smtputf8)
      if (line === undefined) {
        this.#settleOnce(index, failure('5.1.3'))
        continue
      }
      this.#commands.push({ verb: 'rcpt', line, recipient: index })
      planned += 1
    }
    this.#commands.push({ verb: 'data', line: 'DATA\r\n', recipient: -1 })
    if (planned === 0) this.#ended = true
  }

  #takeCommand(command: Command, reply: Reply): TransactionStep | undefined {
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
        if (!this.open) return undefined
        if (reply.code < 300) this.#accepted.push(command.recipient)
        else this.#settleOnce(command.recipient, refusalOfReply(reply, 'rcpt'))
        return undefined
      default:
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
    if (this.#lmtp) return this.fail('4.5.0')
    return 'void'
  }

  /** After a command was answered: what is next. */
  #advance(): TransactionStep {
    const next = this.#commands[this.#replied]
    if (this.#replied === this.#sent) {
      if (this.#mailReply !== undefined && !this.open) return this.#end('mail')
      if (next?.verb === 'data' && this.#accepted.length === 0) return this.#end('rcpt')
    }
    this.#phase = next === undefined || next.verb === 'rset' ? 'mail' : next.verb
    return 'wait'
  }

  /** A reply while the content is under way: the peer gave up on it. */
  #takeEarly(reply: Reply): TransactionStep {
    if (reply.code === 421) return this.#shutDown(reply)
    if (reply.code < 400 || this.#lmtp) return this.fail('4.5.0')
    this.#settleRest(refusalOfReply(reply, 'content'))
    this.#ended = true
    return 'broken'
  }

  #takeFinal(reply: Reply): TransactionStep {
    const [recipient] = this.#accepted
    if (recipient === undefined) return reply.code === 421 ? this.#shutDown(reply) : this.#end(this.#refusedAt())
    if (reply.code >= 300 && reply.code < 400) return this.fail('4.5.0')
    const outcome = outcomeOfReply(reply, 'end-of-data')
    if (this.#lmtp) {
      this.#accepted.shift()
      this.#settleOnce(recipient, outcome)
      // Answers one recipient and closes: of the others nothing is known.
      if (reply.code === 421) return this.fail('4.4.2')
      return this.#accepted.length === 0 ? this.#end('done') : 'wait'
    }
    if (reply.code === 421) return this.#shutDown(reply)
    this.#settleRest(outcome)
    return this.#end('done')
  }

  /** 421: the peer closes the channel (RFC 5321 §3.8); whoever is not settled is deferred with it. */
  #shutDown(reply: Reply): 'broken' {
    this.#settleRest(refusalOfReply(reply, this.#phase))
    this.#ended = true
    return 'broken'
  }

  #end(phase: ClientPhase): 'ended' {
    this.#phase = phase
    this.#ended = true
    return 'ended'
  }

  /** Where it came to an end that no recipient was accepted. */
  #refusedAt(): ClientPhase {
    return this.#mailReply !== undefined && this.#mailReply.code < 300 ? 'rcpt' : 'mail'
  }

  #settleRest(outcome: RecipientOutcome): void {
    this.#accepted = []
    for (let recipient = 0; recipient < this.#recipients; recipient += 1) this.#settleOnce(recipient, outcome)
  }

  #settleOnce(recipient: number, outcome: RecipientOutcome): void {
    if (this.#settled[recipient] === true) return
    this.#settled[recipient] = true
    this.#settle(recipient, outcome)
  }
}

/** What forbids the message for this peer before anything is sent; `undefined`: nothing. */
function refusalOfMessage(
  envelope: Envelope,
  facts: ContentFacts,
  peer: PeerExtensions,
  bareNewlines: boolean,
): RecipientOutcome | undefined {
  if (bareNewlines) return failure('5.6.0')
  // RFC 1870 §7: no use to try what is over the fixed limit.
  if (peer.size !== undefined && peer.size > 0 && sentBytes(facts) > peer.size) return failure('5.3.4')
  // RFC 6531 §3.5: not to a server without SMTPUTF8.
  if (senderNeedsSmtputf8(envelope) && !peer.smtputf8) return failure('5.6.7')
  // RFC 6152 §3: 8-bit content only to a server that offers it.
  if (facts.eightBit && !peer.eightBitMime) return failure('5.6.3')
  return undefined
}
