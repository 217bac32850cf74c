/** A damaged page of what is due: the lanes on it stand still, and no other. */

import { join } from 'node:path'
import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { createManualClock } from '@postroad/runtime'
import { expect, it } from 'vitest'
import { openSqliteStore } from '../src/index.ts'
import { entry, look } from './entry.ts'
import { createFolder } from './folder.ts'
import { damagePage, pagesOf } from './pages-on-disk.ts'
import { textCodec } from './programs/text-codec.ts'

it('leaves all other lanes to be leased, and enqueued to', async () => {
  const path = join(await createFolder(), 'mail.db')
  const open = () =>
    openSqliteStore({ path, codec: textCodec, clock: createManualClock(), queue: { groupConcurrency: 100_000 } })
  const store = await open()
  for (const group of ['a.test', 'b.test', 'c.test'])
    for (let n = 0; n < 4; n += 1)
      await store.queue.enqueue(
        Array.from({ length: 1_000 }, (_, index) => ({
          ...entry(group, { group: groupId(group) }),
          id: createEntryId(messageId(`${group}-${n}`), index),
        })),
      )
  await store[Symbol.asyncDispose]()
  const leaves = pagesOf(path, 'due').filter(({ kind }) => kind === 'leaf')
  expect(leaves.length).toBeGreaterThan(5)
  await damagePage(path, leaves[0]?.page ?? expect.fail('no page'))
  const opened = await open()
  const jobs: string[] = []
  for (;;) {
    const leases = await opened.queue.lease(look)
    if (leases.length === 0) break
    jobs.push(...leases.map(({ job }) => job))
  }
  expect(jobs.filter((job) => job === 'b.test')).toHaveLength(4_000)
  expect(jobs.filter((job) => job === 'c.test')).toHaveLength(4_000)
  await opened.queue.enqueue([entry('new', { group: groupId('d.test') })])
  expect(await opened.queue.lease(look)).toMatchObject([{ job: 'new' }])
  // Nothing of the lane is lost: what is not leased is listed.
  let queued = 0
  let cursor: string | undefined
  do {
    const page = await opened.control.list({}, { limit: 5_000, ...(cursor !== undefined && { cursor }) })
    queued += page.items.filter(({ job, state }) => job === 'a.test' && state === 'ready').length
    ;({ cursor } = page)
  } while (cursor !== undefined)
  expect(queued).toBe(4_000 - jobs.filter((job) => job === 'a.test').length)
  await opened[Symbol.asyncDispose]()
})
