/** What a lease and its settlement write does not grow with what waits. */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { createManualClock } from '@postroad/runtime'
import { expect, it } from 'vitest'
import { checkSqliteStore } from '../src/index.ts'
import { openThreads } from '../src/store.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const GROUPS = 250
const AT_ONCE = 100
const ROUNDS = 20
/** A page and its head in the log. */
const FRAME_BYTES = 32_768 + 24

/** Pages written for each entry that is leased and done, of so many that were enqueued, by turns for every group. */
const pagesWritten = async (count: number): Promise<number> => {
  const path = join(await createFolder(), 'mail.db')
  const clock = createManualClock()
  const open = () =>
    openThreads({ path, codec: textCodec, clock }, { checkpointBytes: 2 ** 40, longestLogBytes: 2 ** 40 })
  const first = await open()
  for (let from = 0; from < count; from += 1_000) {
    await first.store.queue.enqueue(
      Array.from({ length: Math.min(1_000, count - from) }, (_, index) => ({
        id: createEntryId(messageId(`m${from}`), index),
        job: `${from + index}`,
        group: groupId(`g${(from + index) % GROUPS}.test`),
        priority: 0,
        notBefore: 0,
        labels: {},
      })),
    )
  }
  // The last connection moves the log.
  await first.store[Symbol.asyncDispose]()
  const { store } = await open()
  const jobs: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const leases = await store.queue.lease({ limit: AT_ONCE, durationMs: 60_000, waitMs: 0 })
    jobs.push(...leases.map(({ job }) => Number(job)))
    await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
  }
  // Each group gives the first it has, one after the other.
  expect(jobs).toEqual(Array.from({ length: AT_ONCE * ROUNDS }, (_, index) => index))
  const pages = statSync(`${path}-wal`).size / FRAME_BYTES
  await store[Symbol.asyncDispose]()
  expect((await checkSqliteStore({ path, clock })).findings).toEqual([])
  return pages / (AT_ONCE * ROUNDS)
}

it('writes as many pages for an entry among fifty thousand as among two thousand', { timeout: 120_000 }, async () => {
  const few = await pagesWritten(AT_ONCE * ROUNDS)
  const many = await pagesWritten(50_000)
  expect(many).toBeLessThan(few * 1.3)
})
