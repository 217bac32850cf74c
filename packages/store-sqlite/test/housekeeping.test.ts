/** What no longer matters goes as fast as it comes, and a clock that was wrong for a while does not keep it for ever. */

import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { createManualClock } from '@postroad/runtime'
import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { expect, it } from 'vitest'
import { openSqliteStore } from '../src/index.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const MEMORY_MS = 60_000

const setUp = async () => {
  const folder = await createFolder()
  const clock = createManualClock()
  const queue = { settledMemoryMs: MEMORY_MS, groupConcurrency: 100_000 }
  const store = await openSqliteStore({ path: folder, codec: textCodec, clock, queue })
  let serial = 0
  /** Enqueues, leases and settles so many. */
  const pass = async (count: number): Promise<void> => {
    const message = messageId(`m${(serial += 1)}`)
    await store.queue.enqueue(
      Array.from({ length: count }, (_, n) => ({
        id: createEntryId(message, n),
        job: 'x',
        group: groupId('example.org'),
        priority: 0,
        notBefore: 0,
        labels: {},
      })),
    )
    const leases = await store.queue.lease({ limit: count, durationMs: 60_000, waitMs: 0 })
    expect(leases).toHaveLength(count)
    await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
  }
  const remembered = (): unknown => {
    const database = new DatabaseSync(join(folder, 'postroad.sqlite'))
    const row = database.prepare('SELECT count(*) AS n FROM settled').get()
    database.close()
    return row?.['n']
  }
  return { clock, store, pass, remembered }
}

it('forgets more settled ids than one piece, without waiting between the pieces', async () => {
  const { clock, store, pass, remembered } = await setUp()
  for (let n = 0; n < 5; n += 1) await pass(2_000)
  expect(remembered()).toBe(10_000)
  await clock.advance(MEMORY_MS + 1)
  // Each call is a transaction; six of them are more than five pieces.
  for (let n = 0; n < 6; n += 1) await store.limits.mark(`call ${n}`, 1_000)
  expect(remembered()).toBe(0)
  await store[Symbol.asyncDispose]()
})

it('forgets ids that were settled while the clock was a year ahead, and what came after them', async () => {
  const { clock, store, pass, remembered } = await setUp()
  const year = 365 * 86_400_000
  clock.step(year)
  await pass(2_500)
  clock.step(-year)
  await pass(100)
  await clock.advance(MEMORY_MS + 10_001)
  for (let n = 0; n < 4; n += 1) await store.limits.mark(`call ${n}`, 1_000)
  expect(remembered()).toBe(0)
  await store[Symbol.asyncDispose]()
})

it('keeps so many records of the journal over all messages, the newest', async () => {
  const folder = await createFolder()
  const clock = createManualClock()
  const store = await openSqliteStore({ path: folder, codec: textCodec, clock, journalTotal: 1_000 })
  const write = (from: number, to: number): Promise<void> =>
    store.journal.write(
      Array.from({ length: to - from }, (_, n) => ({
        message: messageId(`m${from + n}`),
        at: clock.now(),
        event: 'attempt.deferred',
        detail: {},
      })),
    )
  await write(0, 6_000)
  await clock.advance(10_001)
  for (let n = 0; n < 4; n += 1) await store.limits.mark(`call ${n}`, 1_000)
  expect(await store.journal.read(messageId('m4999'))).toEqual([])
  expect(await store.journal.read(messageId('m5000'))).toHaveLength(1)
  expect(await store.journal.read(messageId('m5999'))).toHaveLength(1)
  await store[Symbol.asyncDispose]()
})
