/** Starts a Redis Cluster of masters, each with replicas where wanted. All on the loopback, each ended with this process. */

import { ask, becomes } from './ask.ts'
import { freePort, type StartedRedis, startRedis } from './server.ts'

/** What may differ. */
export interface ClusterOptions {
  /** Default 3, which share the 16,384 slots evenly. */
  readonly masters?: number
  /** Replicas of each master. Default 0. A replica is promoted only where most of the masters are alive. */
  readonly replicas?: number
  /** After which silence a node is taken for gone, in milliseconds. Default 1,000. */
  readonly nodeTimeoutMs?: number
  /** More arguments of every node. */
  readonly extraArgs?: readonly string[]
}

/** What was started. */
export interface StartedCluster {
  /** `redis+cluster://127.0.0.1:port,...`, of the masters at the start. */
  readonly url: string
  /** In the order of their slots. */
  readonly masters: readonly StartedRedis[]
  /** First those of the first master. */
  readonly replicas: readonly StartedRedis[]
  /** The master whose slots a key is among, as it was at the start. */
  masterOf(key: string): Promise<StartedRedis>
  /** Ends all of them. Harmless a second time. */
  stop(): Promise<void>
}

const SLOTS = 16_384

/** Starts the nodes, joins them, and resolves once each says that the cluster is whole. */
export async function startRedisCluster(options: ClusterOptions = {}): Promise<StartedCluster> {
  const { masters: masterCount = 3, replicas: replicaCount = 0, nodeTimeoutMs = 1_000, extraArgs = [] } = options
  const started: StartedRedis[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()))
  }
  try {
    const buses: number[] = []
    for (let n = 0; n < masterCount * (1 + replicaCount); n += 1) {
      // The usual bus port is 10,000 above, which may be none.
      const bus = await freePort()
      const settings = {
        'cluster-enabled': 'yes',
        'cluster-port': String(bus),
        'cluster-node-timeout': String(nodeTimeoutMs),
        'cluster-require-full-coverage': 'no',
        'repl-diskless-sync-delay': '0',
        'shutdown-timeout': '0',
      }
      const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
      started.push(await startRedis({ extraArgs: [...args, ...extraArgs] }))
      buses.push(bus)
    }
    const masters = started.slice(0, masterCount)
    const replicas = started.slice(masterCount)
    const bounds = masters.map((_, n) => Math.round((n * SLOTS) / masterCount))
    for (const [n, { port }] of started.entries()) {
      await ask(port, 'CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1))
      if (n >= masterCount) continue
      const last = (bounds[n + 1] ?? SLOTS) - 1
      await ask(port, 'CLUSTER', 'ADDSLOTSRANGE', String(bounds[n]), String(last))
    }
    const [first] = masters
    if (first === undefined) throw new Error('A cluster has a master at least.')
    for (const [n, { port }] of started.entries()) {
      if (n > 0) await ask(first.port, 'CLUSTER', 'MEET', '127.0.0.1', String(port), String(buses[n]))
    }
    for (const { port } of started) {
      await becomes(
        port,
        ['CLUSTER', 'INFO'],
        (text) =>
          text.includes(`cluster_known_nodes:${started.length}`) &&
          text.includes('cluster_slots_assigned:16384') &&
          text.includes('cluster_state:ok'),
      )
    }
    for (const [n, { port }] of replicas.entries()) {
      const master = masters[Math.floor(n / replicaCount)]
      if (master === undefined) continue
      await ask(port, 'CLUSTER', 'REPLICATE', await ask(master.port, 'CLUSTER', 'MYID'))
      await becomes(port, ['INFO', 'replication'], (text) => text.includes('master_link_status:up'))
    }
    return {
      url: `redis+cluster://${masters.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
      masters,
      replicas,
      async masterOf(key) {
        const slot = Number(await ask(first.port, 'CLUSTER', 'KEYSLOT', key))
        const at = bounds.findLastIndex((bound) => bound <= slot)
        return masters[at] ?? first
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
