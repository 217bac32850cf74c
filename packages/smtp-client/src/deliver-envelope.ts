/**
 * One envelope to one destination, over as many transactions and connections as the peer's limits ask for.
 *
 * A peer that takes fewer recipients at a time gets several transactions over the same connection (RFC 9422), one that
 * takes fewer transactions several connections; the content is read again for each. A dead connection out of the pool is
 * replaced by a fresh one. Every recipient gets one outcome, whatever happens between the transactions.
 */

import type { DeliveryPhase, DeliveryReport, DeliveryRequest, PeerRecord } from '@postroad/delivery'
import type { ContentSource, Envelope, Recipient, RecipientOutcome } from '@postroad/envelope'
import { BareNewlineScan, splitByLimits } from '@postroad/smtp'
import type { ClientConnection } from './client-connection.ts'
import type { ConnectionPool } from './connection-pool.ts'
import { destinationKey, type HostDestination } from './host-destination.ts'
import { openConnection, type ClientSetting, type PhaseListener } from './open-connection.ts'
import { requiresTls, withoutTls, withRequiredTls } from './require-tls.ts'
import { runTransaction } from './run-transaction.ts'
import { readUntil } from './source-reader.ts'

/** A delivery that is asked for. */
export interface EnvelopeRequest extends DeliveryRequest<HostDestination> {
  /** A bare CR or LF stands in the content; absent: it is looked for where the facts say `binary`. */
  readonly bareNewlines?: boolean
  /** The content can be opened once: who a second transaction would be for is deferred. */
  readonly readOnce?: boolean
  /** Parameters that were agreed on with the host; by the index of the recipient for RCPT. Absent: none. */
  readonly mailParameters?: readonly string[]
  readonly rcptParameters?: ReadonlyMap<number, readonly string[]>
  readonly onPhase?: PhaseListener
}

/** What became of it. */
export interface EnvelopeReport extends DeliveryReport {
  /** What the network or TLS said, or what was missing, where no reply tells. */
  readonly error: Error | undefined
}

/** Delivers. Rejects where the content cannot be read, or for another fault of ours. */
export async function deliverEnvelope(
  setting: ClientSetting,
  pool: ConnectionPool,
  request: EnvelopeRequest,
): Promise<EnvelopeReport> {
  const { content, signal } = request
  const destination = withRequiredTls(request.destination, request.envelope)
  const key = destinationKey(destination)
  const bareNewlines = request.bareNewlines ?? (content.facts.binary && (await hasBareNewline(content, signal)))
  const running = new EnvelopeDelivery(setting, pool, { ...request, destination, bareNewlines }, key)
  const entered = pool.enter(key, signal)
  if (entered !== true && !(await entered)) return running.report()
  try {
    await running.run()
  } finally {
    pool.leave(key)
  }
  return running.report()
}

/** Delivers over one connection, which stays the caller's: none is put in its place. Rejects as `deliverEnvelope` does. */
export async function deliverOver(
  setting: ClientSetting,
  connection: ClientConnection,
  request: EnvelopeRequest,
): Promise<DeliveryReport> {
  const { content, signal } = request
  const bareNewlines = content.facts.binary && (await hasBareNewline(content, signal))
  const running = new EnvelopeDelivery(setting, undefined, { ...request, bareNewlines }, connection.key)
  await running.runOver(connection)
  const { outcomes, phase, peer } = running.report()
  return { outcomes, phase, peer }
}

/** A part of the envelope for one transaction; `undefined` indices: the whole. */
interface Part {
  readonly envelope: Envelope
  readonly indices: readonly number[] | undefined
}

class EnvelopeDelivery {
  readonly #setting: ClientSetting
  /** `undefined`: there is one connection, and it is not ours. */
  readonly #pool: ConnectionPool | undefined
  readonly #request: EnvelopeRequest
  readonly #key: string
  readonly #startedAt: number
  readonly #outcomes: RecipientOutcome[] = []
  #settled = 0
  #peer: PeerRecord | undefined
  #error: Error | undefined
  #phase: DeliveryPhase = 'connect'
  /** The message was offered to the peer. */
  #offered = false

  constructor(setting: ClientSetting, pool: ConnectionPool | undefined, request: EnvelopeRequest, key: string) {
    this.#setting = setting
    this.#pool = pool
    this.#request = request
    this.#key = key
    this.#startedAt = setting.clock.monotonic()
  }

  /** Over what the pool has, then over fresh connections as long as one is needed. */
  async run(): Promise<void> {
    let idle = this.#request.signal.aborted ? undefined : this.#pool?.take(this.#key)
    for (;;) {
      const connection = idle ?? (await this.#open())
      if (connection === undefined || (await this.runOver(connection))) return
      idle = undefined
    }
  }

  /** Who has no outcome was not reached. */
  report(): EnvelopeReport {
    const met = this.#offered || this.#pool === undefined
    const reason = met
      ? 'The connection ended before, or could take no more.'
      : 'The delivery was given up while it waited.'
    this.#settleRest({ kind: 'deferred', reply: undefined, status: met ? '4.4.2' : '4.4.1', reason })
    return { outcomes: this.#outcomes, phase: this.#phase, peer: this.#peer, error: this.#error }
  }

  async #open(): Promise<ClientConnection | undefined> {
    const { envelope, destination, signal, onPhase } = this.#request
    const opened = await openConnection(this.#setting, destination, signal, onPhase)
    if (opened.connection !== undefined) return opened.connection
    this.#error = opened.error
    // What came of an earlier transaction says more: no other host is to be tried.
    if (!this.#offered) {
      this.#phase = opened.phase
      this.#peer = opened.reached && recordPeer(opened.reached, this.#elapsed(), false)
    }
    this.#settleRest(requiresTls(envelope) && !signal.aborted ? withoutTls(opened) : opened.outcome)
    return undefined
  }

  /** Over one connection; false where a fresh one is needed for who is left. */
  async runOver(connection: ClientConnection): Promise<boolean> {
    const { session } = connection
    const reused = connection.transactions > 0
    for (const part of this.#parts(connection)) {
      const { recipients } = part.envelope
      if (this.#offered && this.#request.readOnce === true) break
      if (connection.transactions > 0 && !session.hasRoomFor(recipients)) {
        this.#pool?.retire(connection)
        return false
      }
      if (!(await this.#transact(connection, part, reused))) return false
      if (!connection.usable) break
    }
    this.#pool?.give(connection)
    return true
  }

  /** False where the connection was dead before anything happened. */
  async #transact(connection: ClientConnection, { envelope, indices }: Part, reused: boolean): Promise<boolean> {
    const { destination, content, bareNewlines = false, mailParameters, signal, onPhase } = this.#request
    const { observer, clock } = this.#setting
    const { sessionId } = connection
    const end = await runTransaction(connection, {
      envelope,
      content,
      bareNewlines,
      now: clock.now(),
      mailParameters,
      rcptParameters: selectParameters(this.#request.rcptParameters, indices),
      signal,
      onPhase,
      onOutcome: (recipient, outcome) => this.#settle(indices === undefined ? recipient : indices[recipient], outcome),
    })
    if (end.kind === 'stale') {
      observer?.observe({ type: 'transaction-retried', sessionId, host: destination.host })
      return false
    }
    const durationMs = this.#elapsed()
    const { outcomes, phase } = end
    if (phase !== 'hello' || !this.#offered) this.#phase = phase
    this.#offered = this.#offered || phase !== 'hello'
    this.#peer = recordPeer(connection, durationMs, reused)
    this.#error = connection.error
    const host = destination.host
    observer?.observe({ type: 'transaction-ended', sessionId, host, envelope, outcomes, phase, reused, durationMs })
    return true
  }

  /** The transactions for those without an outcome. */
  #parts({ session }: ClientConnection): readonly Part[] {
    const { envelope } = this.#request
    const { rcptMax, rcptDomainMax } = session.extensions?.limits ?? {}
    const unlimited = rcptDomainMax === undefined && envelope.recipients.length <= (rcptMax ?? Number.POSITIVE_INFINITY)
    if (unlimited && this.#settled === 0) return [{ envelope, indices: undefined }]
    const left: number[] = []
    const recipients: Recipient[] = []
    for (const [index, recipient] of envelope.recipients.entries()) {
      if (this.#outcomes[index] !== undefined) continue
      left.push(index)
      recipients.push(recipient)
    }
    return splitByLimits({ recipients }, session.extensions?.limits ?? {}).map((group) => ({
      envelope: { ...envelope, recipients: group.flatMap((at) => recipients[at] ?? []) },
      indices: group.flatMap((at) => left[at] ?? []),
    }))
  }

  #settle(recipient: number | undefined, outcome: RecipientOutcome): void {
    if (recipient === undefined || this.#outcomes[recipient] !== undefined) return
    this.#outcomes[recipient] = outcome
    this.#settled += 1
    this.#request.onOutcome?.(recipient, outcome)
  }

  #settleRest(outcome: RecipientOutcome): void {
    const { length } = this.#request.envelope.recipients
    for (let recipient = 0; this.#settled < length && recipient < length; recipient += 1) {
      this.#settle(recipient, outcome)
    }
  }

  #elapsed(): number {
    return this.#setting.clock.monotonic() - this.#startedAt
  }
}

/** The parameters of the recipients of a part, by their indices there. */
function selectParameters(
  parameters: ReadonlyMap<number, readonly string[]> | undefined,
  indices: readonly number[] | undefined,
): ReadonlyMap<number, readonly string[]> | undefined {
  if (parameters === undefined || indices === undefined) return parameters
  return new Map(indices.map((whole, index) => [index, parameters.get(whole) ?? []]))
}

/** Who answered. */
export function recordPeer(connection: ClientConnection, durationMs: number, reused: boolean): PeerRecord {
  const { destination, address, tls, session } = connection
  const dsn = session.extensions?.dsn === true
  return { host: destination.host, address, port: destination.port, tls, durationMs, reused, ...(dsn && { dsn }) }
}

/**
 * Facts say `binary` for a NUL and a long line too; only a bare CR or LF forbids DATA. Such content is rare. Where the
 * signal fires first it does not matter any more: false.
 */
async function hasBareNewline(content: ContentSource, signal: AbortSignal): Promise<boolean> {
  const scan = new BareNewlineScan()
  let found = false
  const whole = await readUntil(content, signal, (chunk) => {
    found = scan.push(chunk)
    return found ? 'enough' : 'more'
  })
  return found || (whole && scan.end())
}
