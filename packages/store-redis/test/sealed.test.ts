import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ContentMissingError } from '@postroad/queue'
import { expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { contentOf, entryOf, sealedContent } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

const bench = createBench()

const collectGarbage = async (): Promise<void> => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  for (let round = 0; round < 3; round += 1) {
    await nextTurn()
    collect()
  }
}

it('keeps nothing of content whose caller gave it up', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  await collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  for (let n = 0; n < 300; n += 1) await sealedContent(store, new Uint8Array(200_000))
  await collectGarbage()
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
})

it('keeps content for as long as an entry that holds it is', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  const entries = await Promise.all(
    Array.from({ length: 50 }, async (_, n) =>
      entryOf(`M${n}`, await sealedContent(store, new Uint8Array(10_000).fill(n))),
    ),
  )
  await collectGarbage()
  await Promise.all(entries.map((entry) => store.queue.enqueue([entry])))
  const leases = await store.queue.lease({ limit: 20, durationMs: 60_000, waitMs: 0 })
  expect(leases).toHaveLength(20)
  for (const lease of leases)
    expect((await contentOf(store, lease)).every((byte) => `M${byte}` === lease.job)).toBe(true)
})

it('does not take content that another store sealed', async () => {
  const [one, other] = [
    await bench.open(redisUrl(), { prefix: randomPrefix() }),
    await bench.open(redisUrl(), { prefix: randomPrefix() }),
  ]
  const content = await sealedContent(one, new Uint8Array(10))
  await expect(other.queue.enqueue([entryOf('a', content)])).rejects.toBeInstanceOf(ContentMissingError)
  await one.queue.enqueue([entryOf('a', content)])
})

it('lets a write after the end of the content fail', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  const writer = await store.spool.stage({ message: entryOf('M').id as never, ttlMs: 1_000 })
  await writer.seal({ prefix: new Uint8Array() })
  expect(() => writer.write(new Uint8Array(1))).toThrow(ContentMissingError)
  await expect(writer.seal({ prefix: new Uint8Array() })).rejects.toBeInstanceOf(ContentMissingError)
})

it('gives each message its own bytes, though the memory of those named before is used again', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix(), queue: { groupConcurrency: 1_000 } })
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const content = await sealedContent(store, new Uint8Array(9_000 + n).fill(n + round))
        // Two calls bring it, and the first that ends must not take its memory from the other.
        await Promise.all([
          store.queue.enqueue([entryOf(`${round}-${n}-${n + round}`, content)]),
          store.queue.enqueue([entryOf(`${round}+${n}-${n + round}`, content)]),
        ])
      }),
    )
  }
  const leases = await store.queue.lease({ limit: 1_000, durationMs: 60_000, waitMs: 0 })
  expect(leases).toHaveLength(600)
  await Promise.all(
    leases.map(async (lease) => {
      const byte = Number(lease.job.split('-').at(-1))
      expect((await contentOf(store, lease)).every((one) => one === byte)).toBe(true)
    }),
  )
})
