/** Enqueues content that is larger than the disk takes, then some that is not, and prints what became of each. */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { openSqliteStore } from '../../src/index.ts'
import { textCodec } from './text-codec.ts'

const store = await openSqliteStore({ path: process.argv[2] ?? '', codec: textCodec })
for (const [name, pieces] of [
  ['large', 80],
  ['small', 2],
] as const) {
  const message = messageId(name)
  const writer = await store.spool.stage({ message, ttlMs: 60_000 })
  try {
    for (let n = 0; n < pieces; n += 1) await writer.write(new Uint8Array(1_000_000))
    const content = await writer.seal({ prefix: new Uint8Array() })
    const entry = { id: createEntryId(message, 0), job: name, group: groupId('example.org'), content }
    await store.queue.enqueue([{ ...entry, priority: 0, notBefore: 0, labels: {} }])
    process.stdout.write(`kept ${name}\n`)
  } catch (error) {
    await writer.abort()
    process.stdout.write(`${name}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}\n`)
  }
}
await store[Symbol.asyncDispose]()
