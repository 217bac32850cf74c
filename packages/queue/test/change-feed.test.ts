/** What only the memory store's feed does: whom it forgets, and when. */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import { expect, it } from 'vitest'
import type { Changes } from '../src/index.ts'
import { createMemoryStore } from '../src/memory.ts'

function setUp() {
  const clock = createManualClock()
  const store = createMemoryStore<string>({ clock, random: createSeededRandom(7) })
  let serial = 0
  const ask = (cursor?: string, waitMs = 0): Promise<Changes> =>
    store.control.changes({ limit: 100, waitMs, ...(cursor !== undefined && { cursor }) })
  const touch = async (group: string, notBefore = 0): Promise<void> => {
    const id = createEntryId(messageId(`m${(serial += 1)}`), 0)
    await store.queue.enqueue([{ id, job: 'x', group: groupId(group), priority: 0, notBefore, labels: {} }])
  }
  /** Gives every entry to a worker who ends it. */
  const work = async (): Promise<void> => {
    const leases = await store.queue.lease({ limit: 1_000, durationMs: 1_000, waitMs: 0 })
    await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
  }
  return { clock, store, ask, touch, work }
}

it('goes on for a follower who comes back within a minute', async () => {
  const { clock, ask, touch } = setUp()
  const { cursor } = await ask()
  await clock.advance(60_000)
  await touch('example.org')
  expect(await ask(cursor)).toMatchObject({ restarted: false, groups: [{ group: 'example.org' }] })
})

it('begins anew for one who comes back later and has missed something', async () => {
  const { clock, ask, touch } = setUp()
  const { cursor } = await ask()
  await clock.advance(60_001)
  await touch('example.org')
  const anew = await ask(cursor)
  expect(anew).toMatchObject({ restarted: true, groups: [] })
  await touch('example.net')
  expect((await ask(anew.cursor)).groups).toMatchObject([{ group: 'example.net' }])
})

it('wakes a follower who waits for longer than a minute, with the counts of the whole step', async () => {
  const { clock, store, ask, touch } = setUp()
  const { cursor } = await ask()
  const waiting = ask(cursor, 600_000)
  await clock.advance(300_000)
  await touch('example.org')
  expect(await waiting).toMatchObject({ restarted: false, groups: [{ group: 'example.org', ready: 1, waiting: 0 }] })
  expect(clock.sleeping).toBe(0)
  const idle = ask((await ask(cursor)).cursor, 600_000)
  await store[Symbol.asyncDispose]()
  expect(await idle).toMatchObject({ restarted: false, groups: [] })
  expect(clock.sleeping).toBe(0)
})

it('forgets groups emptied long ago: who knows nothing since begins anew, who follows goes on', async () => {
  const { clock, ask, touch, work } = setUp()
  const behind = (await ask()).cursor
  let { cursor } = await ask()
  const told = new Set<string>()
  for (let n = 0; n < 6_000; n += 1) {
    await touch(`g${n}.example`)
    if (n % 50 < 49) continue
    await work()
    const changes = await ask(cursor)
    expect(changes.restarted).toBe(false)
    for (const { group } of changes.groups) told.add(group)
    cursor = changes.cursor
    await clock.advance(60_000)
  }
  expect(told.size).toBe(6_000)
  expect(await ask(behind)).toMatchObject({ restarted: true })
})

it('counts what is ready of many that are not', async () => {
  const { clock, store, touch } = setUp()
  for (let n = 0; n < 500; n += 1) await touch('example.org', clock.now() + ((n * 7_919) % 500))
  for (const passed of [0, 10, 250, 499]) {
    clock.step(passed === 0 ? 0 : passed - (clock.now() - 1_700_000_000_000))
    const { items } = await store.control.counts({ limit: 1 })
    expect(items).toMatchObject([{ ready: passed + 1, waiting: 499 - passed }])
  }
})
