/** A word of the Sentinels that another server is the master, at moments when it is easily missed. */

import { ask, type StartedRedis } from '@postroad/tooling-redis'
import { afterEach, expect, it } from 'vitest'
import { entryOf } from './entry.ts'
import { type FakeSentinel, startFakeSentinel } from './fake-sentinel.ts'
import { createBench, createWatch } from './redis.ts'

const bench = createBench()
let sentinel: FakeSentinel | undefined

afterEach(() => sentinel?.stop())

/** Two masters, for the old one does not know yet that it is none; and a Sentinel that names the first. */
const start = async (): Promise<{ before: StartedRedis; after: StartedRedis; fake: FakeSentinel }> => {
  const [before, after] = [await bench.start(), await bench.start()]
  sentinel = await startFakeSentinel(before.port)
  return { before, after, fake: sentinel }
}

const has = async ({ port }: StartedRedis, name: string): Promise<boolean> =>
  (await ask(port, 'EXISTS', `{postroad:0}:entry:${name}.0`)) === '1'

/** All who ask at first have asked: for the commands, for words of work, and once one of them listens. */
const settled = (fake: FakeSentinel): Promise<void> => expect.poll(() => fake.asked).toBe(3)

/** How many connections listen to words of work. */
const listening = async ({ port }: StartedRedis): Promise<number> =>
  (await ask(port, 'CLIENT', 'LIST')).split('\n').filter((line) => line.includes(' sub=1 ')).length

it('leaves the old master when told', async () => {
  const { before, after, fake } = await start()
  const watch = createWatch()
  const store = await bench.open(fake.url, { observer: watch.observer })
  await settled(fake)
  fake.master = after.port
  fake.tell(before.port)
  await watch.until('store.available')
  await store.queue.enqueue([entryOf('M')])
  expect([await has(before, 'M'), await has(after, 'M')]).toEqual([false, true])
})

it('leaves the old master when it was told while it did not listen, and the connection for words of work knew it first', async () => {
  const { before, after, fake } = await start()
  const watch = createWatch()
  const store = await bench.open(fake.url, { observer: watch.observer })
  await settled(fake)
  fake.isHeard = false
  fake.hangUp()
  fake.master = after.port
  await ask(before.port, 'CLIENT', 'KILL', 'TYPE', 'pubsub')
  await expect.poll(() => listening(after)).toBe(1)
  fake.isHeard = true
  await watch.until('store.available')
  await store.queue.enqueue([entryOf('M')])
  expect([await has(before, 'M'), await has(after, 'M')]).toEqual([false, true])
})

it('does not use the old master where it was told while it connected to that', async () => {
  const { before, after, fake } = await start()
  const watch = createWatch()
  const store = await bench.open(fake.url, { observer: watch.observer, commandTimeoutMs: 15_000 })
  await settled(fake)
  // What connects now is taken by the kernel, and answered when it wakes.
  await ask(before.port, 'CLIENT', 'KILL', 'TYPE', 'normal')
  process.kill(before.pid, 'SIGSTOP')
  try {
    await expect.poll(() => fake.asked).toBe(4)
    fake.master = after.port
    fake.tell(before.port)
  } finally {
    process.kill(before.pid, 'SIGCONT')
  }
  await watch.until('store.available')
  await store.queue.enqueue([entryOf('M')])
  expect([await has(before, 'M'), await has(after, 'M')]).toEqual([false, true])
})
