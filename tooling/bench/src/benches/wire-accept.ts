/** Servers that discard, under `smtp-source`. */

import type { Benchmark, Case, Contestant, Work } from '../benchmark.ts'
import type { Stage } from '../stage.ts'
import { watchArrival } from './wire/bytes-read.ts'
import { findRate } from './wire/find-rate.ts'
import { startHaraka } from './wire/haraka.ts'
import { startNodeSink } from './wire/node-sink.ts'
import type { Sink } from './wire/sink.ts'
import { startSmtpSink } from './wire/smtp-sink.ts'
import { openSmtpSource, type SourceLoad } from './wire/smtp-source.ts'

/** Who takes mail, by the names that the tables have. */
const SINKS: Readonly<Record<string, (stage: Stage) => Promise<Sink>>> = {
  Postroad: (stage) => startNodeSink(stage, 'postroad'),
  'smtp-server': (stage) => startNodeSink(stage, 'smtp-server'),
  Haraka: (stage) => startHaraka(stage),
  'smtp-sink': (stage) => startSmtpSink(stage),
  'blind net loop': (stage) => startNodeSink(stage, 'blind'),
}

const SIZES = [1_024, 10_240, 1_048_576] as const
const SESSIONS = [1, 10, 100, 400] as const
const RECIPIENTS = [1, 50] as const

/** What a quick run does: each value at least once. */
const QUICK: readonly Omit<SourceLoad, 'messages'>[] = [
  { sizeBytes: 10_240, sessions: 1, reused: true, recipients: 1 },
  { sizeBytes: 10_240, sessions: 10, reused: true, recipients: 1 },
  { sizeBytes: 10_240, sessions: 100, reused: true, recipients: 1 },
  { sizeBytes: 10_240, sessions: 400, reused: false, recipients: 1 },
  { sizeBytes: 10_240, sessions: 10, reused: true, recipients: 50 },
  { sizeBytes: 1_024, sessions: 10, reused: false, recipients: 1 },
  { sizeBytes: 1_048_576, sessions: 10, reused: true, recipients: 1 },
]

/** Most messages in a round. */
const MOST_MESSAGES = 200_000
/** How long a run of `smtp-source` may take beyond its time, in milliseconds. */
const GRACE_MS = 60_000

/**
 * One operation is a message. The seconds are those of the whole run of `smtp-source`, connections and its start
 * included; what came to the sink is read from the kernel's account of its processes.
 */
export const wireAccept: Benchmark = {
  name: 'wire-accept',
  about: 'Take mail from smtp-source and discard it: Postroad, smtp-server, Haraka, smtp-sink, a blind net loop.',
  scenes: ({ quick }) => [
    {
      name: 'discarding servers',
      roundMs: quick ? 400 : 2_000,
      contestants: Object.entries(SINKS).map(([name, start]) => acceptContestant(name, start)),
      cases: (quick ? QUICK : allLoads()).map(caseOf),
    },
  ],
}

function allLoads(): readonly Omit<SourceLoad, 'messages'>[] {
  return RECIPIENTS.flatMap((recipients) =>
    SIZES.flatMap((sizeBytes) =>
      SESSIONS.flatMap((sessions) => [true, false].map((reused) => ({ sizeBytes, sessions, reused, recipients }))),
    ),
  )
}

function caseOf(load: Omit<SourceLoad, 'messages'>): Case {
  const { sizeBytes, sessions, reused, recipients } = load
  const size = sizeBytes < 1_048_576 ? `${sizeBytes / 1_024} KiB` : `${sizeBytes / 1_048_576} MiB`
  const crowd = `${sessions} ${sessions === 1 ? 'session' : 'sessions'} ${reused ? 'reused' : 'new'}`
  const name = `${size}, ${crowd}, ${recipients} ${recipients === 1 ? 'recipient' : 'recipients'}`
  return { name, reference: 'smtp-server', work: { ...load } }
}

function acceptContestant(name: string, start: (stage: Stage) => Promise<Sink>): Contestant {
  return {
    name,
    start: async (stage) => {
      const send = await openSmtpSource(stage)
      const { port } = await start(stage)
      const rates = new Map<string, number>()
      return {
        prepare: async () => {},
        measure: async (work, roundMs) => {
          const limitMs = 20 * roundMs + GRACE_MS
          const load = loadOf(work)
          const key = JSON.stringify(load)
          const run = (messages: number): Promise<number> => send(port, { ...load, messages }, limitMs)
          const rate = rates.get(key) ?? (await findRate(run, { least: load.sessions, most: MOST_MESSAGES, roundMs }))
          const messages = Math.ceil(Math.min(MOST_MESSAGES, Math.max(load.sessions, (rate * roundMs) / 1_000)))
          const arrived = await watchArrival(stage.meter.pids)
          const seconds = await run(messages)
          await arrived(messages, load.sizeBytes)
          rates.set(key, messages / seconds)
          return { operations: messages, seconds }
        },
        finish: async () => {},
      }
    },
  }
}

function loadOf(work: Work): Omit<SourceLoad, 'messages'> {
  return {
    sizeBytes: Number(work['sizeBytes']),
    sessions: Number(work['sessions']),
    reused: work['reused'] === true,
    recipients: Number(work['recipients']),
  }
}
