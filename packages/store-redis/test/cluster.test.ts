import { messageId } from '@postroad/envelope'
import { type Lease, QueueUnavailableError, type Store } from '@postroad/queue'
import { ask, type StartedCluster } from '@postroad/tooling-redis'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { shardOfMessage } from '../src/placement.ts'
import { slotOf } from '../src/slot.ts'
import { contentOf, entryOf } from './entry.ts'
import { createBench, createWatch } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000
const SHARDS = 6

const nameIn = (shard: number, n = 0): string => {
  for (let at = 0; ; at += 1) {
    const name = `M${n}x${at}`
    if (shardOfMessage(messageId(name), SHARDS) === shard) return name
  }
}

const leaseAll = async (store: Store<string>): Promise<Lease<string>[]> => {
  const all: Lease<string>[] = []
  for (;;) {
    const leases = await store.queue.lease({ limit: 50, durationMs: LONG_MS, waitMs: 0 })
    if (leases.length === 0) return all
    all.push(...leases)
  }
}

const enqueue = async (store: Store<string>, name: string, bytes: number): Promise<void> => {
  const writer = await store.spool.stage({ message: messageId(name), ttlMs: 60_000 })
  await writer.write(Buffer.alloc(bytes, name))
  const content = await writer.seal({ prefix: new Uint8Array() })
  await store.queue.enqueue([entryOf(name, content, `${name}.example`)])
}

/** The shards by the port of the master that has them. */
const shardsByPort = async (cluster: StartedCluster): Promise<Map<number, number[]>> => {
  const found = new Map<number, number[]>(cluster.masters.map(({ port }) => [port, []]))
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const { port } = await cluster.masterOf(`{postroad:${shard}}:seq`)
    found.get(port)?.push(shard)
  }
  return found
}

it('has each shard on the master of its slot, from enqueue to settle, also after SCRIPT FLUSH on each', async () => {
  const cluster = await bench.startCluster()
  const store = await bench.open(cluster.url, { shards: SHARDS })
  for (let n = 0; n < 30; n += 1) await enqueue(store, nameIn(n % SHARDS, n), n % 3 === 0 ? 300_000 : 1_000)
  const byPort = await shardsByPort(cluster)
  for (const { port } of cluster.masters) {
    const keys = (await ask(port, 'KEYS', '*')).split('\n').filter((key) => key.includes(':entry:'))
    expect(keys).toHaveLength(5 * (byPort.get(port)?.length ?? 0))
    await ask(port, 'SCRIPT', 'FLUSH')
  }
  const leases = await leaseAll(store)
  expect(new Set(leases.map(({ job }) => job)).size).toBe(30)
  for (const lease of leases) {
    const content = await contentOf(store, lease)
    expect(content.equals(Buffer.alloc(content.length, lease.job))).toBe(true)
  }
  const results = await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
  expect(results.every(({ kind }) => kind === 'settled')).toBe(true)
  expect(await store.limits.mark('key', 1_000)).toBe('new')
  expect(await store.limits.mark('key', 1_000)).toBe('seen')
  for (const { port } of cluster.masters) expect(await ask(port, 'KEYS', '*entry:*')).toBe('')
})

it('wakes workers for work on any node', async () => {
  const cluster = await bench.startCluster()
  const [producer, consumer] = [
    await bench.open(cluster.url, { shards: SHARDS }),
    await bench.open(cluster.url, { shards: SHARDS }),
  ]
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const waiting = consumer.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: LONG_MS })
    await producer.queue.enqueue([entryOf(nameIn(shard), undefined, `${shard}.example`)])
    expect(await waiting).toMatchObject([{ job: nameIn(shard) }])
  }
})

it('opens where one of the nodes that the URL names is away and has no shard, and says which promise a master lacks', async () => {
  const cluster = await bench.startCluster()
  const gone = await bench.start()
  await gone.stop()
  await bench.open(cluster.url.replace('//', `//127.0.0.1:${gone.port},`), { shards: SHARDS })
  const [, second] = cluster.masters
  await ask(second!.port, 'CONFIG', 'SET', 'appendfsync', 'everysec')
  await expect(bench.open(cluster.url, { shards: SHARDS })).rejects.toMatchObject({ code: 'REDIS_NOT_DURABLE' })
  await bench.open(cluster.url, { shards: SHARDS, durability: 'relaxed' })
})

it('goes on with the other shards while a master is away, and with all of them once it is back', async () => {
  const cluster = await bench.startCluster()
  const watch = createWatch()
  const store = await bench.open(cluster.url, { shards: SHARDS, observer: watch.observer })
  const byPort = await shardsByPort(cluster)
  const victim = cluster.masters.find(({ port }) => (byPort.get(port)?.length ?? 0) > 0)
  const dead = byPort.get(victim!.port) ?? []
  const alive = [0, 1, 2, 3, 4, 5].filter((shard) => !dead.includes(shard))
  expect(alive.length).toBeGreaterThan(0)
  await victim!.kill('SIGKILL')
  await watch.until('store.unavailable')
  expect(watch.events.find(({ type }) => type === 'store.unavailable')).toMatchObject({ shards: dead })

  for (const shard of dead) {
    await expect(store.queue.enqueue([entryOf(nameIn(shard))])).rejects.toBeInstanceOf(QueueUnavailableError)
  }
  for (const shard of alive) await store.queue.enqueue([entryOf(nameIn(shard), undefined, `${shard}.example`)])
  expect((await leaseAll(store)).map(({ job }) => job).toSorted()).toEqual(
    alive.map((shard) => nameIn(shard)).toSorted(),
  )
  // Nobody hears of the outage who finds work elsewhere.
  expect(await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 50 })).toEqual([])
  const waiting = store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: LONG_MS })
  await store.queue.enqueue([entryOf(nameIn(alive[0]!, 1), undefined, 'late.example')])
  expect(await waiting).toHaveLength(1)

  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-require-full-coverage', 'no']
  const bus = await ask(cluster.masters.find(({ port }) => port !== victim!.port)!.port, 'CLUSTER', 'NODES')
  const [, busPort] = new RegExp(`:${victim!.port}@(\\d+)`).exec(bus) ?? []
  await bench.start({
    port: victim!.port,
    folder: victim!.folder,
    extraArgs: [...args, '--cluster-port', String(busPort)],
  })
  await watch.until('store.available')
  for (const shard of dead) {
    await expect
      .poll(() => store.queue.enqueue([entryOf(nameIn(shard), undefined, `${shard}.example`)]).catch(String), {
        timeout: 10_000,
      })
      .toBeUndefined()
  }
  expect(await leaseAll(store)).toHaveLength(dead.length)
})

it('goes on with the replica that is promoted, and loses nothing that replicas had to confirm', async () => {
  const cluster = await bench.startCluster({ replicas: 1, nodeTimeoutMs: 500 })
  const watch = createWatch()
  const replicas = { acknowledge: 1 }
  const store = await bench.open(cluster.url, { shards: SHARDS, observer: watch.observer, replicas })
  const acknowledged = new Set<string>()
  const byPort = await shardsByPort(cluster)
  const victim = cluster.masters.find(({ port }) => (byPort.get(port)?.length ?? 0) > 0)
  let killed: Promise<void> | undefined
  for (let n = 0; n < 60; n += 1) {
    const name = nameIn(n % SHARDS, n)
    if (n === 30) killed = victim!.kill('SIGKILL')
    await store.queue.enqueue([entryOf(name, undefined, `${name}.example`)]).then(
      () => acknowledged.add(name),
      (error: unknown) => expect(error).toBeInstanceOf(QueueUnavailableError),
    )
  }
  await killed
  await watch.until('store.available')
  // The promoted one has no replica, so that nothing can be promised; who asks for no replica can work off what is there.
  const other = await bench.open(cluster.url, { shards: SHARDS })
  const found = new Set((await leaseAll(other)).map(({ job }) => job))
  expect([...acknowledged].filter((name) => !found.has(name))).toEqual([])
  expect(acknowledged.size).toBeGreaterThanOrEqual(30)
})

it('refuses scripts while the slot of their shard is being moved, and follows it when it is', async () => {
  const cluster = await bench.startCluster({ masters: 2 })
  const store = await bench.open(cluster.url, { shards: 1 })
  for (let n = 0; n < 10; n += 1) await store.queue.enqueue([entryOf(`M${n}`)])
  const from = await cluster.masterOf('{postroad:0}:seq')
  const to = cluster.masters.find((one) => one !== from)!
  const slot = String(slotOf('{postroad:0}:seq'))
  const [fromId, toId] = [await ask(from.port, 'CLUSTER', 'MYID'), await ask(to.port, 'CLUSTER', 'MYID')]
  await ask(to.port, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
  await ask(from.port, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
  const refused = async (): Promise<void> => {
    await expect(store.queue.enqueue([entryOf('new')])).rejects.toThrow(/is being moved/)
    await expect(store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })).rejects.toThrow(/is being moved/)
  }
  await refused()
  const keys = (await ask(from.port, 'CLUSTER', 'GETKEYSINSLOT', slot, '1000')).split('\n')
  expect(keys.length).toBeGreaterThan(10)
  for (const [n, key] of keys.entries()) {
    await ask(from.port, 'MIGRATE', '127.0.0.1', String(to.port), key, '0', '5000')
    if (n % 5 === 0 && n < keys.length - 1) await refused()
  }
  await refused()
  for (const { port } of [to, from]) await ask(port, 'CLUSTER', 'SETSLOT', slot, 'NODE', toId)

  await expect.poll(() => store.queue.enqueue([entryOf('new')]).catch(String), { timeout: 10_000 }).toBeUndefined()
  expect(new Set((await leaseAll(store)).map(({ job }) => job)).size).toBe(11)
  expect(await ask(from.port, 'DBSIZE')).not.toContain('entry')
})

it('says what is wrong with the URL where a node of a cluster is taken for a server, and the other way', async () => {
  const cluster = await bench.startCluster({ masters: 1 })
  const [node] = cluster.masters
  await expect(bench.open(node!.url)).rejects.toThrow(/redis\+cluster/)
  const server = await bench.start()
  await expect(bench.open(server.url.replace('redis:', 'redis+cluster:'))).rejects.toThrow(/cluster support disabled/)
})

it('has the slots that the servers have', async () => {
  const server = await bench.startCluster({ masters: 1 })
  const redis = new Redis(server.masters[0]!.port, '127.0.0.1')
  for (const key of ['{postroad:0}:seq', '{a:limits}:', 'x', 'ä{ö}']) {
    expect(slotOf(key)).toBe(await redis.cluster('KEYSLOT', key))
  }
  redis.disconnect()
})
