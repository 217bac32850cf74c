/** STARTTLS: what a handshake costs a server. */

import type { Benchmark, Contestant } from '../benchmark.ts'
import { startContestant } from '../contestant-process.ts'
import type { Stage } from '../stage.ts'
import { certificate } from './wire/certificate.ts'
import { startHaraka } from './wire/haraka.ts'
import { startNodeSink } from './wire/node-sink.ts'
import type { Sink, SinkOptions } from './wire/sink.ts'

const LOAD = new URL('wire/handshake-process.ts', import.meta.url)

/** `smtp-sink` has no TLS. */
const SINKS: Readonly<Record<string, (stage: Stage, options: SinkOptions) => Promise<Sink>>> = {
  Postroad: (stage, options) => startNodeSink(stage, 'postroad', options),
  'smtp-server': (stage, options) => startNodeSink(stage, 'smtp-server', options),
  Haraka: startHaraka,
}

/**
 * One operation is a message of 1 KiB over a connection of its own: STARTTLS with a full handshake of TLS 1.3, a P-256
 * certificate. The client is the same for all and uncounted. `smtp-server` waits 100 ms before it greets: compare CPU.
 */
export const wireTls: Benchmark = {
  name: 'wire-tls',
  about: 'A connection, STARTTLS with a full handshake, a small message: CPU of Postroad, smtp-server, Haraka.',
  scenes: ({ quick }) => [
    {
      name: 'handshakes',
      roundMs: quick ? 400 : 3_000,
      contestants: Object.entries(SINKS).map(([name, start]) => tlsContestant(name, start)),
      cases: [10, 100].map((callers) => ({
        name: `STARTTLS for each message, ${callers} at a time`,
        reference: 'smtp-server',
        work: { callers },
      })),
    },
  ],
}

function tlsContestant(name: string, start: (stage: Stage, options: SinkOptions) => Promise<Sink>): Contestant {
  return {
    name,
    start: async (stage) => {
      const { port } = await start(stage, { tls: await certificate() })
      return startContestant(stage, LOAD, { port }, { counted: false })
    },
  }
}
