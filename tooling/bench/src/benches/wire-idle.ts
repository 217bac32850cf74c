/** What a connection weighs that does nothing. */

import type { Benchmark, Contestant, Running } from '../benchmark.ts'
import { type ContestantProcess, startContestant } from '../contestant-process.ts'
import type { Stage } from '../stage.ts'
import { startNodeSink } from './wire/node-sink.ts'
import type { NodeSinkKind } from './wire/node-sinks.ts'

const CROWD = new URL('wire/crowd-process.ts', import.meta.url)
/** Descriptors that a server has beside its connections. */
const SPARE = 200

/**
 * One operation is a connection that said EHLO and stays. Figures: `kibPerConnection`, what the server's process grew
 * by, in all (PSS), and `heapKibPerConnection`, on V8's heap, from a fifth of the connections on, so that what a first
 * crowd makes it load and commit is not in them; garbage is collected before and after. Each round has a process of its
 * own. What the kernel holds for a socket is in neither.
 */
export const wireIdle: Benchmark = {
  name: 'wire-idle',
  about: 'Idle connections after EHLO, 10,000 of them: the memory of each in Postroad, smtp-server, a bare net server.',
  scenes: ({ quick }) => {
    const connections = quick ? 1_000 : 10_000
    return [
      {
        name: 'idle connections',
        // Not looked at: a round ends when all are open.
        roundMs: 1_000,
        contestants: [
          idleContestant('Postroad', 'postroad', connections),
          idleContestant('smtp-server', 'smtp-server', connections),
          idleContestant('bare net server', 'blind', connections),
        ],
        cases: [
          { name: `${connections.toLocaleString('en-US')} idle connections`, reference: 'smtp-server', work: {} },
        ],
      },
    ]
  },
}

function idleContestant(name: string, kind: NodeSinkKind, connections: number): Contestant {
  return { name, start: async (stage) => runIdle(stage, kind, connections) }
}

function runIdle(stage: Stage, kind: NodeSinkKind, connections: number): Running {
  let server: ContestantProcess | undefined
  let crowd: ContestantProcess | undefined
  const both = (): readonly [ContestantProcess, ContestantProcess] => {
    if (server === undefined || crowd === undefined) throw new Error('Nothing was prepared.')
    return [server, crowd]
  }
  return {
    prepare: async (work, roundMs) => {
      const sink = await startNodeSink(stage, kind, { descriptors: connections + SPARE })
      server = sink.process
      crowd = await startContestant(stage, CROWD, { port: sink.port, connections }, { counted: false })
      await crowd.prepare(work, roundMs)
      await server.prepare(work, roundMs)
    },
    measure: async (work, roundMs) => {
      const [held, opened] = both()
      const { operations, seconds } = await opened.measure(work, roundMs)
      const seen = await held.measure(work, roundMs)
      if (seen.operations !== operations) throw new Error(`Of ${operations} connections ${seen.operations} stay.`)
      const { kibPerConnection = 0, heapKibPerConnection = 0 } = seen.figures ?? {}
      return { operations, seconds, figures: { kibPerConnection, heapKibPerConnection } }
    },
    finish: async (work, roundMs) => {
      const [held, opened] = both()
      await opened.finish(work, roundMs)
      await opened.end()
      await held.end()
    },
  }
}
