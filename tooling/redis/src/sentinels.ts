/**
 * Starts a master with replicas, and sentinels that watch it and promote a replica when the master is gone.
 *
 * All on the loopback, each ended with this process.
 */

import { ask, becomes } from './ask.ts'
import { type StartedRedis, startRedis } from './server.ts'

/** What may differ. */
export interface SentinelOptions {
  /** Default 1. */
  readonly replicas?: number
  /** Default 3; two must agree that the master is gone (one, where there is one). */
  readonly sentinels?: number
  /** How long the master may be silent before a sentinel takes it for gone, in milliseconds. Default 500. */
  readonly downAfterMs?: number
  /** More arguments of master and replicas. */
  readonly extraArgs?: readonly string[]
}

/** What was started. */
export interface StartedSentinels {
  /** `redis+sentinel://127.0.0.1:port,.../mymaster`. */
  readonly url: string
  /** The master at the start. */
  readonly master: StartedRedis
  readonly replicas: readonly StartedRedis[]
  readonly sentinels: readonly StartedRedis[]
  /** Waits until the sentinels name another master than at the start, and that one takes writes. */
  promoted(): Promise<StartedRedis>
  /** Ends all of them. Harmless a second time. */
  stop(): Promise<void>
}

const MASTER = 'mymaster'

/** Starts them and resolves once the replicas follow the master and the sentinels know all of it, and each other. */
export async function startRedisSentinels(options: SentinelOptions = {}): Promise<StartedSentinels> {
  const { replicas: replicaCount = 1, sentinels: sentinelCount = 3, downAfterMs = 500, extraArgs = [] } = options
  const started: StartedRedis[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()))
  }
  const keep = (server: StartedRedis): StartedRedis => {
    started.push(server)
    return server
  }
  try {
    const replication = [
      '--repl-diskless-sync-delay',
      '0',
      '--repl-ping-replica-period',
      '1',
      '--shutdown-timeout',
      '0',
      ...extraArgs,
    ]
    const master = keep(await startRedis({ extraArgs: replication }))
    const replicas: StartedRedis[] = []
    for (let n = 0; n < replicaCount; n += 1) {
      const follow = ['--replicaof', '127.0.0.1', String(master.port), ...replication]
      replicas.push(keep(await startRedis({ extraArgs: follow })))
    }
    for (const { port } of replicas) {
      await becomes(port, ['INFO', 'replication'], (text) => text.includes('master_link_status:up'))
    }
    const sentinels: StartedRedis[] = []
    const quorum = Math.min(2, sentinelCount)
    for (let n = 0; n < sentinelCount; n += 1) {
      const sentinel = [
        `sentinel monitor ${MASTER} 127.0.0.1 ${master.port} ${quorum}`,
        `sentinel down-after-milliseconds ${MASTER} ${downAfterMs}`,
        `sentinel failover-timeout ${MASTER} 3000`,
      ]
      sentinels.push(keep(await startRedis({ sentinel })))
    }
    const known = `slaves=${replicaCount},sentinels=${sentinelCount}`
    for (const { port } of sentinels) await becomes(port, ['INFO', 'sentinel'], (text) => text.includes(known))
    const addresses = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')
    return {
      url: `redis+sentinel://${addresses}/${MASTER}`,
      master,
      replicas,
      sentinels,
      promoted: () => promoted(sentinels, master, replicas),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function promoted(
  [sentinel]: readonly StartedRedis[],
  before: StartedRedis,
  replicas: readonly StartedRedis[],
): Promise<StartedRedis> {
  if (sentinel === undefined) throw new Error('There is no sentinel.')
  const question = ['SENTINEL', 'get-master-addr-by-name', MASTER]
  await becomes(sentinel.port, question, (text) => !text.endsWith(`\n${before.port}`) && text.includes('\n'))
  const [, port] = (await ask(sentinel.port, ...question)).split('\n')
  const master = replicas.find((replica) => String(replica.port) === port)
  if (master === undefined) throw new Error(`The sentinels name ${port}, which is none of the replicas.`)
  await becomes(master.port, ['INFO', 'replication'], (text) => text.includes('role:master'))
  return master
}
