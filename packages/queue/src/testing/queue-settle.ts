/** The contract of `Queue.settle`. */

import { groupId, leaseToken } from '@postroad/envelope'
import { describe, expect } from 'vitest'
import { ContentMissingError, InvalidEntryError } from '../index.ts'
import { contractTest, crashTest, createStage, entry, NO_CONTENT, type StoreHarness } from './harness.ts'

/** Registers the tests of `settle`. */
export function describeSettle(harness: StoreHarness): void {
  describe('settle', () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'settle')
    const afterCrash = crashTest(harness, 'settle')

    test('done ends an entry for good', async () => {
      await t.enqueue(entry('a'))
      expect(await t.settle(await t.take())).toBe('settled')
      t.now += 10_000
      expect(await t.lease()).toEqual([])
      expect(await t.view('a')).toBeUndefined()
    })

    test("releases nothing to the caller: the spool is the store's own", async () => {
      await t.enqueue(entry('a', { content: await t.put('x') }))
      const { token } = await t.take()
      expect(await t.store.queue.settle([{ token, kind: 'done' }])).toEqual([{ kind: 'settled', released: [] }])
    })

    test('retry gives the entry again at its time, with the new job and counted', async () => {
      await t.enqueue(entry('a', { labels: { sender: 'ada' }, priority: 2, content: await t.put('content') }))
      const first = await t.take()
      const enqueuedAt = t.now
      await t.settle(first, { kind: 'retry', job: 'second try', notBefore: t.now + 500 })
      t.now += 499
      expect(await t.lease()).toEqual([])
      t.now += 1
      const rest = { ...first, token: expect.not.stringContaining(first.token) }
      expect(await t.take()).toMatchObject({ ...rest, job: 'second try', attempt: 1, recovered: false, enqueuedAt })
    })

    test('retry may move the entry to another group', async () => {
      await t.enqueue(entry('a'))
      await t.settle(await t.take(), { kind: 'retry', job: 'a', notBefore: t.now, group: groupId('smart.example') })
      expect((await t.take()).group).toBe('smart.example')
    })

    test('hold keeps the entry from being leased, with the job and the reason', async () => {
      await t.enqueue(entry('a'))
      await t.settle(await t.take(), { kind: 'hold', job: 'held job', reason: 'looks odd' })
      t.now += 10_000_000
      expect(await t.lease()).toEqual([])
      expect(await t.view('a')).toMatchObject({ state: 'held', heldFor: 'looks odd' })
      await t.store.control.apply({ kind: 'release' }, {}, { limit: 10 })
      expect(await t.take()).toMatchObject({ job: 'held job', attempt: 1 })
    })

    test('is lost for a lease that ran out and was given to somebody else, and for an unknown token', async () => {
      await t.enqueue(entry('a'))
      const stale = await t.take()
      t.die()
      const fresh = await t.take()
      expect(await t.settle(stale, { kind: 'retry', job: 'stale', notBefore: 0 })).toBe('lost')
      expect(await t.settle(leaseToken('no-such-token'))).toBe('lost')
      expect(await t.settle(fresh)).toBe('settled')
      expect(await t.settle(fresh)).toBe('lost')
    })

    test('settles an expired lease that nobody took yet', async () => {
      await t.enqueue(entry('a'))
      const lease = await t.take()
      t.die()
      expect(await t.settle(lease)).toBe('settled')
      expect(await t.lease()).toEqual([])
    })

    test('gives the results of a batch in its order, lost ones between', async () => {
      for (const name of ['a', 'b', 'c']) await t.enqueue(entry(name))
      const leases = await t.lease({ limit: 3 })
      await t.settle(leases[1])
      const [a, b, c] = leases.map(({ token }) => token)
      if (a === undefined || b === undefined || c === undefined) throw new Error('three were enqueued')
      const results = await t.store.queue.settle([
        { token: a, kind: 'done' },
        { token: b, kind: 'done' },
        { token: c, kind: 'hold', job: 'c', reason: 'r' },
        { token: c, kind: 'done' },
      ])
      expect(results.map(({ kind }) => kind)).toEqual(['settled', 'lost', 'settled', 'lost'])
      expect(await t.view('c')).toMatchObject({ state: 'held' })
    })

    test('takes an empty batch', async () => {
      expect(await t.store.queue.settle([])).toEqual([])
    })

    test('adds what it spawns in the same step', async () => {
      await t.enqueue(entry('a'))
      const lease = await t.take()
      const content = await t.put('the report')
      const spawn = [entry('bounce', { content, group: 'bounces.example' }), entry('copy', { group: 'copies.example' })]
      expect(await t.settle(lease, { spawn })).toBe('settled')
      const leases = await t.lease({ limit: 10 })
      expect(new Set(leases.map(({ job }) => job))).toEqual(new Set(['bounce', 'copy']))
      expect(await t.read(content.id)).toBe('the report')
    })

    test('spawns beside a lease', async () => {
      await t.enqueue(entry('a'))
      const { token } = await t.take()
      const writer = await t.store.spool.stage({ message: 'B' as never, beside: token, ttlMs: 60_000 })
      await writer.write(new Uint8Array([65, 66]))
      const content = await writer.seal({ prefix: new Uint8Array() })
      await t.settle(token, { spawn: [entry('bounce', { content })] })
      expect(await t.read((await t.take()).content)).toBe('AB')
    })

    test('spawns nothing where the lease is lost', async () => {
      await t.enqueue(entry('a'))
      const stale = await t.take()
      t.die()
      const fresh = await t.take()
      expect(await t.settle(stale, { spawn: [entry('bounce')] })).toBe('lost')
      await t.settle(fresh)
      expect(await t.lease({ limit: 10 })).toEqual([])
    })

    test('passes over a spawned id that is known', async () => {
      await t.enqueue(entry('a'))
      await t.enqueue(entry('bounce'))
      const lease = await t.take()
      expect(await t.settle(lease, { spawn: [entry('bounce', { job: 'twice' })] })).toBe('settled')
      expect(await t.jobs({ limit: 10 })).toEqual(['bounce'])
    })

    test('does nothing where a spawned entry breaks a rule', async () => {
      await t.enqueue(entry('a'))
      const lease = await t.take()
      await expect(t.settle(lease, { spawn: [entry('b', { priority: 99 })] })).rejects.toBeInstanceOf(InvalidEntryError)
      expect(await t.settle(lease)).toBe('settled')
      expect(await t.lease()).toEqual([])
    })

    test('does nothing where a retry is for no instant', async () => {
      await t.enqueue(entry('a'))
      await t.enqueue(entry('b'))
      const [a, b] = await t.lease({ limit: 2 })
      const { queue } = t.store
      const batch = [a, b].map((lease) => ({ token: lease?.token ?? expect.fail(), job: 'x', kind: 'retry' as const }))
      const settling = queue.settle(batch.map((one, n) => ({ ...one, notBefore: n === 0 ? t.now : Number.NaN })))
      await expect(settling).rejects.toBeInstanceOf(InvalidEntryError)
      expect(await t.lease({ limit: 2 })).toEqual([])
      t.die()
      expect(await t.take()).toMatchObject({ recovered: true })
    })

    test('does nothing where a spawned entry names content that is not there', async () => {
      await t.enqueue(entry('a'))
      const lease = await t.take()
      const spawn = [entry('b'), entry('c', { content: { ref: NO_CONTENT } })]
      await expect(t.settle(lease, { spawn })).rejects.toBeInstanceOf(ContentMissingError)
      expect(await t.lease({ limit: 10 })).toEqual([])
      expect(await t.settle(lease)).toBe('settled')
    })

    test('keeps content until the last entry that names it is gone', async () => {
      const content = await t.put('shared')
      await t.enqueue(...[0, 1].map((n) => entry(`job ${n}`, { id: `m.${n}`, content })))
      const [a, b] = await t.lease({ limit: 2 })
      await t.settle(a)
      expect(await t.read(content.id)).toBe('shared')
      await t.settle(b)
      await expect(t.read(content.id)).rejects.toBeInstanceOf(ContentMissingError)
    })

    test('keeps the content of the settled entry where a spawned one names it', async () => {
      const content = await t.put('forwarded')
      await t.enqueue(entry('a', { content }))
      await t.settle(await t.take(), { spawn: [entry('b', { content: { ref: content.id } })] })
      const lease = await t.take()
      expect(await t.read(content.id)).toBe('forwarded')
      await t.settle(lease)
      await expect(t.read(content.id)).rejects.toBeInstanceOf(ContentMissingError)
    })

    test('keeps content over retry and hold', async () => {
      const content = await t.put('kept')
      await t.enqueue(entry('a', { content }))
      await t.settle(await t.take(), { kind: 'retry', job: 'a', notBefore: t.now })
      await t.settle(await t.take(), { kind: 'hold', job: 'a', reason: 'r' })
      expect(await t.read(content.id)).toBe('kept')
    })

    test('writes its record to the journal, and none where the lease is lost', async () => {
      await t.enqueue(entry('a'))
      const lease = await t.take()
      const record = { at: t.now, event: 'attempt.delivered', detail: { reply: '250 2.0.0 OK' } }
      await t.settle(lease, { record })
      await t.settle(lease, { record })
      expect(await t.store.journal.read('a' as never)).toEqual([{ ...record, message: 'a', entry: 'a.0' }])
    })

    afterCrash('is durable where it spawns', async () => {
      await t.enqueue(entry('a'))
      await t.settle(await t.take(), { spawn: [entry('b', { content: await t.put('report') })] })
      await t.crash()
      t.die()
      const leases = await t.lease({ limit: 10 })
      expect(leases.map(({ job }) => job)).toEqual(['b'])
      expect(await t.read(leases[0]?.content)).toBe('report')
      await t.enqueue(entry('a'))
      expect(await t.lease({ limit: 10 })).toEqual([])
    })

    afterCrash('is durable where it retries or holds', async () => {
      await t.enqueue(entry('a'))
      await t.enqueue(entry('b'))
      const [a, b] = await t.lease({ limit: 2 })
      await t.settle(a, { kind: 'retry', job: 'a2', notBefore: t.now })
      await t.settle(b, { kind: 'hold', job: 'b2', reason: 'why' })
      await t.crash()
      const held = ['a', 'b'].map(async (name) => (await t.view(name))?.state)
      expect(await Promise.all(held)).toEqual(['ready', 'held'])
      expect(await t.jobs()).toEqual(['a2'])
    })
  })
}
