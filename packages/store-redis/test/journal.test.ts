import { messageId } from '@postroad/envelope'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { note } from '../src/scripts/journal.ts'
import { entryOf } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000

it('keeps the journals of so many messages, those that began last', async () => {
  const prefix = randomPrefix()
  const admin = new Redis(redisUrl())
  const base = `{${prefix}:0}:`
  const write = (message: string): Promise<unknown> =>
    admin.eval(note.lua, 1, `${base}seq`, message, 5, LONG_MS, 3, `{"of":"${message}"}`)
  for (const message of ['a', 'b', 'c', 'a', 'd', 'e', 'c']) await write(message)
  const left = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => admin.llen(`${base}journal:${name}`)))
  expect(left).toEqual([0, 0, 2, 1, 1])
  expect(await admin.lrange(`${base}journals`, 0, -1)).toEqual(['c', 'd', 'e'])
  admin.disconnect()
})

it('goes down to a smaller number of messages little by little', async () => {
  const prefix = randomPrefix()
  const admin = new Redis(redisUrl())
  const base = `{${prefix}:0}:`
  const write = (message: string, most: number): Promise<unknown> =>
    admin.eval(note.lua, 1, `${base}seq`, message, 5, LONG_MS, most, 'x')
  for (let n = 0; n < 10; n += 1) await write(`m${n}`, 10)
  const lengths: number[] = []
  for (let n = 10; n < 18; n += 1) {
    await write(`m${n}`, 5)
    lengths.push(await admin.llen(`${base}journals`))
  }
  expect(lengths).toEqual([9, 8, 7, 6, 5, 5, 5, 5])
  expect(await admin.keys(`${base}journal:*`)).toHaveLength(5)
  admin.disconnect()
})

it('has a message of which a settlement and a worker write only once', async () => {
  const prefix = randomPrefix()
  const store = await bench.open(redisUrl(), { prefix })
  const admin = new Redis(redisUrl())
  await store.journal.write([{ message: messageId('M'), at: 1, event: 'message.accepted', detail: {} }])
  await store.queue.enqueue([entryOf('M')])
  const [lease] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  const record = { at: 2, event: 'attempt.delivered', detail: {} }
  await store.queue.settle([{ token: lease!.token, kind: 'done', record }])
  expect(await store.journal.read(messageId('M'))).toHaveLength(2)
  expect(await admin.lrange(`{${prefix}:0}:journals`, 0, -1)).toEqual(['M'])
  admin.disconnect()
})
