/** The write-ahead log stays short under traffic that never pauses. */

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { expect, it } from 'vitest'
import { openThreads } from '../src/store.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const MIB = 1_048_576

it('is begun anew again and again, however much is written without a pause', async () => {
  const path = await createFolder()
  const bounds = { checkpointBytes: 2 * MIB, longestLogBytes: 8 * MIB }
  const { store } = await openThreads({ path, codec: textCodec }, bounds)
  let longest = 0
  let written = 0
  const work = async (worker: number): Promise<void> => {
    for (let n = 0; written < 100 * MIB; n += 1) {
      const message = messageId(`m${worker}x${n}`)
      const writer = await store.spool.stage({ message, ttlMs: 60_000 })
      await writer.write(new Uint8Array(200_000))
      const content = await writer.seal({ prefix: new Uint8Array() })
      await store.queue.enqueue([
        { id: createEntryId(message, 0), job: '', group: groupId('a'), content, priority: 0, notBefore: 0, labels: {} },
      ])
      written += 200_000
      longest = Math.max(longest, (await stat(join(path, 'postroad.sqlite-wal'))).size)
      const leases = await store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 })
      await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
    }
  }
  await Promise.all([0, 1, 2, 3].map((worker) => work(worker)))
  // Each batch may add 1 MiB before anybody looks; a checkpoint under way may put off the writer's by 2 MiB, a few times.
  expect(longest).toBeLessThan(32 * MIB)
  await store[Symbol.asyncDispose]()
  expect(await readdir(path)).toEqual(['postroad.sqlite'])
})
