import { inspect } from 'node:util'
import { QueueUnavailableError } from '@postroad/queue'
import { contractCodec } from '@postroad/queue/testing'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { openRedisStore, RedisStoreError } from '../src/index.ts'
import { entryOf } from './entry.ts'
import { createBench, createWatch, randomPrefix } from './redis.ts'

const bench = createBench()

describe('a Redis that does not promise enough', () => {
  it.each([
    { setting: 'appendfsync', value: 'everysec', needed: 'always' },
    { setting: 'appendonly', value: 'no', needed: 'yes' },
    { setting: 'maxmemory-policy', value: 'allkeys-lru', needed: 'noeviction' },
    { setting: 'no-appendfsync-on-rewrite', value: 'yes', needed: 'no' },
  ])('is refused: $setting $value', async ({ setting, value, needed }) => {
    const server = await bench.start({ extraArgs: [`--${setting}`, value] })
    const refusal = await bench.open(server.url).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(RedisStoreError)
    expect(refusal).toMatchObject({
      code: 'REDIS_NOT_DURABLE',
      message: expect.stringContaining(`${setting} is "${value}"`),
    })
    expect(String(refusal)).toContain(`CONFIG SET ${setting} ${needed}`)
    const store = await bench.open(server.url, { durability: 'relaxed' })
    await store.queue.enqueue([entryOf('a')])
    expect(await store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })).toHaveLength(1)
  })

  it('is refused with all that is wrong at once', async () => {
    const server = await bench.start({ extraArgs: ['--appendfsync', 'no', '--maxmemory-policy', 'allkeys-lru'] })
    await expect(bench.open(server.url)).rejects.toThrow(/appendfsync is "no", maxmemory-policy is "allkeys-lru"/)
  })

  it('is refused where CONFIG is, for nothing else tells appendfsync', async () => {
    const server = await bench.start()
    const admin = new Redis(server.url)
    await admin.acl('SETUSER', 'mail', 'on', '>secret', '~*', '&*', '+@all', '-config')
    const url = server.url.replace('redis://', 'redis://mail:secret@')
    await expect(bench.open(url)).rejects.toThrow(/appendfsync is not told.*\+config\|get/)
    await admin.acl('SETUSER', 'mail', '+config|get')
    await bench.open(url)
    admin.disconnect()
  })

  it('is refused when it comes back so, and taken again once it is set right', async () => {
    const first = await bench.start()
    const watch = createWatch()
    const store = await bench.open(first.url, { observer: watch.observer })
    await first.kill('SIGKILL')
    await watch.until('store.unavailable')
    const second = await bench.start({ port: first.port, folder: first.folder, extraArgs: ['--appendfsync', 'no'] })
    await watch.until('store.refused')
    await expect(store.queue.enqueue([entryOf('a')])).rejects.toThrow(/appendfsync is "no"/)
    const admin = new Redis(second.url)
    await admin.config('SET', 'appendfsync', 'always')
    admin.disconnect()
    await watch.until('store.available')
    await store.queue.enqueue([entryOf('a')])
  })
})

it('rejects with QueueUnavailableError where there is no Redis', async () => {
  const server = await bench.start()
  await server.stop()
  await expect(bench.open(server.url)).rejects.toBeInstanceOf(QueueUnavailableError)
})

it('shows neither password nor message content in its errors', async () => {
  const server = await bench.start()
  const refused = await bench
    .open(server.url.replace('redis://', 'redis://mail:hunter2@'))
    .catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(QueueUnavailableError)
  expect(inspect(refused, { depth: null, showHidden: true })).not.toContain('hunter2')

  const store = await bench.open(server.url)
  const admin = new Redis(server.url)
  await admin.acl('SETUSER', 'default', '-evalsha')
  const failed = await store.queue.enqueue([{ ...entryOf('a'), job: 'a secret job' }]).catch((error: unknown) => error)
  admin.disconnect()
  expect(failed).toBeInstanceOf(QueueUnavailableError)
  expect(inspect(failed, { depth: null, showHidden: true })).not.toContain('a secret job')
})

it('refuses a format it does not know and leaves it as it is', async () => {
  const prefix = randomPrefix()
  const admin = new Redis(redisUrl())
  await admin.set(`{${prefix}:0}:format`, '99')
  await expect(bench.open(redisUrl(), { prefix })).rejects.toMatchObject({ code: 'REDIS_FORMAT_UNKNOWN' })
  expect(await admin.get(`{${prefix}:0}:format`)).toBe('99')
  admin.disconnect()
})

it.each(['', 'a{b', 'a}b'])('refuses the prefix "%s", which would break the hash tag', async (prefix) => {
  await expect(openRedisStore({ url: redisUrl(), prefix, codec: contractCodec })).rejects.toBeInstanceOf(TypeError)
})

it('reads the time from Redis where no test passes one', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  const admin = new Redis(redisUrl())
  const instant = async (): Promise<number> => {
    const [seconds, micros] = await admin.time()
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
  }
  const before = await instant()
  await store.queue.enqueue([entryOf('a')])
  const after = await instant()
  admin.disconnect()
  const [lease] = await store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })
  expect(lease?.enqueuedAt).toBeGreaterThanOrEqual(before)
  expect(lease?.enqueuedAt).toBeLessThanOrEqual(after)
})

it.each([0, -1, Number.NaN, Infinity, 2 ** 31])(
  'refuses a time of %d ms for an answer, which no timer takes',
  async (ms) => {
    await expect(bench.open(redisUrl(), { prefix: randomPrefix(), commandTimeoutMs: ms })).rejects.toThrow(
      new TypeError('commandTimeoutMs of a store on Redis is no number from 1 to 3600000'),
    )
  },
)
