/** The contract of `Journal`. */

import { entryId, messageId } from '@postroad/envelope'
import { describe, expect } from 'vitest'
import type { JournalRecord } from '../index.ts'
import { contractTest, createStage, entry, type StoreHarness } from './harness.ts'

/** Registers the tests every `Journal` must pass. Call it once per implementation. */
export function describeJournalContract(name: string, harness: StoreHarness): void {
  describe(`${name} keeps the Journal contract`, () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'journal')
    const record = (n: number, over: Partial<JournalRecord> = {}): JournalRecord => ({
      message: messageId('M'),
      at: t.now + n,
      event: `event.${n}`,
      detail: { n },
      ...over,
    })

    test('gives the records of a message oldest first, as they were written', async () => {
      const first = record(1, { entry: entryId('M.0'), detail: { text: 'ünï', list: [1, null], flag: true } })
      await t.store.journal.write([first, record(2)])
      await t.store.journal.write([record(3), record(9, { message: messageId('OTHER') })])
      expect(await t.store.journal.read(messageId('M'))).toEqual([first, record(2), record(3)])
      expect(await t.store.journal.read(messageId('OTHER'))).toHaveLength(1)
    })

    test('gives an empty list where none are kept', async () => {
      expect(await t.store.journal.read(messageId('NOBODY'))).toEqual([])
      await t.store.journal.write([])
    })

    test('keeps the newest of a message', async () => {
      await t.reset({ journalRecords: 5 })
      for (let n = 0; n < 12; n += 1) await t.store.journal.write([record(n)])
      await t.store.journal.write([record(0, { message: messageId('OTHER') })])
      expect((await t.store.journal.read(messageId('M'))).map(({ event }) => event)).toEqual(
        [7, 8, 9, 10, 11].map((n) => `event.${n}`),
      )
      expect(await t.store.journal.read(messageId('OTHER'))).toHaveLength(1)
    })

    test('keeps 200 of a message by default', async () => {
      await t.store.journal.write(Array.from({ length: 250 }, (_, n) => record(n)))
      const kept = await t.store.journal.read(messageId('M'))
      expect(kept).toHaveLength(200)
      expect(kept[0]?.event).toBe('event.50')
    })

    test('keeps the size of a detail that is too long', async () => {
      await t.store.journal.write([record(1, { detail: { text: 'x'.repeat(5_000) } })])
      const [kept] = await t.store.journal.read(messageId('M'))
      expect(kept).toMatchObject({ event: 'event.1', detail: { omitted: expect.any(Number) } })
    })

    test('puts the record of a settlement beside those written', async () => {
      await t.store.journal.write([record(0, { event: 'message.accepted' })])
      await t.enqueue(entry('x', { id: 'M.3' }))
      await t.settle(await t.take(), { record: { at: t.now, event: 'attempt.delivered', detail: {} } })
      expect((await t.store.journal.read(messageId('M'))).map(({ event, entry }) => [event, entry])).toEqual([
        ['message.accepted', undefined],
        ['attempt.delivered', 'M.3'],
      ])
    })
  })
}
