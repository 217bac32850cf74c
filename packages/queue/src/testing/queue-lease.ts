/** The contract of `Queue.lease` and `Queue.renew`. */

import { groupId, leaseToken } from '@postroad/envelope'
import { describe, expect } from 'vitest'
import { contractTest, crashTest, createStage, entry, LEASE_MS, type StoreHarness, UNREADABLE_JOB } from './harness.ts'

/** Registers the tests of `lease` and `renew`. */
export function describeLease(harness: StoreHarness): void {
  describe('lease', () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'lease')
    const afterCrash = crashTest(harness, 'lease')

    test('gives an empty list where there is nothing', async () => {
      expect(await t.lease()).toEqual([])
    })

    test('gives up to the limit and each entry once', async () => {
      for (const name of ['a', 'b', 'c']) await t.enqueue(entry(name))
      expect(await t.jobs({ limit: 2 })).toEqual(['a', 'b'])
      expect(await t.jobs({ limit: 2 })).toEqual(['c'])
      expect(await t.jobs({ limit: 2 })).toEqual([])
    })

    test('gives no entry before its notBefore', async () => {
      await t.enqueue(entry('a', { notBefore: t.now + 1 }))
      expect(await t.lease()).toEqual([])
      t.now += 1
      expect(await t.jobs()).toEqual(['a'])
    })

    test('orders a group by notBefore', async () => {
      await t.enqueue(entry('a', { notBefore: t.now + 3 }))
      await t.enqueue(entry('b', { notBefore: t.now + 1 }))
      await t.enqueue(entry('c', { notBefore: t.now + 2 }))
      t.now += 5
      expect(await t.jobs({ limit: 3 })).toEqual(['b', 'c', 'a'])
    })

    test('orders a group by arrival where notBefore is the same', async () => {
      const names = Array.from({ length: 12 }, (_, n) => `m${n}`)
      for (const name of names) await t.enqueue(entry(name, { notBefore: t.now + 1 }))
      t.now += 1
      expect(await t.jobs({ limit: 12 })).toEqual(names)
    })

    test('takes a notBefore in the past for now', async () => {
      await t.enqueue(entry('a', { notBefore: t.now }))
      await t.enqueue(entry('b', { notBefore: t.now - 60_000 }))
      expect(await t.jobs({ limit: 2 })).toEqual(['a', 'b'])
    })

    test('gives a higher priority first, also over groups', async () => {
      await t.enqueue(entry('low', { priority: -1 }))
      await t.enqueue(entry('usual', { group: 'example.net' }))
      await t.enqueue(entry('high', { priority: 5, group: 'example.com' }))
      await t.enqueue(entry('higher', { priority: 9 }))
      expect(await t.jobs({ limit: 4 })).toEqual(['higher', 'high', 'usual', 'low'])
    })

    test('gives a lower priority where the higher is not due yet', async () => {
      await t.enqueue(entry('high', { priority: 5, notBefore: t.now + 10 }))
      await t.enqueue(entry('low', { priority: -5 }))
      expect(await t.jobs()).toEqual(['low'])
    })

    test('gives every lease a token of its own', async () => {
      await t.enqueue(entry('a'))
      const first = await t.take()
      t.die()
      const second = await t.take()
      expect(second.token).not.toBe(first.token)
    })

    test('gives an entry again once its lease ran out', async () => {
      await t.enqueue(entry('a'))
      await t.take()
      t.now += LEASE_MS - 1
      expect(await t.lease()).toEqual([])
      t.now += 2
      expect(await t.take()).toMatchObject({ job: 'a', attempt: 1, recovered: true })
    })

    test('gives an entry whose lease ran out alone', async () => {
      await t.enqueue(entry('a'))
      await t.enqueue(entry('b'))
      await t.lease({ limit: 2 })
      await t.enqueue(entry('c'))
      await t.enqueue(entry('d'))
      t.die()
      const lists: (readonly string[])[] = []
      for (let n = 0; n < 4; n += 1) lists.push(await t.jobs({ limit: 10 }))
      expect(lists.filter((list) => list.includes('a') || list.includes('b')).map((list) => list.length)).toEqual([
        1, 1,
      ])
      expect(new Set(lists.flat())).toEqual(new Set(['a', 'b', 'c', 'd']))
    })

    test('holds an entry whose job cannot be decoded, with the reason, and gives the others', async () => {
      await t.enqueue(entry('bad', { job: UNREADABLE_JOB }))
      await t.enqueue(entry('good'))
      expect(await t.jobs({ limit: 10 })).toEqual(['good'])
      expect(await t.view('bad')).toMatchObject({ state: 'held' })
      expect((await t.view('bad'))?.heldFor).toContain('not a job of any version')
      expect((await t.store.control.list({ state: 'held' }, { limit: 10 })).items[0]?.job).toBeUndefined()
    })

    test('tells apart what two workers lease at once', async () => {
      await t.reset({ groupConcurrency: 1_000 })
      for (let n = 0; n < 100; n += 1) await t.enqueue(entry(`m${n}`))
      const lists = await Promise.all(Array.from({ length: 20 }, () => t.jobs({ limit: 10 })))
      expect(lists.flat().length).toBe(100)
      expect(new Set(lists.flat()).size).toBe(100)
    })

    afterCrash('keeps leases over a crash until they run out', async () => {
      await t.enqueue(entry('a'))
      const lease = await t.take()
      await t.crash()
      expect(await t.lease()).toEqual([])
      expect(await t.settle(lease, { kind: 'retry', job: 'b', notBefore: t.now })).toBe('settled')
      const again = await t.take()
      t.die()
      await t.crash()
      expect(await t.take()).toMatchObject({ job: 'b', attempt: 2, recovered: true })
      expect(await t.settle(again)).toBe('lost')
    })
  })

  describe('renew', () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'renew')
    const afterCrash = crashTest(harness, 'renew')

    test('extends a lease from now', async () => {
      await t.enqueue(entry('a'))
      const { token } = await t.take()
      t.now += 900
      expect(await t.store.queue.renew(token, { durationMs: LEASE_MS })).toBe('renewed')
      t.now += 900
      expect(await t.lease()).toEqual([])
      t.now += 101
      expect(await t.jobs()).toEqual(['a'])
    })

    test('may shorten a lease', async () => {
      await t.enqueue(entry('a'))
      const { token } = await t.take()
      expect(await t.store.queue.renew(token, { durationMs: 10 })).toBe('renewed')
      t.now += 11
      expect(await t.jobs()).toEqual(['a'])
    })

    test('keeps the job it carries for the next lease', async () => {
      await t.enqueue(entry('a'))
      const { token } = await t.take()
      expect(await t.store.queue.renew(token, { durationMs: LEASE_MS, job: 'half done' })).toBe('renewed')
      expect(await t.store.queue.renew(token, { durationMs: LEASE_MS })).toBe('renewed')
      t.die()
      expect(await t.take()).toMatchObject({ job: 'half done', attempt: 1 })
    })

    test('renews an expired lease that nobody took yet', async () => {
      await t.enqueue(entry('a'))
      const { token } = await t.take()
      t.die()
      expect(await t.store.queue.renew(token, { durationMs: LEASE_MS })).toBe('renewed')
      expect(await t.lease()).toEqual([])
    })

    test('renews an expired lease that others passed over, and counts no death for it', async () => {
      await t.reset({ poisonDeaths: 2 })
      await t.enqueue(entry('a'))
      await t.take()
      t.die()
      const { token } = await t.take()
      await t.store.control.pause(groupId('example.org'), t.now + 3 * LEASE_MS)
      t.die()
      expect(await t.lease()).toEqual([])
      expect(await t.store.queue.renew(token, { durationMs: LEASE_MS })).toBe('renewed')
      t.die()
      t.now += LEASE_MS
      expect(await t.take()).toMatchObject({ job: 'a', attempt: 2, recovered: true })
    })

    test('does not count a death for a lease that was renewed after it ran out', async () => {
      await t.reset({ poisonDeaths: 1 })
      await t.enqueue(entry('a'))
      await t.take()
      t.die()
      const { token } = await t.take()
      t.die()
      expect(await t.store.queue.renew(token, { durationMs: LEASE_MS })).toBe('renewed')
      expect(await t.settle(token)).toBe('settled')
    })

    test('is lost once the entry was given to somebody else, and changes nothing then', async () => {
      await t.enqueue(entry('a'))
      const stale = await t.take()
      t.die()
      const fresh = await t.take()
      expect(await t.store.queue.renew(stale.token, { durationMs: 60_000, job: 'stale' })).toBe('lost')
      t.die()
      expect(await t.take()).toMatchObject({ job: 'a', attempt: 2 })
      expect(await t.store.queue.renew(fresh.token, { durationMs: LEASE_MS })).toBe('lost')
    })

    test('is lost once the entry is gone, and for a token nobody gave', async () => {
      await t.enqueue(entry('a'))
      const { token } = await t.take()
      await t.settle(token)
      expect(await t.store.queue.renew(token, { durationMs: LEASE_MS })).toBe('lost')
      expect(await t.store.queue.renew(leaseToken('no-such-token'), { durationMs: LEASE_MS })).toBe('lost')
    })

    afterCrash('is durable with the job it carries', async () => {
      await t.enqueue(entry('a'))
      const { token } = await t.take()
      await t.store.queue.renew(token, { durationMs: LEASE_MS, job: 'half done' })
      await t.crash()
      t.die()
      expect((await t.take()).job).toBe('half done')
    })
  })
}
