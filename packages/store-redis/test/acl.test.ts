import { readdir, readFile } from 'node:fs/promises'
import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { ask, type StartedRedis } from '@postroad/tooling-redis'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import type { RedisStoreOptions } from '../src/index.ts'
import { contentOf, entryOf, sealedContent } from './entry.ts'
import { createBench } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000
const GUIDE = new URL('../../../docs/guides/redis.md', import.meta.url)
const SOURCES = new URL('../src/', import.meta.url)

/** The user of the guide, as words of a command. */
const userOfGuide = async (): Promise<readonly string[]> => {
  const text = await readFile(GUIDE, 'utf8')
  const [, line] = /^(ACL SETUSER [\s\S]*?)\n```/m.exec(text) ?? []
  return (line ?? '').replaceAll('\\\n', ' ').split(/\s+/)
}

const startWithUser = async (): Promise<StartedRedis & { userUrl: string }> => {
  const server = await bench.start()
  expect(await ask(server.port, ...(await userOfGuide()))).toBe('OK')
  return { ...server, userUrl: server.url.replace('//', '//postroad:a-long-password@') }
}

/** Commands and keys that a server has refused to somebody. */
const refusedOn = async (server: StartedRedis): Promise<readonly string[]> => {
  const admin = new Redis(server.url)
  const entries: unknown = await admin.acl('LOG')
  admin.disconnect()
  const rows: readonly unknown[] = Array.isArray(entries) ? entries : []
  return rows.map((row) => {
    const fields: readonly unknown[] = Array.isArray(row) ? row : []
    return String(fields[fields.indexOf('object') + 1])
  })
}

/** Uses every port of a store. */
const exercise = async (url: string, options: Partial<RedisStoreOptions<string>> = {}): Promise<void> => {
  const store = await bench.open(url, options)
  const { queue, control, spool, limits, journal } = store
  const waiting = queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: LONG_MS })
  await queue.enqueue([entryOf('M0', await sealedContent(store, new Uint8Array(600_000)))])
  const [first] = await waiting
  expect((await contentOf(store, first!)).length).toBe(600_000)
  expect(await queue.renew(first!.token, { durationMs: LONG_MS, job: 'so far' })).toBe('renewed')
  const record = { at: 1, event: 'attempt.delivered', detail: {} }
  const report = entryOf('report', await sealedContent(store, new Uint8Array(10)))
  await queue.settle([{ token: first!.token, kind: 'done', feedback: 'slow', record, spawn: [report] }])
  for (let n = 1; n < 10; n += 1) {
    await queue.enqueue([{ ...entryOf(`M${n}`), notBefore: n > 6 ? Date.now() + LONG_MS : 0 }])
  }
  const leases = await queue.lease({ limit: 10, durationMs: 1, waitMs: 0 })
  await queue.lease({ limit: 10, durationMs: 1, waitMs: 1 })
  const [a, b, ...others] = leases.map(({ token }) => token)
  await queue.settle([
    { token: a!, kind: 'retry', job: 'a', notBefore: Date.now() + LONG_MS, group: groupId('other'), feedback: 'down' },
    { token: b!, kind: 'hold', job: 'b', reason: 'asked', reply: '550 no' },
    ...others.map((token) => ({ token, kind: 'done', feedback: 'ok' }) as const),
  ])
  await queue.lease({ limit: 10, durationMs: 1, waitMs: 50 })
  for (const state of ['ready', 'waiting', 'leased', 'held'] as const) {
    await control.list({ state }, { limit: 10 })
    await control.list({ state, group: groupId('example.org') }, { limit: 10 })
  }
  const changes = await control.changes({ limit: 10, waitMs: 0 })
  await control.pause(groupId('example.org'), Date.now() + LONG_MS)
  await control.limit(groupId('example.org'), 3)
  await control.resume(groupId('example.org'))
  await control.changes({ cursor: changes.cursor, limit: 10, waitMs: 0 })
  await control.counts({ limit: 10 })
  await control.list({ group: groupId('example.org') }, { limit: 10 })
  const ids = [createEntryId(messageId('M9'), 0)]
  for (const action of [
    { kind: 'hold', reason: 'asked' } as const,
    { kind: 'reroute', group: groupId('third') } as const,
    { kind: 'release' } as const,
    { kind: 'retry' } as const,
    { kind: 'drop' } as const,
  ]) {
    await control.apply(action, { ids }, { limit: 10 })
  }
  const keys = [
    { kind: 'rate', name: 'r', tokens: 10, perMs: 1_000 },
    { kind: 'concurrency', name: 'c', places: 3 },
  ] as const
  const permit = await limits.take(keys, 1, 1_000)
  if (permit.kind === 'permit') {
    await limits.extend(permit, 1_000)
    await limits.give(permit)
  }
  await limits.mark('k', 1_000)
  await journal.write([{ ...record, message: messageId('M1') }])
  expect(await journal.read(messageId('M1'))).not.toEqual([])
  const writer = await spool.stage({ message: messageId('M'), ttlMs: 1_000 })
  await writer.write(new Uint8Array(300_000))
  await writer.abort()
  await spool.sweep(async () => new Set())
}

it('works as the user of the guide, who may do nothing else', async () => {
  const server = await startWithUser()
  await exercise(server.userUrl)
  // What was refused; the client library tells its name, and need not.
  expect((await refusedOn(server)).filter((name) => !name.startsWith('client'))).toEqual([])
  const user = new Redis(server.userUrl)
  user.on('error', () => {})
  try {
    await expect(user.flushall()).rejects.toThrow('NOPERM')
    await expect(user.get('other')).rejects.toThrow('NOPERM')
    await expect(user.keys('*')).rejects.toThrow('NOPERM')
    await expect(user.config('SET', 'appendonly', 'no')).rejects.toThrow('NOPERM')
    expect(await refusedOn(server)).toEqual(expect.arrayContaining(['flushall', 'config|set', 'keys', 'other']))
  } finally {
    user.disconnect()
  }
})

it('works as that user in a cluster, and where replicas must confirm', async () => {
  const cluster = await bench.startCluster({ masters: 1, replicas: 1 })
  const user = await userOfGuide()
  for (const { port } of [...cluster.masters, ...cluster.replicas]) await ask(port, ...user)
  const url = cluster.url.replace('//', '//postroad:a-long-password@')
  await exercise(url, { shards: 1, replicas: { acknowledge: 1 } })
})

it('is allowed every command that a script calls, and no other data command', async () => {
  const allowed = new Set((await userOfGuide()).flatMap((word) => (word.startsWith('+') ? [word.slice(1)] : [])))
  const files = (await readdir(SOURCES, { recursive: true })).filter((name) => name.endsWith('.ts'))
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, SOURCES), 'utf8')))
  const called = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/(?:redis\.call\(|many\(\w+, )'([A-Z]+)'/g)].map(([, name]) => String(name).toLowerCase()),
    ),
  )
  // Not for the user of the URL, or not of every release.
  for (const name of ['sentinel', 'waitaof']) called.delete(name)
  // Those that are sent without a script.
  for (const name of [
    'cluster|slots',
    'config|get',
    'evalsha',
    'exec',
    'getrange',
    'hmget',
    'info',
    'lrange',
    'multi',
    'subscribe',
    'select',
  ])
    called.add(name)
  called.delete('cluster')
  expect([...allowed].toSorted()).toEqual([...called].toSorted())
})

it('opens relaxed where INFO is refused to the user', async () => {
  const server = await bench.start()
  expect(await ask(server.port, 'ACL', 'SETUSER', 'blind', 'on', '>pw', '~*', '&*', '+@all', '-info', '-config')).toBe(
    'OK',
  )
  const store = await bench.open(server.url.replace('//', '//blind:pw@'), { durability: 'relaxed' })
  await store.queue.enqueue([entryOf('M', await sealedContent(store, new Uint8Array(10)))])
  const [lease] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  expect((await contentOf(store, lease!)).length).toBe(10)
})
