import { QueueUnavailableError } from '@postroad/queue'
import { ask, becomes, type StartedSentinels } from '@postroad/tooling-redis'
import { expect, it } from 'vitest'
import { entryOf } from './entry.ts'
import { createBench, createWatch } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000

/** A master and a replica; the Sentinels take nothing for gone while these tests stop it. */
const start = (): Promise<StartedSentinels> => bench.startSentinels({ sentinels: 1, downAfterMs: LONG_MS })

const callsOf = async (port: number, command: string): Promise<number> => {
  const [, calls = '0'] =
    new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await ask(port, 'INFO', 'commandstats')) ?? []
  return Number(calls)
}

/** Stops the replica for a while: it is there and answers nothing. */
const withReplicaStopped = async ({ replicas }: StartedSentinels, use: () => Promise<void>): Promise<void> => {
  const [replica] = replicas
  process.kill(replica!.pid, 'SIGSTOP')
  try {
    await use()
  } finally {
    process.kill(replica!.pid, 'SIGCONT')
  }
}

it('has on the replica what it acknowledged', async () => {
  const servers = await start()
  const store = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 10_000 } })
  for (let n = 0; n < 20; n += 1) {
    await store.queue.enqueue([entryOf(`M${n}`)])
    expect(await ask(servers.replicas[0]!.port, 'EXISTS', `{postroad:0}:entry:M${n}.0`)).toBe('1')
  }
})

it('rejects what too few replicas confirm, and the repeat of it, which changes nothing, as well', async () => {
  const servers = await start()
  const store = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 200 } })
  const patient = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 10_000 } })
  await patient.queue.enqueue([entryOf('before')])
  await withReplicaStopped(servers, async () => {
    await expect(store.queue.enqueue([entryOf('M')])).rejects.toThrow(/0 of the 1 replicas .* within 200 ms/)
    // The master has it; nobody else does.
    expect(await ask(servers.master.port, 'EXISTS', '{postroad:0}:entry:M.0')).toBe('1')
    // WAIT covers what its own connection wrote: each repeat writes, though it adds nothing.
    const written = async (): Promise<number> => Number(await ask(servers.master.port, 'GET', '{postroad:0}:confirmed'))
    for (let n = 0; n < 3; n += 1) {
      const before = await written()
      await expect(store.queue.enqueue([entryOf('M')])).rejects.toBeInstanceOf(QueueUnavailableError)
      expect(await written()).toBe(before + 1)
    }
    // Also from another process, whose connections wrote nothing yet.
    const other = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 200 } })
    await expect(other.queue.enqueue([entryOf('M')])).rejects.toBeInstanceOf(QueueUnavailableError)
  })
  await becomes(servers.master.port, ['INFO', 'replication'], (text) => /slave0:.*state=online/.test(text))
  await patient.queue.enqueue([entryOf('M')])
  expect(await ask(servers.replicas[0]!.port, 'EXISTS', '{postroad:0}:entry:M.0')).toBe('1')
  expect((await store.control.list({}, { limit: 10 })).items).toHaveLength(2)
})

it('asks once for all that was written while the round before was under way', async () => {
  const servers = await start()
  const store = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 10_000 } })
  await store.queue.enqueue([entryOf('first')])
  const before = await callsOf(servers.master.port, 'wait')
  await Promise.all(Array.from({ length: 200 }, (_, n) => store.queue.enqueue([entryOf(`M${n}`)])))
  const rounds = (await callsOf(servers.master.port, 'wait')) - before
  expect(rounds).toBeGreaterThanOrEqual(1)
  expect(rounds).toBeLessThan(40)
})

it('ends and reads while a replica hangs; what must be kept is refused', async () => {
  const servers = await start()
  const store = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 300 } })
  const patient = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 10_000 } })
  for (const name of ['a', 'b', 'c', 'd']) await patient.queue.enqueue([entryOf(name)])
  const leases = await store.queue.lease({ limit: 4, durationMs: LONG_MS, waitMs: 0 })
  const [a, b, c, d] = leases.map(({ token }) => token)
  await withReplicaStopped(servers, async () => {
    const hanging = store.queue.enqueue([entryOf('e')]).catch((error: unknown) => error)
    expect(await store.queue.settle([{ token: a!, kind: 'done' }])).toMatchObject([{ kind: 'settled' }])
    await store.control.counts({ limit: 10 })
    expect(await hanging).toBeInstanceOf(QueueUnavailableError)
    const kept = [
      () => store.queue.renew(b!, { durationMs: LONG_MS }),
      () => store.queue.renew(b!, { durationMs: LONG_MS, job: 'so far' }),
      () => store.queue.settle([{ token: b!, kind: 'retry', job: 'b', notBefore: 0 }]),
      () => store.queue.settle([{ token: c!, kind: 'hold', job: 'c', reason: 'asked' }]),
      () => store.queue.settle([{ token: d!, kind: 'done', spawn: [entryOf('report')] }]),
      () => store.control.pause('example.org' as never, Date.now() + LONG_MS),
      () => store.control.apply({ kind: 'drop' }, {}, { limit: 10 }),
    ]
    for (const call of kept) await expect(call()).rejects.toBeInstanceOf(QueueUnavailableError)
  })
})

it('gives back what was leased and not confirmed, as if it had not been', async () => {
  const servers = await start()
  const store = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 200 } })
  const patient = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 10_000 } })
  for (const name of ['a', 'b', 'c']) await patient.queue.enqueue([entryOf(name)])
  const [first] = await patient.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  await patient.queue.settle([{ token: first!.token, kind: 'retry', job: 'again', notBefore: 0 }])
  const request = { limit: 10, durationMs: LONG_MS, waitMs: 0 }
  await withReplicaStopped(servers, async () => {
    for (let n = 0; n < 4; n += 1) {
      await expect(store.queue.lease(request)).rejects.toThrow(/0 of the 1 replicas/)
    }
    await becomes(servers.master.port, ['ZCARD', '{postroad:0}:leases'], (text) => text === '0')
  })
  expect(await store.control.counts({ limit: 10 })).toMatchObject({ items: [{ ready: 3, leased: 0, held: 0 }] })
  await becomes(servers.master.port, ['INFO', 'replication'], (text) => /slave0:.*state=online/.test(text))
  const leases = await patient.queue.lease(request)
  expect(leases.map(({ job, attempt, recovered }) => ({ job, attempt, recovered }))).toEqual([
    { job: 'b', attempt: 0, recovered: false },
    { job: 'c', attempt: 0, recovered: false },
    { job: 'again', attempt: 1, recovered: false },
  ])
})

it('answers a plain done at once, though a retry of the same turn is not confirmed', async () => {
  const servers = await start()
  const patient = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 10_000 } })
  for (const name of ['a', 'b']) await patient.queue.enqueue([entryOf(name)])
  const store = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 200 } })
  const [a, b] = await store.queue.lease({ limit: 2, durationMs: LONG_MS, waitMs: 0 })
  await withReplicaStopped(servers, async () => {
    const [done, retried] = await Promise.allSettled([
      store.queue.settle([{ token: a!.token, kind: 'done' }]),
      store.queue.settle([{ token: b!.token, kind: 'retry', job: 'b', notBefore: 0 }]),
    ])
    expect(done.status).toBe('fulfilled')
    expect(retried).toMatchObject({ status: 'rejected', reason: expect.any(QueueUnavailableError) })
  })
})

it('refuses a crowd within two rounds while a replica hangs', async () => {
  const servers = await start()
  const store = await bench.open(servers.url, { replicas: { acknowledge: 1, timeoutMs: 200 } })
  await withReplicaStopped(servers, async () => {
    const before = await callsOf(servers.master.port, 'wait')
    const crowd = Array.from({ length: 400 }, (_, n) => store.queue.enqueue([entryOf(`M${n}`)]))
    const ended = await Promise.allSettled(crowd)
    expect(ended.every(({ status }) => status === 'rejected')).toBe(true)
    expect((await callsOf(servers.master.port, 'wait')) - before).toBeLessThanOrEqual(2)
  })
})

it('goes on asking after an outage, and when the memory of Redis is full', async () => {
  const servers = await start()
  const watch = createWatch()
  const store = await bench.open(servers.url, {
    replicas: { acknowledge: 1, timeoutMs: 10_000 },
    observer: watch.observer,
  })
  await ask(servers.master.port, 'CLIENT', 'KILL', 'TYPE', 'normal')
  await watch.until('store.available')
  await store.queue.enqueue([entryOf('M')])
  const [lease] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  await ask(servers.master.port, 'CONFIG', 'SET', 'maxmemory', '1')
  expect(await store.queue.renew(lease!.token, { durationMs: LONG_MS, job: 'so far' })).toBe('renewed')
  await expect(store.queue.enqueue([entryOf('N')])).rejects.toThrow(/memory of Redis is full/)
})

it.each([
  { acknowledge: 0 },
  { acknowledge: 1.5 },
  { acknowledge: 1, timeoutMs: 0 },
  // WAIT takes whole milliseconds, and would refuse each round.
  { acknowledge: 1, timeoutMs: 1.5 },
  { acknowledge: 1, timeoutMs: Infinity },
])('refuses %j', async (replicas) => {
  await expect(bench.open('redis://127.0.0.1:1', { replicas })).rejects.toBeInstanceOf(TypeError)
})
