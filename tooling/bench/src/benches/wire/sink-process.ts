/**
 * A process with a sink on Node in it. Setup: `sink`, one of `NODE_SINKS`; `port`; `key` and `cert` for STARTTLS;
 * `chunking: false` to offer none; `descriptors` where many are needed.
 *
 * It works when mail comes; what it is asked for is its memory: `prepare` notes it, `measure` gives how many connections
 * came since then, and what each of them added.
 */

import { serveContestant } from '../../serve-contestant.ts'
import { allowDescriptors } from './descriptors.ts'
import { NODE_SINKS, type NodeSinkKind, type OpenSink } from './node-sinks.ts'
import { forgetPeak, peakMemory, settledMemory } from './own-memory.ts'

let sink: OpenSink | undefined
let connectionsBefore = 0
let memoryBefore = 0
let heapBefore = 0

const opened = (): OpenSink => {
  if (sink === undefined) throw new Error('There is no sink.')
  return sink
}

serveContestant({
  start: async ({ sink: kind, port, key, cert, chunking, descriptors }) => {
    if (!isKind(kind)) throw new Error(`There is no sink "${String(kind)}".`)
    if (descriptors !== undefined) await allowDescriptors(Number(descriptors))
    const tls = typeof key === 'string' && typeof cert === 'string' ? { key, cert } : undefined
    sink = await NODE_SINKS[kind]({ port: Number(port), tls, chunking: chunking !== false })
  },
  prepare: async () => {
    connectionsBefore = opened().connections()
    memoryBefore = await settledMemory()
    heapBefore = process.memoryUsage().heapUsed
    await forgetPeak()
  },
  measure: async () => {
    const connections = opened().connections() - connectionsBefore
    const peak = await peakMemory()
    const memory = await settledMemory()
    const heap = process.memoryUsage().heapUsed
    const kibPerConnection = (bytes: number): number => (connections === 0 ? 0 : bytes / connections / 1_024)
    return {
      operations: connections,
      seconds: 1,
      figures: {
        kibPerConnection: kibPerConnection(memory - memoryBefore),
        heapKibPerConnection: kibPerConnection(heap - heapBefore),
        peakMaxMiB: peak / 2 ** 20,
      },
    }
  },
  end: async () => sink?.close(),
})

function isKind(kind: unknown): kind is NodeSinkKind {
  return typeof kind === 'string' && Object.hasOwn(NODE_SINKS, kind)
}
