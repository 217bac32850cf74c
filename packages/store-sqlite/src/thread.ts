/** The frame of a thread that owns a connection: takes batches, answers each in one message. */

import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { faultOf, NoContent } from './faults.ts'
import type { BatchReport, Outcome, StepTable, ThreadData, ThreadMessage } from './protocol.ts'

/** A connection with the steps it takes. */
export interface Connection<All> {
  readonly steps: StepTable<All>
  /** Runs a batch; `runOne` takes one step and may throw. */
  readonly run: (batch: IncomingBatch, runOne: RunOne) => readonly Outcome[]
  /** What was noticed in the batch just run. */
  readonly report: () => BatchReport
  /** Buffers of the answers just given that need not be copied: they go over, and are gone here. */
  readonly handOver?: () => readonly ArrayBuffer[]
  readonly close: () => void
}

/** A batch as it came over. */
export interface IncomingBatch {
  readonly now: number
  /** Whether the commit must survive a power cut. */
  readonly durable: boolean
  readonly isShared: boolean
  readonly asked: readonly { readonly kind: string; readonly request: unknown }[]
}

/** Takes one step. */
export type RunOne = (asked: IncomingBatch['asked'][number]) => Outcome

/** Opens the connection and serves the main thread until it says `close`. */
export function serve<All>(open: (data: ThreadData) => Connection<All>): void {
  const port = parentPort
  if (port === null) throw new Error('this module is for a worker thread of @postroad/store-sqlite')
  const data: ThreadData = workerData
  let connection: Connection<All>
  try {
    connection = open(data)
  } catch (error) {
    say(port, { kind: 'refused', fault: faultOf(error) })
    port.close()
    return
  }
  port.on('message', (message: IncomingBatch | 'close') => {
    if (message === 'close') {
      connection.close()
      say(port, { kind: 'closed' })
      port.close()
      return
    }
    const { steps } = connection
    const outcomes = connection.run(message, ({ kind, request }) => {
      const step: unknown = Object.hasOwn(steps, kind) ? Reflect.get(steps, kind) : undefined
      if (typeof step !== 'function') throw new Error(`there is no step ${kind}`)
      try {
        const answer: unknown = Reflect.apply(step, undefined, [request, message.now])
        return { kind: 'answer', answer }
      } catch (error) {
        if (error instanceof NoContent) return { kind: 'content-missing', content: error.content }
        throw error
      }
    })
    say(port, { kind: 'outcomes', outcomes, report: connection.report() }, connection.handOver?.())
  })
  say(port, { kind: 'ready' })
}

function say(port: MessagePort, message: ThreadMessage, handedOver: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, handedOver)
}
