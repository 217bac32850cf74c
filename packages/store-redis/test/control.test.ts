import { groupId } from '@postroad/envelope'
import { contractCodec } from '@postroad/queue/testing'
import { expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { entryOf } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

const bench = createBench()

it('does nothing to an entry that has ceased to match between the look and the change', async () => {
  let onDecode = (): void => {}
  const decode = (bytes: Uint8Array): string => {
    onDecode()
    return contractCodec.decode(bytes)
  }
  const store = await bench.open(redisUrl(), { prefix: randomPrefix(), codec: { ...contractCodec, decode } })
  await store.queue.enqueue([entryOf('a', undefined, 'one.example')])
  const [lease] = await store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 })

  const notBefore = Date.now() + 60_000
  let moved: Promise<unknown> | undefined
  // Sent on the same connection, so Redis has it before the change.
  onDecode = () => {
    moved ??= store.queue.settle([
      { token: lease!.token, kind: 'retry', job: 'a', notBefore, group: groupId('two.example') },
    ])
  }
  const report = await store.control.apply({ kind: 'drop' }, { group: groupId('one.example') }, { limit: 10 })
  expect(await moved).toMatchObject([{ kind: 'settled' }])
  expect(report).toMatchObject({ matched: 0, changed: 0 })
  expect((await store.control.list({}, { limit: 10 })).items).toMatchObject([{ id: lease!.id, group: 'two.example' }])
})

it('drops no entry that is in another state than it was when it was found', async () => {
  let onDecode = (): void => {}
  const decode = (bytes: Uint8Array): string => {
    onDecode()
    return contractCodec.decode(bytes)
  }
  const store = await bench.open(redisUrl(), { prefix: randomPrefix(), codec: { ...contractCodec, decode } })
  await store.queue.enqueue([entryOf('a')])
  const [lease] = await store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 })
  let moved: Promise<unknown> | undefined
  onDecode = () => {
    moved ??= store.queue.settle([{ token: lease!.token, kind: 'retry', job: 'a', notBefore: Date.now() + 60_000 }])
  }
  const report = await store.control.apply({ kind: 'drop' }, { state: 'leased' }, { limit: 10 })
  await moved
  expect(report).toMatchObject({ changed: 0 })
  expect((await store.control.list({}, { limit: 10 })).items).toHaveLength(1)
})
