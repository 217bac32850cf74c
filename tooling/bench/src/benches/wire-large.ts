/** One large message through our client into our server. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Benchmark, Contestant } from '../benchmark.ts'
import { type ContestantProcess, startContestant } from '../contestant-process.ts'
import { ROOT, type Stage } from '../stage.ts'
import { startNodeSink } from './wire/node-sink.ts'
import { SEND_PROCESS } from './wire/send.ts'

/**
 * One operation is a MiB. Figures: `clientPeakMaxMiB` and `serverPeakMaxMiB`, the most memory that each process had
 * resident during the round: Node, the modules, and all that was in transit.
 */
export const wireLarge: Benchmark = {
  name: 'wire-large',
  about: 'A message of 1 GiB from our client into our server, by BDAT and by DATA: rate, and peak memory of each.',
  scenes: ({ quick }) => {
    const mebibytes = quick ? 64 : 1_024
    return [
      {
        name: 'one large message',
        // It ends when the message is through; this is what the limits of time are reckoned by.
        roundMs: quick ? 5_000 : 60_000,
        contestants: [largeContestant('BDAT', true), largeContestant('DATA', false)],
        cases: [
          {
            name: `a message of ${mebibytes.toLocaleString('en-US')} MiB`,
            reference: 'DATA',
            work: { callers: 1, messages: 1, sizeBytes: mebibytes * 2 ** 20, counted: 'MiB' },
          },
        ],
      },
    ]
  },
}

/**
 * As who takes the packages has them: built. What is of this bench itself need not be stripped of its types either, once it
 * is in the cache; to load what does that takes some 30 MiB.
 */
const AS_TAKEN = { built: true, env: { NODE_COMPILE_CACHE: join(ROOT, '.cache/compile') } }

/** Turbo, which needs the package manager beside it, takes from its cache what has not changed. */
function build(): void {
  const pnpm = /"packageManager": "([^"]+)"/.exec(readFileSync(join(ROOT, 'package.json'), 'utf8'))?.[1] ?? 'pnpm'
  const turbo = ['turbo', 'run', 'build', '--filter=@postroad/tooling-bench^...', '--output-logs=errors-only']
  execFileSync('npx', ['-y', pnpm, 'exec', ...turbo], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
}

interface Pair {
  readonly server: ContestantProcess
  readonly client: ContestantProcess
}

async function startPair(stage: Stage, chunking: boolean): Promise<Pair> {
  const { port, process: server } = await startNodeSink(stage, 'postroad', { chunking, ...AS_TAKEN })
  const client = await startContestant(stage, SEND_PROCESS, { client: 'postroad', port }, AS_TAKEN)
  return { server, client }
}

/** Builds, and fills the cache, which a process writes when it ends. */
async function compile(stage: Stage): Promise<void> {
  build()
  const { server, client } = await startPair(stage, true)
  await client.prepare({ callers: 1, sizeBytes: 1_024 }, 0)
  await client.finish({}, 0)
  await client.end()
  await server.end()
}

function largeContestant(name: string, chunking: boolean): Contestant {
  return {
    name,
    start: async (stage) => {
      await compile(stage)
      const { server, client } = await startPair(stage, chunking)
      return {
        ...client,
        prepare: async (work, roundMs) => {
          await client.prepare(work, roundMs)
          await server.prepare(work, roundMs)
        },
        measure: async (work, roundMs) => {
          const { operations, seconds, figures = {} } = await client.measure(work, roundMs)
          const seen = await server.measure(work, roundMs)
          const clientPeakMaxMiB = figures['peakMaxMiB'] ?? Number.NaN
          const serverPeakMaxMiB = seen.figures?.['peakMaxMiB'] ?? Number.NaN
          return { operations, seconds, figures: { clientPeakMaxMiB, serverPeakMaxMiB } }
        },
      }
    },
  }
}
