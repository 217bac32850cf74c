/**
 * A delivery whose outcomes a test scripts.
 *
 * It keeps the contract of the port: one outcome for each recipient, aborts included. Nothing is sent anywhere; what
 * came is kept in memory, without a bound, for the test to read.
 */

import type { Envelope, Recipient, RecipientOutcome } from '@postroad/envelope'
import { reply } from '@postroad/envelope'
import type { Delivery, DeliveryPhase, DeliveryReport, DeliveryRequest, PeerRecord } from './delivery.ts'

/** One recipient of one call, whose outcome is asked for. */
export interface ScriptedQuestion<Destination> {
  /** As it stands in the envelope. */
  readonly recipient: Recipient
  /** Of the recipient in the envelope, from 0. */
  readonly index: number
  /** That of the request, with every recipient. */
  readonly envelope: Envelope
  /** That of the request. */
  readonly destination: Destination
  /** How many calls began before this one. */
  readonly call: number
}

/** An outcome, or `silent`: nothing is known until `signal` fires. What rejects or throws is a fault of the delivery. */
export type ScriptedAnswer = RecipientOutcome | 'silent'

/** How the delivery behaves. */
export interface ScriptedDeliveryOptions<Destination> {
  /** Asked for each recipient in order, after the content was read; default: everything is delivered with 250 2.0.0. */
  readonly answer?: (question: ScriptedQuestion<Destination>) => ScriptedAnswer | Promise<ScriptedAnswer>
  /** The phase of the report; default `done`, and `end-of-data` where `signal` fired. */
  readonly phase?: DeliveryPhase
  /** The peer of the report; default `undefined`. */
  readonly peer?: PeerRecord
}

/** One call that came. */
export interface ScriptedCall<Destination> {
  /** That of the request, not a copy. */
  readonly envelope: Envelope
  /** That of the request, not a copy. */
  readonly destination: Destination
  /** What was read of it: all, unless `signal` fired meanwhile. Empty before. */
  readonly content: Uint8Array
  /** `undefined` while the call runs, and where it rejected. */
  readonly report: DeliveryReport | undefined
}

/** A delivery that can be read afterwards. */
export interface ScriptedDelivery<Destination> extends Delivery<Destination> {
  /** In the order in which they began. */
  readonly calls: readonly ScriptedCall<Destination>[]
}

/** Creates a scripted delivery. */
export function createScriptedDelivery<Destination>(
  options: ScriptedDeliveryOptions<Destination> = {},
): ScriptedDelivery<Destination> {
  const calls: ScriptedCall<Destination>[] = []
  const answer = options.answer ?? ((): ScriptedAnswer => DELIVERED)

  return {
    calls,
    async deliver(request) {
      const { envelope, destination, signal, onOutcome } = request
      const call = calls.length
      calls.push({ envelope, destination, content: new Uint8Array(0), report: undefined })
      const fired = whenAborted(signal)
      try {
        const content = signal.aborted ? new Uint8Array(0) : await readAll(request)
        calls[call] = { envelope, destination, content, report: undefined }

        const outcomes: RecipientOutcome[] = []
        for (const [index, recipient] of envelope.recipients.entries()) {
          const outcome = signal.aborted
            ? GIVEN_UP
            : await Promise.race([
                askOne(answer, { recipient, index, envelope, destination, call }, fired.promise),
                fired.promise,
              ])
          outcomes.push(outcome)
          onOutcome?.(index, outcome)
        }

        const report: DeliveryReport = {
          outcomes,
          phase: options.phase ?? (signal.aborted ? 'end-of-data' : 'done'),
          peer: options.peer,
        }
        calls[call] = { envelope, destination, content, report }
        return report
      } finally {
        fired.forget()
      }
    },
  }
}

const DELIVERED: RecipientOutcome = { kind: 'delivered', reply: reply(250, '2.0.0', 'Delivered') }
const GIVEN_UP: RecipientOutcome = { kind: 'deferred', reply: undefined, status: '4.4.2' }

async function askOne<Destination>(
  answer: (question: ScriptedQuestion<Destination>) => ScriptedAnswer | Promise<ScriptedAnswer>,
  question: ScriptedQuestion<Destination>,
  aborted: Promise<RecipientOutcome>,
): Promise<RecipientOutcome> {
  const given = await answer(question)
  return given === 'silent' ? aborted : given
}

async function readAll<Destination>({ content, signal }: DeliveryRequest<Destination>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of content.open()) {
    // A chunk is valid only until the next is asked for.
    chunks.push(chunk.slice())
    length += chunk.length
    if (signal.aborted) break
  }
  const joined = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    joined.set(chunk, offset)
    offset += chunk.length
  }
  return joined
}

const nothing = (): void => undefined

function whenAborted(signal: AbortSignal): {
  readonly promise: Promise<RecipientOutcome>
  readonly forget: () => void
} {
  let forget = nothing
  const promise = new Promise<RecipientOutcome>((resolve) => {
    const fire = (): void => resolve(GIVEN_UP)
    if (signal.aborted) return fire()
    signal.addEventListener('abort', fire, { once: true })
    forget = (): void => signal.removeEventListener('abort', fire)
  })
  return { promise, forget }
}
