/** Clients that keep their connections, into `smtp-sink`. */

import type { Benchmark, Contestant } from '../benchmark.ts'
import { startContestant } from '../contestant-process.ts'
import { crowd } from './store/crowd.ts'
import { watchArrival } from './wire/bytes-read.ts'
import { SEND_PROCESS } from './wire/send.ts'
import type { SenderKind } from './wire/senders.ts'
import { startSmtpSink } from './wire/smtp-sink.ts'

const SIZE_BYTES = 10_240

/**
 * One operation is a message. Each client has a sink of its own, uncounted; callers are loops in the client's process,
 * each with one message under way. Connections are open before the round begins.
 */
export const wireSend: Benchmark = {
  name: 'wire-send',
  about: "Send 10 KiB to smtp-sink over kept connections: our delivery and nodemailer's pooled transport.",
  scenes: ({ quick }) => [
    {
      name: 'pooled clients',
      roundMs: quick ? 400 : 3_000,
      contestants: [sendContestant('Postroad', 'postroad'), sendContestant('nodemailer', 'nodemailer')],
      cases: [1, 10, 100].map((callers) => ({
        name: `send 10 KiB, ${crowd(callers)}`,
        reference: 'nodemailer',
        work: { callers, sizeBytes: SIZE_BYTES },
      })),
    },
  ],
}

function sendContestant(name: string, client: SenderKind): Contestant {
  return {
    name,
    start: async (stage) => {
      const { port, child } = await startSmtpSink(stage, { counted: false })
      const running = await startContestant(stage, SEND_PROCESS, { client, port })
      return {
        ...running,
        measure: async (work, roundMs) => {
          const arrived = await watchArrival(async () => (child.pid === undefined ? [] : [child.pid]))
          const { operations, seconds } = await running.measure(work, roundMs)
          await arrived(operations, SIZE_BYTES)
          return { operations, seconds }
        },
      }
    },
  }
}
