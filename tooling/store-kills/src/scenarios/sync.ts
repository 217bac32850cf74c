/** The sync call returns before anybody hears "durable": system calls traced by strace, one call of the store at a time. */

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '@postroad/tooling-redis'
import { Crew } from '../crew.ts'
import { Ledger } from '../ledger.ts'
import type { RunOptions, Scenario } from '../scenario.ts'
import { attach, findStrace, parseTrace, whyNoTrace } from '../strace.ts'
import { checkRedisSync, checkSqliteSync, findOps, type SyncReport } from '../sync-order.ts'
import { nothing, type Tally } from '../tally.ts'

/** Traces syncs. */
export const sync: Scenario = {
  name: 'sync',
  sentence: 'every sync call returns before the acknowledgement is written, for SQLite and for Redis (strace)',
  rounds: 1,
  unable: whyNoTrace,
  run: async (options) => [
    await tallyOf('sync-sqlite', options, traceSqlite),
    await tallyOf('sync-redis', options, traceRedis),
  ],
}

/** What was traced. */
export interface SyncTrace {
  readonly reports: readonly SyncReport[]
  readonly acknowledged: number
  readonly faults: readonly string[]
}

/** Traces one process over SQLite that makes one call after the other. */
export async function traceSqlite(): Promise<SyncTrace> {
  const parent = await mkdtemp(join(tmpdir(), 'postroad-kills-sync-'))
  try {
    const folder = join(parent, 'store')
    const output = join(parent, 'trace')
    await mkdir(folder)
    const ledger = new Ledger()
    await using crew = await Crew.open(ledger)
    const { path, env } = await findStrace()
    const calls = 'write,writev,pwrite64,pwritev,fsync,fdatasync,mkdir,rename,renameat,renameat2'
    const under = [path, '-f', '-y', '-s', '400', '-o', output, '-e', `trace=${calls}`]
    const plan = { target: { kind: 'sqlite', folder }, seed: 0, leaseMs: 0, loops: 1 } as const
    await crew.start({ role: 'serial', plan, under, environment: env }).gone
    const traced = parseTrace(await readFile(output, 'utf8'))
    const ops = findOps(traced)
    const reports = ops.map((op) => checkSqliteSync(traced, op, folder))
    return { reports, acknowledged: ledger.acknowledged, faults: ledger.faults }
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}

/** Traces a Redis server while one process makes one call after the other. */
export async function traceRedis(): Promise<SyncTrace> {
  const parent = await mkdtemp(join(tmpdir(), 'postroad-kills-sync-'))
  const server = await startRedis()
  try {
    const output = join(parent, 'trace')
    const ledger = new Ledger()
    await using crew = await Crew.open(ledger)
    const trace = await attach(server.pid, [
      '-yy',
      '-s',
      '2000000',
      '-o',
      output,
      '-e',
      'trace=write,writev,sendto,fsync,fdatasync',
    ])
    const target = { kind: 'redis', url: server.url, prefix: 'sync' } as const
    await crew.start({ role: 'serial', plan: { target, seed: 0, leaseMs: 0, loops: 1 } }).gone
    await trace.stop()
    const ids = [...ledger.histories].flatMap(([id, { birth }]) => (birth?.outcome === 'acknowledged' ? [id] : []))
    const report = checkRedisSync(parseTrace(await readFile(output, 'latin1')), ids)
    return { reports: [report], acknowledged: ledger.acknowledged, faults: ledger.faults }
  } finally {
    await server.stop()
    await rm(parent, { recursive: true, force: true })
  }
}

async function tallyOf(
  scenario: string,
  { rounds, seed, onRound }: RunOptions,
  trace: () => Promise<SyncTrace>,
): Promise<Tally> {
  const faults: string[] = []
  let acknowledged = 0
  let syncs = 0
  for (let round = 0; round < rounds; round += 1) {
    const traced = await trace()
    acknowledged += traced.acknowledged
    faults.push(...traced.faults)
    for (const report of traced.reports) {
      syncs += report.syncs.length
      for (const fault of report.faults) {
        // A plain `done` is committed lazily, and says so.
        if (report.op !== 'done') faults.push(`${report.op}: ${fault}`)
      }
    }
    onRound?.(round)
  }
  return {
    ...nothing(scenario, seed),
    rounds,
    acknowledged,
    faults,
    notes: [`${syncs} syncs returned before what they kept was answered`],
  }
}
