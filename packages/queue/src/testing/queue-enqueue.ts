/** The contract of `Queue.enqueue`. */

import { describe, expect } from 'vitest'
import { ContentMissingError, InvalidEntryError } from '../index.ts'
import { contractTest, crashTest, createStage, entry, NO_CONTENT, type StoreHarness } from './harness.ts'

/** Registers the tests of `enqueue`. */
export function describeEnqueue(harness: StoreHarness): void {
  describe('enqueue', () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'enqueue')
    const afterCrash = crashTest(harness, 'enqueue')

    test('adds entries that can be leased as they were given', async () => {
      const content = await t.put('hello')
      const labels = { sender: 'ada@example.org', 'header-message-id': '<1@example.org>' }
      await t.enqueue(entry('a', { content, labels, priority: -3, job: 'the job: ünïcode' }))
      expect(await t.take()).toMatchObject({
        id: 'a.0',
        job: 'the job: ünïcode',
        group: 'example.org',
        content: content.id,
        priority: -3,
        labels,
        attempt: 0,
        recovered: false,
        enqueuedAt: t.now,
      })
    })

    test('gives undefined for the content of an entry without one', async () => {
      await t.enqueue(entry('a'))
      expect((await t.take()).content).toBeUndefined()
    })

    test('does nothing for no entries', async () => {
      await t.enqueue()
      expect(await t.lease()).toEqual([])
    })

    test('adds all entries of a message', async () => {
      await t.enqueue(...[0, 1, 2].map((n) => entry(`job ${n}`, { id: `m.${n}`, group: `g${n}.example` })))
      expect((await t.jobs({ limit: 10 })).toSorted()).toEqual(['job 0', 'job 1', 'job 2'])
    })

    test('takes a known id for a no-op, whatever else it says', async () => {
      await t.enqueue(entry('a'))
      await t.enqueue(entry('a', { job: 'another job', group: 'example.net' }))
      expect(await t.jobs({ limit: 10 })).toEqual(['a'])
    })

    test('takes an id that stands twice in one call for one entry', async () => {
      await t.enqueue(entry('first', { id: 'm.0' }), entry('second', { id: 'm.0' }))
      expect(await t.jobs({ limit: 10 })).toEqual(['first'])
    })

    test('adds what is new beside what is known', async () => {
      await t.enqueue(entry('a', { id: 'm.0' }))
      await t.enqueue(entry('b', { id: 'm.0' }), entry('c', { id: 'm.1' }))
      expect(await t.jobs({ limit: 10 })).toEqual(['a', 'c'])
    })

    test('takes a leased id for a no-op', async () => {
      await t.enqueue(entry('a'))
      await t.take()
      await t.enqueue(entry('a'))
      expect(await t.lease()).toEqual([])
    })

    test('remembers the id of a settled entry for an hour', async () => {
      await t.enqueue(entry('a'))
      await t.settle(await t.take())
      t.now += 3_600_000 - 1
      await t.enqueue(entry('a'))
      expect(await t.lease()).toEqual([])
    })

    test('forgets the id of a settled entry later', async () => {
      await t.enqueue(entry('a'))
      await t.settle(await t.take())
      t.now += 2 * 3_600_000
      await t.enqueue(entry('b'))
      await t.settle(await t.take())
      await t.enqueue(entry('a'))
      expect(await t.jobs()).toEqual(['a'])
    })

    test('remembers settled ids for as long as the option says', async () => {
      await t.reset({ settledMemoryMs: 10_000 })
      await t.enqueue(entry('a'))
      await t.settle(await t.take())
      t.now += 9_999
      await t.enqueue(entry('a'))
      expect(await t.lease()).toEqual([])
      t.now += 60_000
      await t.enqueue(entry('a'))
      expect(await t.jobs()).toEqual(['a'])
    })

    test('repeats harmlessly with content that went when its entry was settled', async () => {
      const content = await t.put('x')
      await t.enqueue(entry('a', { content }))
      await t.settle(await t.take())
      await t.enqueue(entry('a', { content }))
      expect(await t.lease()).toEqual([])
    })

    test('adds nothing where one entry breaks a rule', async () => {
      const broken = entry('broken', { id: 'm.1', priority: 10 })
      await expect(t.enqueue(entry('a', { id: 'm.0' }), broken)).rejects.toBeInstanceOf(InvalidEntryError)
      expect(await t.lease({ limit: 10 })).toEqual([])
    })

    for (const { rule, entries } of [
      { rule: 'entries of two messages', entries: [entry('a'), entry('b')] },
      { rule: 'a priority below -9', entries: [entry('a', { priority: -10 })] },
      { rule: 'a priority that is no integer', entries: [entry('a', { priority: 0.5 })] },
      { rule: 'a notBefore that is no instant', entries: [entry('a', { notBefore: Number.NaN })] },
      { rule: 'an empty group', entries: [entry('a', { group: '' })] },
      { rule: 'a label of 1,001 characters', entries: [entry('a', { labels: { sender: 'x'.repeat(1_001) } })] },
      {
        rule: '17 labels',
        entries: [entry('a', { labels: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`l${n}`, ''])) })],
      },
    ]) {
      test(`refuses ${rule}`, async () => {
        await expect(t.enqueue(...entries)).rejects.toMatchObject({ code: 'QUEUE_INVALID_ENTRY' })
        expect(await t.lease()).toEqual([])
      })
    }

    test('takes 16 labels of 1,000 characters and both ends of the priorities', async () => {
      const labels = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`label-${n}`, 'x'.repeat(1_000)]))
      await t.enqueue(entry('low', { priority: -9, labels }))
      await t.enqueue(entry('high', { priority: 9 }))
      const leases = await t.lease({ limit: 2 })
      expect(leases.map(({ job }) => job)).toEqual(['high', 'low'])
      expect(leases[1]?.labels).toEqual(labels)
    })

    test('adds nothing where one entry names content that is not there', async () => {
      const missing = entry('b', { id: 'm.1', content: { ref: NO_CONTENT } })
      await expect(t.enqueue(entry('a', { id: 'm.0' }), missing)).rejects.toBeInstanceOf(ContentMissingError)
      expect(await t.lease({ limit: 10 })).toEqual([])
      await t.enqueue(entry('a', { id: 'm.0' }))
      expect(await t.jobs()).toEqual(['a'])
    })

    test('takes content that another entry already holds', async () => {
      const content = await t.put('shared')
      await t.enqueue(entry('a', { content }))
      await t.enqueue(entry('b', { content: { ref: content.id } }))
      for (const lease of await t.lease({ limit: 2 })) await t.settle(lease)
      await expect(t.read(content.id)).rejects.toBeInstanceOf(ContentMissingError)
    })

    test('adds what many callers enqueue at once', async () => {
      const names = Array.from({ length: 200 }, (_, n) => `m${n}`)
      await t.reset({ groupConcurrency: 1_000 })
      const sealed = await Promise.all(names.map((name) => t.put(`content of ${name}`)))
      await Promise.all(names.map((name, n) => t.enqueue(entry(name, sealed[n] && { content: sealed[n] }))))
      const leases = await t.lease({ limit: 1_000 })
      expect(new Set(leases.map(({ job }) => job))).toEqual(new Set(names))
      for (const { job, content } of leases) expect(content && (await t.read(content))).toBe(`content of ${job}`)
    })

    afterCrash('is durable with the content it names', async () => {
      const content = await t.put('kept')
      await t.enqueue(entry('a', { content, labels: { sender: 'ada@example.org' } }))
      await t.crash()
      expect(await t.take()).toMatchObject({
        id: 'a.0',
        job: 'a',
        content: content.id,
        labels: { sender: 'ada@example.org' },
      })
      expect(await t.read(content.id)).toBe('kept')
    })

    afterCrash('still knows the id after a crash', async () => {
      await t.enqueue(entry('a'))
      await t.crash()
      await t.enqueue(entry('a'))
      expect(await t.jobs({ limit: 10 })).toEqual(['a'])
    })
  })
}
