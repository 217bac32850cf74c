import { setTimeout as sleep } from 'node:timers/promises'
import { leaseToken } from '@postroad/envelope'
import { ContentMissingError, QueueUnavailableError } from '@postroad/queue'
import { expect, it } from 'vitest'
import { contentOf, entryOf, sealedContent } from './entry.ts'
import { createBench, createWatch } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000

it('has everything it acknowledged after Redis was killed and started again', async () => {
  const first = await bench.start()
  const watch = createWatch()
  const store = await bench.open(first.url, { observer: watch.observer, queue: { groupConcurrency: 10_000 } })
  const acknowledged = new Set<string>()
  let killed: Promise<void> | undefined
  const producer = async (worker: number): Promise<void> => {
    for (let n = 0; killed === undefined; n += 1) {
      const name = `M${worker}x${n}`
      // Every tenth is large enough to be staged in several commands before.
      const bytes = Buffer.alloc(n % 10 === 0 ? 600_000 : 10_000, name)
      try {
        await store.queue.enqueue([entryOf(name, await sealedContent(store, bytes))])
        acknowledged.add(name)
      } catch (error) {
        // The staged part of one in flight may be gone by the next command.
        expect(error).toBeInstanceOf(QueueUnavailableError)
      }
      if (acknowledged.size >= 150) killed ??= first.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: 10 }, (_, worker) => producer(worker)))
  await killed
  await watch.until('store.unavailable')
  await bench.start({ port: first.port, folder: first.folder })
  await watch.until('store.available')

  const found = new Set<string>()
  for (;;) {
    const leases = await store.queue.lease({ limit: 100, durationMs: 60_000, waitMs: 0 })
    if (leases.length === 0) break
    for (const lease of leases) {
      const content = await contentOf(store, lease)
      expect([10_000, 600_000]).toContain(content.length)
      expect(content.equals(Buffer.alloc(content.length, lease.job))).toBe(true)
      found.add(lease.job)
    }
  }
  expect([...acknowledged].filter((name) => !found.has(name))).toEqual([])
})

it('rejects every call with QueueUnavailableError while Redis is away, and recovers by itself', async () => {
  const first = await bench.start()
  const watch = createWatch()
  const store = await bench.open(first.url, { observer: watch.observer })
  await store.queue.enqueue([entryOf('before')])
  const [lease] = await store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 })
  const content = await sealedContent(store, new Uint8Array(10))
  await first.kill('SIGKILL')
  await watch.until('store.unavailable')

  const { queue, control, limits, journal, spool } = store
  const token = lease!.token
  const calls = [
    queue.enqueue([entryOf('away', content)]),
    queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 }),
    queue.renew(token, { durationMs: 1_000 }),
    queue.settle([{ token, kind: 'done' }]),
    control.counts({ limit: 1 }),
    control.list({}, { limit: 1 }),
    limits.mark('key', 1_000),
    limits.take([{ kind: 'concurrency', name: 'x', places: 1 }], 1, 1_000),
    journal.read('M' as never),
    sealedContent(store, new Uint8Array(300_000)),
    spool.open(content.id)[Symbol.asyncIterator]().next(),
  ]
  for (const call of await Promise.allSettled(calls)) {
    expect(call).toMatchObject({ status: 'rejected', reason: { code: 'QUEUE_UNAVAILABLE' } })
  }

  await bench.start({ port: first.port, folder: first.folder })
  await watch.until('store.available')
  // What was refused is repeated, with the content that waited here.
  await queue.enqueue([entryOf('away', content)])
  expect(await queue.settle([{ token, kind: 'done' }])).toMatchObject([{ kind: 'settled' }])
  const [again] = await queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 })
  expect((await contentOf(store, again!)).length).toBe(10)
  expect(watch.events.map(({ type }) => type)).toEqual(['store.unavailable', 'store.available'])
})

it('serves workers that waited when the outage began, and go on asking', async () => {
  const first = await bench.start()
  const watch = createWatch()
  const store = await bench.open(first.url, { observer: watch.observer })
  const worker = async (): Promise<readonly string[]> => {
    for (;;) {
      try {
        const leases = await store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: LONG_MS })
        return leases.map(({ job }) => job)
      } catch (error) {
        expect(error).toBeInstanceOf(QueueUnavailableError)
      }
    }
  }
  const working = Promise.all([worker(), worker(), worker()])
  await first.kill('SIGKILL')
  await watch.until('store.unavailable')
  await bench.start({ port: first.port, folder: first.folder })
  await watch.until('store.available')
  for (const name of ['a', 'b', 'c']) await store.queue.enqueue([entryOf(name)])
  expect((await working).flat().toSorted()).toEqual(['a', 'b', 'c'])
})

it('does not let a worker spin while Redis is away: lease waits before it rejects, and ends with its signal', async () => {
  const server = await bench.start()
  const watch = createWatch()
  const store = await bench.open(server.url, { observer: watch.observer })
  await server.kill('SIGKILL')
  await watch.until('store.unavailable')
  const stop = new AbortController()
  const waiting = store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: LONG_MS, signal: stop.signal })
  const first = await Promise.race([waiting.catch(() => 'rejected'), sleep(100, 'still waiting')])
  expect(first).toBe('still waiting')
  stop.abort()
  expect(await waiting).toEqual([])
  await expect(store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: LONG_MS })).rejects.toBeInstanceOf(
    QueueUnavailableError,
  )
})

it('rejects when Redis hangs, and goes on when it wakes', async () => {
  const server = await bench.start()
  const watch = createWatch()
  const store = await bench.open(server.url, { observer: watch.observer, commandTimeoutMs: 200 })
  process.kill(server.pid, 'SIGSTOP')
  try {
    const calls = Array.from({ length: 50 }, (_, n) => store.queue.enqueue([entryOf(`M${n}`)]))
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'QUEUE_UNAVAILABLE' } })
    }
    await watch.until('store.unavailable')
  } finally {
    process.kill(server.pid, 'SIGCONT')
  }
  await watch.until('store.available')
  // Whether the fifty came to be is unknown; repeated, they are there once.
  for (let n = 0; n < 50; n += 1) await store.queue.enqueue([entryOf(`M${n}`)])
  const { items } = await store.control.list({}, { limit: 100 })
  expect(items).toHaveLength(50)
})

it('says that content is missing where its staged part was lost with a Redis that promised nothing', async () => {
  const first = await bench.start({ extraArgs: ['--appendonly', 'no'] })
  const watch = createWatch()
  const store = await bench.open(first.url, { durability: 'relaxed', observer: watch.observer })
  const content = await sealedContent(store, new Uint8Array(600_000))
  await first.kill('SIGKILL')
  await watch.until('store.unavailable')
  await bench.start({ port: first.port, folder: first.folder, extraArgs: ['--appendonly', 'no'] })
  await watch.until('store.available')
  await expect(store.queue.enqueue([entryOf('a', content)])).rejects.toBeInstanceOf(ContentMissingError)
  expect((await store.control.list({}, { limit: 10 })).items).toEqual([])
})

it('says lost where a settlement was done and its answer never came, and has spawned once', async () => {
  const server = await bench.start()
  const watch = createWatch()
  const store = await bench.open(server.url, { observer: watch.observer, commandTimeoutMs: 300 })
  await store.queue.enqueue([entryOf('M')])
  const [lease] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  // So that Redis knows the script, and one command is all it takes.
  await store.queue.settle([{ token: leaseToken('0:0:none'), kind: 'done' }])
  const spawn = [entryOf('report', await sealedContent(store, new Uint8Array(10)))]
  const settlement = { token: lease!.token, kind: 'done', spawn } as const
  process.kill(server.pid, 'SIGSTOP')
  try {
    await expect(store.queue.settle([settlement])).rejects.toBeInstanceOf(QueueUnavailableError)
    await watch.until('store.unavailable')
  } finally {
    process.kill(server.pid, 'SIGCONT')
  }
  await watch.until('store.available')
  // Redis had read the script before it hung, and ran it when it woke.
  expect(await store.queue.settle([settlement])).toEqual([{ kind: 'lost' }])
  const [spawned, ...others] = await store.queue.lease({ limit: 5, durationMs: LONG_MS, waitMs: 0 })
  expect(others).toEqual([])
  expect(spawned?.job).toBe('report')
  expect((await contentOf(store, spawned!)).length).toBe(10)
})
