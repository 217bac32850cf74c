/** Enqueues until the store refuses, ten more after that, and prints the id of what was acknowledged, and each refusal. */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { QueueUnavailableError } from '@postroad/queue'
import { openSqliteStore } from '../../src/index.ts'
import { textCodec } from './text-codec.ts'

const store = await openSqliteStore({ path: process.argv[2] ?? '', codec: textCodec })
let refused = 0
for (let n = 0; refused < 10; n += 1) {
  const message = messageId(`m${n}`)
  try {
    const writer = await store.spool.stage({ message, ttlMs: 60_000 })
    await writer.write(new Uint8Array(n % 3 === 0 ? 400_000 : 100_000).fill(n & 255))
    const content = await writer.seal({ prefix: new Uint8Array() })
    const id = createEntryId(message, 0)
    await store.queue.enqueue([
      { id, job: message, group: groupId('example.org'), content, priority: 0, notBefore: 0, labels: {} },
    ])
    process.stdout.write(`kept ${id}\n`)
  } catch (error) {
    refused += 1
    process.stdout.write(`${error instanceof QueueUnavailableError ? `refused ${error.message}` : String(error)}\n`)
  }
}
await store[Symbol.asyncDispose]()
process.stdout.write('disposed\n')
