// examples/survive.ts
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEntryId, createMessageId, groupId } from '@postroad/envelope'
import { systemClock, systemRandom } from '@postroad/runtime/system'
import { openSqliteStore } from '@postroad/store-sqlite'

const folder = await mkdtemp(join(tmpdir(), 'postroad-example-'))
const codec = {
  encode: (job: { to: string }) => new TextEncoder().encode(JSON.stringify(job)),
  decode: (bytes: Uint8Array): { to: string } => JSON.parse(new TextDecoder().decode(bytes)),
}
const open = () => openSqliteStore({ path: join(folder, 'store.db'), codec })
{
  await using store = await open()
  const id = createEntryId(createMessageId(systemClock.now(), systemRandom.bytes(11)), 0)
  const entry = { id, job: { to: 'ada@example.org' }, group: groupId('example.org') }
  await store.queue.enqueue([{ ...entry, priority: 0, notBefore: 0, labels: {} }])
}
{
  await using store = await open()
  for (const lease of await store.queue.lease({ limit: 10, durationMs: 60_000, waitMs: 1_000 })) {
    console.log(lease.job.to)
    await store.queue.settle([{ token: lease.token, kind: 'done' }])
  }
}
await rm(folder, { recursive: true })

// Prints:
// ada@example.org
