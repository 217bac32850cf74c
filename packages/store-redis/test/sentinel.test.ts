import { QueueUnavailableError, type Store } from '@postroad/queue'
import { ask } from '@postroad/tooling-redis'
import { expect, it } from 'vitest'
import { contentOf, entryOf, sealedContent } from './entry.ts'
import { createBench, createWatch } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000

const leaseJobs = async (store: Store<string>): Promise<Set<string>> => {
  const found = new Set<string>()
  for (;;) {
    const leases = await store.queue.lease({ limit: 100, durationMs: LONG_MS, waitMs: 0 })
    if (leases.length === 0) return found
    for (const lease of leases) {
      if (lease.content !== undefined) expect((await contentOf(store, lease)).length).toBe(10_000)
      found.add(lease.job)
    }
  }
}

it('goes on with the replica that Sentinels promote when the master is killed, and loses nothing that was confirmed', async () => {
  const servers = await bench.startSentinels({ replicas: 2 })
  const watch = createWatch()
  const queue = { groupConcurrency: 100_000 }
  const store = await bench.open(servers.url, { replicas: { acknowledge: 1 }, observer: watch.observer, queue })
  const acknowledged = new Set<string>()
  let killed: Promise<void> | undefined
  const producer = async (worker: number): Promise<void> => {
    for (let n = 0; killed === undefined; n += 1) {
      const name = `M${worker}x${n}`
      try {
        await store.queue.enqueue([entryOf(name, await sealedContent(store, Buffer.alloc(10_000, name)))])
        acknowledged.add(name)
      } catch (error) {
        expect(error).toBeInstanceOf(QueueUnavailableError)
      }
      if (acknowledged.size >= 100) killed ??= servers.master.kill('SIGKILL')
    }
  }
  await Promise.all([1, 2, 3, 4, 5].map((worker) => producer(worker)))
  await killed
  await watch.until('store.unavailable')
  // At once, not after the fail-over.
  await expect(store.queue.enqueue([entryOf('away')])).rejects.toBeInstanceOf(QueueUnavailableError)
  await servers.promoted()
  await watch.until('store.available')

  const found = await leaseJobs(store)
  expect([...acknowledged].filter((name) => !found.has(name))).toEqual([])
  // The other replica follows the new master, and confirms.
  await expect.poll(() => store.queue.enqueue([entryOf('after')]).catch(String), { timeout: 15_000 }).toBeUndefined()
  expect(await leaseJobs(store)).toEqual(new Set(['after']))
})

it('leaves a master that is alive when Sentinels name another, and gives no number of a lease twice', async () => {
  const servers = await bench.startSentinels()
  const watch = createWatch()
  const store = await bench.open(servers.url, { observer: watch.observer })
  await store.queue.enqueue([entryOf('M')])
  const [before] = await store.queue.lease({ limit: 1, durationMs: 1, waitMs: 0 })
  await ask(servers.sentinels[0]!.port, 'SENTINEL', 'FAILOVER', 'mymaster')
  const promoted = await servers.promoted()
  await watch.until('store.available')
  await expect.poll(() => store.queue.enqueue([entryOf('N')]).catch(String), { timeout: 10_000 }).toBeUndefined()
  expect(await ask(promoted.port, 'EXISTS', '{postroad:0}:entry:N.0')).toBe('1')
  const after = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 5_000 })
  const fenceOf = (token: string): number => Number(token.split(':')[1])
  expect(fenceOf(after[0]!.token)).toBeGreaterThan(fenceOf(before!.token) + 900_000)
})

it('checks again what the promoted one promises, and wakes workers there', async () => {
  const servers = await bench.startSentinels({ sentinels: 1 })
  const watch = createWatch()
  const store = await bench.open(servers.url, { observer: watch.observer })
  const [replica] = servers.replicas
  await ask(replica!.port, 'CONFIG', 'SET', 'appendfsync', 'everysec')
  const waiting = store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: LONG_MS }).catch(() => 'away')
  await servers.master.kill('SIGKILL')
  await watch.until('store.refused')
  await expect(store.queue.enqueue([entryOf('M')])).rejects.toThrow(/appendfsync is "everysec"/)
  // A worker that waits hears of an outage after a second.
  expect(await waiting).toBe('away')
  await ask(replica!.port, 'CONFIG', 'SET', 'appendfsync', 'always')
  await watch.until('store.available')
  const again = store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: LONG_MS })
  await store.queue.enqueue([entryOf('M')])
  expect(await again).toMatchObject([{ job: 'M' }])
})

it('opens where some of the Sentinels are away, and says so where none knows the master', async () => {
  const servers = await bench.startSentinels()
  const [first, second, third] = servers.sentinels
  await first!.kill('SIGKILL')
  await bench.open(servers.url)
  await expect(bench.open(servers.url.replace('mymaster', 'other'))).rejects.toThrow(/knows no master "other"/)
  await second!.kill('SIGKILL')
  await third!.kill('SIGKILL')
  await expect(bench.open(servers.url)).rejects.toThrow(/no Sentinel says where the master is/)
})

it('shows itself to Sentinels with a password of their own, which stands in no error', async () => {
  const servers = await bench.startSentinels({ sentinels: 1 })
  const [sentinel] = servers.sentinels
  await ask(sentinel!.port, 'CONFIG', 'SET', 'requirepass', 'hunter2').catch(() =>
    ask(sentinel!.port, 'ACL', 'SETUSER', 'default', 'on', 'resetpass', '>hunter2'),
  )
  await expect(bench.open(servers.url)).rejects.toThrow(/NOAUTH/)
  await bench.open(servers.url, { sentinel: { password: 'hunter2' } })
  const refused = await bench.open(servers.url, { sentinel: { password: 'hunter3' } }).catch(String)
  expect(refused).toContain('WRONGPASS')
  expect(refused).not.toContain('hunter')
})

it('needs no more of Sentinels than the guide says', async () => {
  const servers = await bench.startSentinels({ sentinels: 1 })
  const [sentinel] = servers.sentinels
  const user = ['mail', 'on', '>secret', '-@all', '+sentinel|get-master-addr-by-name', '+subscribe']
  await ask(sentinel!.port, 'ACL', 'SETUSER', ...user, 'resetchannels', '&+switch-master')
  const watch = createWatch()
  const store = await bench.open(servers.url, {
    sentinel: { username: 'mail', password: 'secret' },
    observer: watch.observer,
  })
  await expect.poll(() => ask(sentinel!.port, 'CLIENT', 'LIST')).toMatch(/ sub=1 .* user=mail/)
  await store.queue.enqueue([entryOf('M')])
})
