/**
 * Brings one large message as far as the second argument says, prints `there`, and waits to be killed.
 *
 * staging: half of it is written. sealed: whole, not durable. kept: its file is durable, no entry names it. enqueued: it
 * is acknowledged. done: its only entry is settled.
 */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { openSqliteStore } from '../../src/index.ts'
import { SqliteSpool } from '../../src/spool.ts'
import { textCodec } from './text-codec.ts'

const [, , path = '', point = ''] = process.argv
const store = await openSqliteStore({ path, codec: textCodec })
const there = async (): Promise<void> => {
  process.stdout.write('there\n')
  for (;;) await new Promise((resolve) => setTimeout(resolve, 1_000_000))
}

const message = messageId(point)
const writer = await store.spool.stage({ message, ttlMs: 60_000 })
for (let n = 0; n < 10; n += 1) {
  await writer.write(new Uint8Array(100_000).fill(n))
  if (n === 5 && point === 'staging') await there()
}
const content = await writer.seal({ prefix: new Uint8Array([80]) })
if (point === 'sealed') await there()

const entry = { id: createEntryId(message, 0), job: point, group: groupId('example.org') }
const rest = { content, priority: 0, notBefore: 0, labels: {} }
if (point === 'kept' && store.spool instanceof SqliteSpool) {
  const row = { ...entry, ...rest, job: new Uint8Array(), labels: '', content: store.spool.bring(content) }
  await store.spool.bringing([row], () => there())
}
await store.queue.enqueue([{ ...entry, ...rest }])
if (point === 'enqueued') await there()
const leases = await store.queue.lease({ limit: 10, durationMs: 60_000, waitMs: 0 })
await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
await there()
