/** A cluster most of whose masters are cut off. */

import { QueueUnavailableError } from '@postroad/queue'
import { ask, becomes } from '@postroad/tooling-redis'
import { expect, it } from 'vitest'
import { shardKeys } from '../src/keys.ts'
import { entryOf } from './entry.ts'
import { createBench } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000

it('refuses at once what the cluster refuses, and does not wait for nodes that do not answer', async () => {
  const cluster = await bench.startCluster({ masters: 3, nodeTimeoutMs: 300 })
  const store = await bench.open(cluster.url, { shards: 1, commandTimeoutMs: LONG_MS })
  await store.queue.enqueue([entryOf('M')])
  // The limits lie elsewhere than the shard, or not: it is the shard's node that goes on.
  const own = await cluster.masterOf(shardKeys('postroad', 0).seq)
  const others = cluster.masters.filter(({ port }) => port !== own.port)
  for (const { pid } of others) process.kill(pid, 'SIGSTOP')
  try {
    await becomes(own.port, ['CLUSTER', 'INFO'], (text) => text.includes('cluster_state:fail'))
    await expect(store.queue.enqueue([entryOf('N')])).rejects.toBeInstanceOf(QueueUnavailableError)
  } finally {
    for (const { pid } of others) process.kill(pid, 'SIGCONT')
  }
  await becomes(own.port, ['CLUSTER', 'INFO'], (text) => text.includes('cluster_state:ok'))
  await expect.poll(() => store.queue.enqueue([entryOf('N')]).catch(String), { timeout: 10_000 }).toBeUndefined()
  expect(await ask(own.port, 'EXISTS', '{postroad:0}:entry:N.0')).toBe('1')
})
