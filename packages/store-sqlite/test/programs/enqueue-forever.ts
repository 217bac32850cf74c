/** Enqueues small and large messages without end and prints the id of each once it is acknowledged. To be killed. */

import { createEntryId, createMessageId, groupId } from '@postroad/envelope'
import { textCodec } from './text-codec.ts'
import { systemClock, systemRandom } from '@postroad/runtime/system'
import { openSqliteStore } from '../../src/index.ts'

const store = await openSqliteStore({ path: process.argv[2] ?? '', codec: textCodec })

const enqueueOne = async (size: number): Promise<void> => {
  const message = createMessageId(systemClock.now(), systemRandom.bytes(11))
  const writer = await store.spool.stage({ message, ttlMs: 60_000 })
  await writer.write(new Uint8Array(size).fill(size & 255))
  const content = await writer.seal({ prefix: new Uint8Array([80]) })
  const entry = { job: message, content, priority: 0, notBefore: 0, labels: {} }
  await store.queue.enqueue(
    [0, 1].map((n) => ({ ...entry, id: createEntryId(message, n), group: groupId(`g${n}.example`) })),
  )
  process.stdout.write(`${message} ${size}\n`)
}

await Promise.all(
  Array.from({ length: 20 }, async (_, worker) => {
    for (let n = 0; ; n += 1) await enqueueOne(worker === 0 ? 300_000 + n : 1_000 + worker * 100 + (n % 100))
  }),
)
