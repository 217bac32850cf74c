// examples/share.ts
import { createEntryId, createMessageId, groupId } from '@postroad/envelope'
import { systemClock, systemRandom } from '@postroad/runtime/system'
import { openRedisStore } from '@postroad/store-redis'

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'
const message = createMessageId(systemClock.now(), systemRandom.bytes(11))
const codec = {
  encode: (job: string) => new TextEncoder().encode(job),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
}
// Two of them stand for two processes.
await using producer = await openRedisStore({ url, prefix: `example-${message}`, codec })
await using worker = await openRedisStore({ url, prefix: `example-${message}`, codec })

const entry = { id: createEntryId(message, 0), job: 'to ada', group: groupId('example.org') }
await producer.queue.enqueue([{ ...entry, priority: 0, notBefore: 0, labels: {} }])
for (const lease of await worker.queue.lease({ limit: 10, durationMs: 60_000, waitMs: 5_000 })) {
  console.log(lease.job)
  await worker.queue.settle([{ token: lease.token, kind: 'done' }])
}

// Prints:
// to ada
