// examples/work.ts
import { createEntryId, createMessageId, groupId } from '@postroad/envelope'
import { createMemoryStore } from '@postroad/queue/memory'
import { systemClock, systemRandom } from '@postroad/runtime/system'

await using store = createMemoryStore<{ to: string }>({ clock: systemClock, random: systemRandom })

// A producer: content first, then the entry that names it. Durable once `enqueue` resolves.
const message = createMessageId(systemClock.now(), systemRandom.bytes(11))
const writer = await store.spool.stage({ message, ttlMs: 3_600_000 })
await writer.write(new TextEncoder().encode('Subject: hello\r\n\r\nHello.\r\n'))
const content = await writer.seal({ prefix: new Uint8Array() })
await store.spool.persist([content])
const entry = { id: createEntryId(message, 0), job: { to: 'ada@example.org' }, group: groupId('example.org'), content }
await store.queue.enqueue([{ ...entry, priority: 0, notBefore: 0, labels: {} }])

// A worker.
for (const lease of await store.queue.lease({ limit: 10, durationMs: 60_000, waitMs: 30_000 })) {
  console.log(lease.job.to, lease.attempt)
  const [settled] = await store.queue.settle([{ token: lease.token, kind: 'done' }])
  console.log(settled)
}

// Prints:
// ada@example.org 0
// { kind: 'settled', released: [] }
