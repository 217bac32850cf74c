/** Disposal in the middle of everything: every call ends, and what was acknowledged is there afterwards. */

import { createManualClock } from '@postroad/runtime'
import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { QueueUnavailableError, type SealedContent } from '@postroad/queue'
import { expect, it } from 'vitest'
import { openSqliteStore } from '../src/index.ts'
import { openThreads } from '../src/store.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const entry = (name: string, content?: SealedContent) => ({
  id: createEntryId(messageId(name), 0),
  job: name,
  group: groupId('example.org'),
  priority: 0,
  notBefore: 0,
  labels: {},
  ...(content && { content }),
})
const look = { limit: 1, durationMs: 60_000, waitMs: 0 }

it.each([
  { when: 'while nothing else happens', dies: false, turns: 0, stagedBytes: 300_000 },
  { when: 'while there is no memory', dies: false, turns: 0, stagedBytes: 0 },
  { when: 'when the writer has just died', dies: true, turns: 0, stagedBytes: 300_000 },
  { when: 'while another writer is started', dies: true, turns: 3, stagedBytes: 300_000 },
])('ends every call, $when', async ({ dies, turns, stagedBytes }) => {
  const path = await createFolder()
  const clock = createManualClock()
  const opened = await openThreads({ path, codec: textCodec, clock }, { stagedBytes })
  const { store, heldBytes } = opened
  const { queue, spool, control, limits, journal } = store
  const put = async (name: string, size: number): Promise<SealedContent> => {
    const writer = await spool.stage({ message: messageId(name), ttlMs: 60_000 })
    for (let sent = 0; sent < size; sent += 50_000) await writer.write(new Uint8Array(50_000))
    return writer.seal({ prefix: new Uint8Array(1) })
  }
  const kept = await put('kept', 600_000)
  await queue.enqueue([entry('kept', kept)])
  await clock.advance(1_000)
  if (dies) await opened.killWriter()

  const acknowledged = ['kept']
  const read = async (): Promise<void> => {
    for await (const chunk of spool.open(kept.id)) expect(chunk.length).toBeGreaterThan(0)
  }
  const calls: Promise<unknown>[] = [
    ...Array.from({ length: 30 }, async (_, n) => {
      await queue.enqueue([entry(`m${n}`, await put(`m${n}`, n * 20_000))])
      acknowledged.push(`m${n}`)
    }),
    ...[1, 2, 3].map(() => queue.lease({ ...look, durationMs: 1, waitMs: 600_000 })),
    queue.lease({ ...look, durationMs: 1 }),
    read(),
    read(),
    control.list({}, { limit: 10 }),
    control.counts({ limit: 10 }),
    limits.mark('x', 1_000),
    limits.take([{ kind: 'concurrency', name: 'c', places: 1 }], 1, 1_000),
    journal.write([{ message: messageId('kept'), at: 0, event: 'e', detail: {} }]),
    spool.sweep(async () => new Set()),
  ]
  const settled = Promise.allSettled(calls)
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([store[Symbol.asyncDispose](), store[Symbol.asyncDispose]()])
  for (const outcome of await settled) {
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(QueueUnavailableError)
  }
  expect(heldBytes()).toBe(0)

  const again = await openSqliteStore({ path, codec: textCodec })
  const { items } = await again.control.list({}, { limit: 100 })
  expect(items.map(({ job }) => job)).toEqual(expect.arrayContaining(acknowledged))
  await again[Symbol.asyncDispose]()
})
