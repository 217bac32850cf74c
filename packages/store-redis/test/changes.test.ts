import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { MOST_CHANGED } from '../src/scripts/lanes.ts'
import { entryOf } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000

it('keeps nothing while nobody follows', async () => {
  const prefix = randomPrefix()
  const store = await bench.open(redisUrl(), { prefix })
  const admin = new Redis(redisUrl())
  await store.queue.enqueue([entryOf('a')])
  expect(await admin.exists(`{${prefix}:0}:changed`)).toBe(0)
  await store.control.changes({ limit: 1, waitMs: 0 })
  await store.queue.enqueue([entryOf('b')])
  expect(await admin.zcard(`{${prefix}:0}:changed`)).toBe(1)
  expect(await admin.pttl(`{${prefix}:0}:changed`)).toBeGreaterThan(0)
  admin.disconnect()
})

it('begins anew once nobody followed for a minute', async () => {
  const prefix = randomPrefix()
  const store = await bench.open(redisUrl(), { prefix })
  const admin = new Redis(redisUrl())
  const { cursor } = await store.control.changes({ limit: 1, waitMs: 0 })
  expect(await admin.pttl(`{${prefix}:0}:watched`)).toBeGreaterThan(50_000)
  // What Redis does after that minute.
  await admin.del(`{${prefix}:0}:watched`)
  admin.disconnect()
  await store.queue.enqueue([entryOf('a')])
  const changes = await store.control.changes({ cursor, limit: 1, waitMs: LONG_MS })
  expect(changes).toMatchObject({ groups: [], restarted: true })
  expect(await store.control.changes({ cursor: changes.cursor, limit: 1, waitMs: 0 })).toMatchObject({
    restarted: false,
  })
})

it('forgets the oldest changes beyond the most, and says so to who has not read them', async () => {
  const prefix = randomPrefix()
  const store = await bench.open(redisUrl(), { prefix })
  const admin = new Redis(redisUrl())
  const { cursor } = await store.control.changes({ limit: 1, waitMs: 0 })
  const fill = String.raw`
    local args = {}
    for n = 1, 2000 do args[2 * n - 1] = redis.call('INCR', KEYS[2]); args[2 * n] = 'g' .. args[2 * n - 1] end
    return redis.call('ZADD', KEYS[1], unpack(args))`
  const [changed, seq] = [`{${prefix}:0}:changed`, `{${prefix}:0}:seq`]
  for (let n = 0; n < MOST_CHANGED; n += 2_000) await admin.eval(fill, 2, changed, seq)
  await store.queue.enqueue([entryOf('a')])
  expect(await admin.zcard(changed)).toBeLessThanOrEqual(MOST_CHANGED + 1)
  const changes = await store.control.changes({ cursor, limit: 1, waitMs: 0 })
  expect(changes.restarted).toBe(true)
  await store.queue.enqueue([entryOf('b')])
  const next = await store.control.changes({ cursor: changes.cursor, limit: 10, waitMs: 0 })
  expect(next.groups.map(({ group }) => group)).toEqual(['example.org'])
  admin.disconnect()
})

it('costs one command in a script where nobody follows', async () => {
  const server = await bench.start()
  const store = await bench.open(server.url)
  const admin = new Redis(server.url)
  const commands = async (name: string): Promise<string[]> => {
    await admin.config('RESETSTAT')
    await store.queue.enqueue([entryOf(name)])
    const stats = await admin.info('commandstats')
    return [...stats.matchAll(/^cmdstat_(mget|exists|zcard|zadd|incrby):calls=(\d+)/gm)].map(
      ([, word, n]) => `${word} ${n}`,
    )
  }
  await commands('first')
  const quiet = await commands('a')
  // The groups are read with one, who listens with another.
  expect(quiet).toContain('mget 2')
  await store.control.changes({ limit: 1, waitMs: 0 })
  expect((await commands('b')).length).toBeGreaterThan(quiet.length)
  admin.disconnect()
})

it('tells of a message with 5,000 groups', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  let { cursor } = await store.control.changes({ limit: 1, waitMs: 0 })
  await store.queue.enqueue(
    Array.from({ length: 5_000 }, (_, n) => ({ ...entryOf('M', undefined, `g${n}`), id: `M.${n}` as never })),
  )
  const groups = new Set<string>()
  for (let n = 0; n < 5; n += 1) {
    const changes = await store.control.changes({ cursor, limit: 1_000, waitMs: 0 })
    for (const { group } of changes.groups) groups.add(group)
    cursor = changes.cursor
  }
  expect(groups.size).toBe(5_000)
})
