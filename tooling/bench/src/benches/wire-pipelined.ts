/** Servers that discard, under a client that pipelines. */

import type { Benchmark, Contestant } from '../benchmark.ts'
import { startContestant } from '../contestant-process.ts'
import type { Stage } from '../stage.ts'
import { startNodeSink } from './wire/node-sink.ts'
import { SEND_PROCESS } from './wire/send.ts'
import type { Sink } from './wire/sink.ts'
import { startSmtpSink } from './wire/smtp-sink.ts'

const SINKS: Readonly<Record<string, (stage: Stage) => Promise<Sink>>> = {
  Postroad: (stage) => startNodeSink(stage, 'postroad'),
  'Postroad, without CHUNKING': (stage) => startNodeSink(stage, 'postroad', { chunking: false }),
  'smtp-server': (stage) => startNodeSink(stage, 'smtp-server'),
  'smtp-sink': (stage) => startSmtpSink(stage),
}

/**
 * One operation is a message of 10 KiB. The client is ours, uncounted, one process for each server: MAIL, RCPT and BDAT
 * LAST in one flight where the server offers CHUNKING, MAIL, RCPT and DATA in one and the content in another elsewhere.
 * It needs more CPU than some of the servers: where it is what limits, the rates are alike and CPU tells them apart.
 */
export const wirePipelined: Benchmark = {
  name: 'wire-pipelined',
  about: 'Take mail from our client, which pipelines and sends by BDAT where it can: Postroad, smtp-server, smtp-sink.',
  scenes: ({ quick }) => [
    {
      name: 'servers under pipelining',
      roundMs: quick ? 400 : 2_000,
      contestants: Object.entries(SINKS).map(([name, start]) => pipelinedContestant(name, start)),
      cases: [1, 10, 100].flatMap((callers) =>
        [1, 50].map((recipients) => ({
          name: `10 KiB, ${callers} ${callers === 1 ? 'session' : 'sessions'}, ${recipients} ${recipients === 1 ? 'recipient' : 'recipients'}`,
          reference: 'smtp-server',
          work: { callers, recipients, sizeBytes: 10_240 },
        })),
      ),
    },
  ],
}

function pipelinedContestant(name: string, start: (stage: Stage) => Promise<Sink>): Contestant {
  return {
    name,
    start: async (stage) => {
      const { port } = await start(stage)
      const client = await startContestant(stage, SEND_PROCESS, { client: 'postroad', port }, { counted: false })
      return {
        ...client,
        measure: async (work, roundMs) => {
          const { operations, seconds } = await client.measure(work, roundMs)
          return { operations, seconds }
        },
      }
    },
  }
}
