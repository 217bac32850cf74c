/** A store that is closed while it has no connection, or makes one. */

import { QueueUnavailableError } from '@postroad/queue'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { entryOf } from './entry.ts'
import { startFakeSentinel } from './fake-sentinel.ts'
import { createBench, createWatch } from './redis.ts'

const bench = createBench()

/** Sockets and timers of this process. */
const resources = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => ['TCPSocketWrap', 'TCPConnectWrap', 'TLSWrap'].includes(name))

it('leaves no socket where it is closed while it connects again and again', async () => {
  const server = await bench.start()
  const before = resources().length
  const watch = createWatch()
  const store = await bench.open(server.url, { observer: watch.observer })
  expect(resources().length).toBeGreaterThan(before)
  await server.kill('SIGKILL')
  await watch.until('store.unavailable')
  await store[Symbol.asyncDispose]()
  await expect.poll(() => resources().length).toBeLessThanOrEqual(before)
  await expect(store.queue.enqueue([entryOf('M')])).rejects.toThrow(QueueUnavailableError)
  expect(watch.events.map(({ type }) => type)).toEqual(['store.unavailable'])
})

it('leaves no socket where it is closed while a server that hangs is connected to', async () => {
  const server = await bench.start()
  const sentinel = await startFakeSentinel(server.port)
  const before = resources().length
  const watch = createWatch()
  const store = await bench.open(sentinel.url, { observer: watch.observer })
  await expect.poll(() => sentinel.asked).toBe(3)
  process.kill(server.pid, 'SIGSTOP')
  try {
    sentinel.tell(server.port)
    await watch.until('store.unavailable')
    await expect.poll(() => sentinel.asked).toBe(4)
    await store[Symbol.asyncDispose]()
    await expect.poll(() => resources().length, { timeout: 10_000 }).toBeLessThanOrEqual(before)
  } finally {
    process.kill(server.pid, 'SIGCONT')
    sentinel.stop()
  }
})

it('has as many sockets after ten reconnects as before', async () => {
  const server = await bench.start()
  const store = await bench.open(server.url)
  const before = resources().length
  const admin = new Redis(server.url)
  for (let n = 0; n < 10; n += 1) {
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await expect.poll(() => store.queue.enqueue([entryOf(`M${n}`)]).catch(String)).toBeUndefined()
  }
  admin.disconnect()
  await expect.poll(() => resources().length).toBeLessThanOrEqual(before)
})
