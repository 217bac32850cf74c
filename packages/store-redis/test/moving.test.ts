/** Connections that are made while a slot is being moved from one node of a cluster to another. */

import { messageId } from '@postroad/envelope'
import { ask, type StartedCluster, type StartedRedis } from '@postroad/tooling-redis'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { Confirmation } from '../src/confirmation.ts'
import { shardKeys } from '../src/keys.ts'
import { shardOfMessage } from '../src/placement.ts'
import { slotOf } from '../src/slot.ts'
import { entryOf } from './entry.ts'
import { createBench, createWatch } from './redis.ts'

const bench = createBench()
const SHARDS = 6

const nameIn = (shard: number, n = 0): string => {
  for (let at = 0; ; at += 1) {
    const name = `M${n}x${at}`
    if (shardOfMessage(messageId(name), SHARDS) === shard) return name
  }
}

/** A slot on its way. */
interface Move {
  /** Moves the keys that are there. */
  keys(): Promise<void>
  end(): Promise<void>
}

const beginMove = async (from: StartedRedis, to: StartedRedis, shard: number): Promise<Move> => {
  const slot = String(slotOf(shardKeys('postroad', shard).seq))
  const [fromId, toId] = [await ask(from.port, 'CLUSTER', 'MYID'), await ask(to.port, 'CLUSTER', 'MYID')]
  await ask(to.port, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
  await ask(from.port, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
  return {
    async keys() {
      for (const key of (await ask(from.port, 'CLUSTER', 'GETKEYSINSLOT', slot, '1000')).split('\n')) {
        await ask(from.port, 'MIGRATE', '127.0.0.1', String(to.port), key, '0', '5000')
      }
    },
    async end() {
      for (const { port } of [to, from]) await ask(port, 'CLUSTER', 'SETSLOT', slot, 'NODE', toId)
    },
  }
}

/** Two shards of one node, and the other node. */
const neighbours = async (cluster: StartedCluster) => {
  const shards = await Promise.all(
    Array.from({ length: SHARDS }, async (_, shard) => ({
      shard,
      node: await cluster.masterOf(shardKeys('postroad', shard).seq),
    })),
  )
  for (const from of cluster.masters) {
    const [moving, staying] = shards.filter(({ node }) => node === from)
    const to = cluster.masters.find((node) => node !== from)
    if (moving && staying && to) return { from, to, moving: moving.shard, staying: staying.shard }
  }
  throw new Error('no node has two shards')
}

it('uses the other shards of a node that is connected to while one is being moved, and that one where it has gone', async () => {
  const cluster = await bench.startCluster({ masters: 2 })
  const watch = createWatch()
  const store = await bench.open(cluster.url, { shards: SHARDS, observer: watch.observer })
  const { from, to, moving, staying } = await neighbours(cluster)
  await store.queue.enqueue([entryOf(nameIn(moving))])
  const move = await beginMove(from, to, moving)
  await move.keys()
  await ask(from.port, 'CLIENT', 'KILL', 'TYPE', 'normal')
  await watch.until('store.unavailable')
  await watch.until('store.available', (event) => 'shards' in event && event.shards.includes(staying))
  await store.queue.enqueue([entryOf(nameIn(staying))])
  await expect(store.queue.enqueue([entryOf(nameIn(moving, 1))])).rejects.toThrow(/is being moved/)
  await move.end()
  await watch.until('store.available', (event) => 'shards' in event && event.shards.includes(moving))
  await store.queue.enqueue([entryOf(nameIn(moving, 1))])
  const { items } = await store.control.list({}, { limit: 10 })
  expect(items.map(({ job }) => String(job)).toSorted()).toEqual(
    [nameIn(moving), nameIn(moving, 1), nameIn(staying)].toSorted(),
  )
})

it('writes nothing into a slot that is being moved: neither when it connects nor when replicas are to confirm', async () => {
  const cluster = await bench.startCluster({ masters: 2 })
  const watch = createWatch()
  const store = await bench.open(cluster.url, { shards: SHARDS, observer: watch.observer })
  const { from, to, moving, staying } = await neighbours(cluster)
  await store.queue.enqueue([entryOf(nameIn(moving))])
  const move = await beginMove(from, to, moving)
  // What says the format goes first: who asks for it finds none.
  const { seq, format } = shardKeys('postroad', moving)
  await ask(from.port, 'MIGRATE', '127.0.0.1', String(to.port), format, '0', '5000')
  const before = await ask(from.port, 'GET', seq)
  await ask(from.port, 'CLIENT', 'KILL', 'TYPE', 'normal')
  await watch.until('store.unavailable')
  await watch.until('store.available', (event) => 'shards' in event && event.shards.includes(staying))
  const redis = new Redis({ port: from.port, host: '127.0.0.1', replyMapping: 'legacy' })
  const confirmation = new Confirmation(redis, { acknowledge: 1, timeoutMs: 1 })
  await expect(confirmation.confirm(shardKeys('postroad', moving))).rejects.toThrow(/TRYAGAIN/)
  redis.disconnect()
  expect(await ask(from.port, 'GET', seq)).toBe(before)
  await move.keys()
  await move.end()
  expect(await ask(to.port, 'GET', format)).toBe(`2/${SHARDS}`)
  await watch.until('store.available', (event) => 'shards' in event && event.shards.includes(moving))
})
