import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { groupId } from '@postroad/envelope'
import { checkRedisStore, type Finding } from '../src/index.ts'
import { entryOf, sealedContent } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000
/** Sets a field of what is packed, or removes it. */
const PACK = `
local packed = cmsgpack.unpack(redis.call('GET', KEYS[1]))
packed[ARGV[1]] = ARGV[2] ~= '' and ARGV[2] or nil
redis.call('SET', KEYS[1], cmsgpack.pack(packed))
`
let admin: Redis
beforeAll(() => {
  admin = new Redis(redisUrl())
})
afterAll(() => admin.disconnect())

/** A store with an entry in every state, content of its own and shared, in small and large. Gives its keys' beginning. */
const fill = async (shards = 1): Promise<{ readonly prefix: string; readonly base: string }> => {
  const prefix = randomPrefix()
  const store = await bench.open(redisUrl(), { prefix, shards })
  for (const name of ['leased', 'held', 'ready']) {
    await store.queue.enqueue([entryOf(name, shards === 1 ? await sealedContent(store, new Uint8Array(9)) : undefined)])
  }
  if (shards === 1) {
    const shared = await sealedContent(store, new Uint8Array(600_000))
    await store.queue.enqueue([
      entryOf('shares', shared),
      { ...entryOf('shares'), id: 'shares.1' as never, content: shared },
    ])
  }
  await store.queue.enqueue([{ ...entryOf('waiting', undefined, 'later.example'), notBefore: Date.now() + LONG_MS }])
  await store.control.apply({ kind: 'hold', reason: 'asked' }, { ids: ['held.0' as never] }, { limit: 10 })
  await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  return { prefix, base: `{${prefix}:0}:` }
}

const check = async (prefix: string, shards = 1): Promise<readonly Finding[]> =>
  (await checkRedisStore({ url: redisUrl(), prefix, shards })).findings

it('finds nothing in a store that is sound', async () => {
  const { prefix } = await fill()
  expect(await checkRedisStore({ url: redisUrl(), prefix })).toEqual({ entries: 6, contents: 4, findings: [] })
})

it('looks into every shard', async () => {
  const { prefix } = await fill(3)
  expect(await check(prefix, 3)).toEqual([])
  for (const shard of [0, 1, 2]) await admin.zadd(`{${prefix}:${shard}}:groups`, 0, 'nothing.example')
  expect((await check(prefix, 3)).map(({ where }) => where)).toEqual(
    [0, 1, 2].map((shard) => `shard ${shard}, group nothing.example`),
  )
})

it.each<{ readonly damage: string; readonly command: readonly (string | number)[]; readonly found: string }>([
  {
    damage: 'an entry that is gone',
    command: ['DEL', 'entry:waiting.0'],
    found: 'entry waiting.0 in lane:0/later.example',
  },
  {
    damage: 'a lane that stands nowhere',
    command: ['ZREM', 'wake:0', 'later.example'],
    found: 'group later.example, priority 0',
  },
  {
    damage: 'a lane without its place',
    command: ['PACK', 'group:later.example', 'at:0', ''],
    found: 'group later.example, priority 0',
  },
  { damage: 'a ring that lost its group', command: ['DEL', 'ring:0'], found: 'group example.org, priority 0' },
  {
    damage: 'a lane that nobody opens',
    command: ['PACK', 'group:later.example', 'at:0', 'full'],
    found: 'group later.example, priority 0',
  },
  { damage: 'an entry in no lane', command: ['DEL', 'lane:0/later.example'], found: 'entry waiting.0' },
  {
    damage: 'an entry that is leased and says queued',
    command: ['PACK', 'entry:leased.0', 'state', ''],
    found: 'entry leased.0',
  },
  { damage: 'a lease that is not known', command: ['DEL', 'leases'], found: 'group example.org: counts 1, has 0' },
  {
    damage: 'a wrong count of leases',
    command: ['PACK', 'group:example.org', 'leased', 7],
    found: 'group example.org: counts 7, has 1',
  },
  {
    damage: 'a wrong count of held entries',
    command: ['PACK', 'group:example.org', 'held', 0],
    found: 'group example.org',
  },
  { damage: 'a held entry that is not listed', command: ['DEL', 'held:example.org'], found: 'entry held.0' },
  { damage: 'a group that is not listed', command: ['ZREM', 'groups', 'later.example'], found: 'entry waiting.0' },
])('finds $damage', async ({ command, found }) => {
  const { prefix, base } = await fill()
  const [name = '', key = '', ...rest] = command
  if (name === 'PACK') await admin.eval(PACK, 1, `${base}${key}`, ...rest)
  else await admin.call(String(name), `${base}${key}`, ...rest)
  const findings = await check(prefix)
  expect(findings.map(({ where }) => where)).toContain(`shard 0, ${found}`)
  expect(findings.every(({ severity }) => severity === 'damage')).toBe(true)
})

it('finds content that is gone, that counts wrong, and that nobody named', async () => {
  const { prefix, base } = await fill()
  const store = await bench.open(redisUrl(), { prefix })
  const ids = (await store.control.list({}, { limit: 100 })).items
  const shared = ids.find(({ id }) => id === 'shares.0')?.content
  const alone = ids.find(({ id }) => id === 'ready.0')?.content
  await admin.hset(`${base}content:${shared}`, 'refs', 1)
  await admin.set(`${base}refs:${alone}`, 2)
  await admin.hset(`${base}content:0-hnobody`, '0', 'x')
  const held = ids.find(({ id }) => id === 'held.0')?.content
  await admin.del(`${base}content:${held}`)
  const findings = await check(prefix)
  expect(findings.map(({ severity, where }) => `${severity}: ${where}`).toSorted()).toEqual(
    [
      `damage: shard 0, content ${shared}: counts 1, has 2`,
      'damage: shard 0, entry held.0',
      `leftover: shard 0, content ${alone}: counts 2, has 1`,
      'leftover: shard 0, content 0-hnobody',
    ].toSorted(),
  )
})

it('tells a hundred of a kind, and how many more there are', async () => {
  const { prefix, base } = await fill()
  for (let n = 0; n < 130; n += 1) await admin.zadd(`${base}groups`, 0, `g${n}.example`)
  const findings = await check(prefix)
  expect(findings).toHaveLength(101)
  expect(findings.at(-1)).toMatchObject({ severity: 'leftover', where: '30 more' })
})

it('finds nothing beside traffic', async () => {
  const prefix = randomPrefix()
  const store = await bench.open(redisUrl(), { prefix })
  let n = 0
  let ended = false
  const worker = async (): Promise<void> => {
    while (!ended) {
      const content = await sealedContent(store, new Uint8Array(100))
      await store.queue.enqueue([
        entryOf(`M${(n += 1)}`, content, `g${n % 7}.example`),
        { ...entryOf(`M${n}`, content, 'two.example'), id: `M${n}.1` as never },
      ])
      const leases = await store.queue.lease({ limit: 3, durationMs: LONG_MS, waitMs: 0 })
      await store.queue.settle(
        leases.map(({ token, job, attempt }) =>
          attempt === 0
            ? { token, kind: 'retry', job, notBefore: 0, group: groupId(`r${n % 5}.example`) }
            : { token, kind: 'done' },
        ),
      )
    }
  }
  const workers = [worker(), worker(), worker()]
  for (let round = 0; round < 5; round += 1) expect(await check(prefix)).toEqual([])
  ended = true
  await Promise.all(workers)
  expect(n).toBeGreaterThan(10)
})
