/** Pages of control: every filter gives what it means, each once, and bulk changes meet nothing twice. */

import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { entryId, groupId } from '@postroad/envelope'
import type { ControlAction, EntryFilter, EntryState, Store } from '@postroad/queue'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { openSqliteStore } from '../src/index.ts'
import { entry, look } from './entry.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const GROUPS = ['a.test', 'b.test', 'c.test'].map((id) => groupId(id))
const STATES: readonly EntryState[] = ['ready', 'waiting', 'leased', 'held']

/** Two hundred entries over three groups and three priorities, in every state. */
const setUp = async () => {
  const path = join(await createFolder(), 'mail.db')
  const clock = createManualClock()
  const store = await openSqliteStore({ path, codec: textCodec, clock, queue: { groupConcurrency: 1_000 } })
  const random = createSeededRandom(1)
  const pick = (count: number): number => (random.bytes(1)[0] ?? 0) % count
  const fill = async (from: number, to: number): Promise<void> => {
    const added: Promise<void>[] = []
    for (let n = from; n < to; n += 1) {
      const group = GROUPS[pick(3)] ?? expect.fail('no group')
      const notBefore = pick(2) === 0 ? clock.now() - pick(5) * 1_000 : clock.now() + 1_000 + pick(5) * 1_000
      const labels = { odd: String(n % 2) }
      added.push(store.queue.enqueue([entry(`m${n}`, { group, priority: pick(3), notBefore, labels })]))
    }
    await Promise.all(added)
  }
  await fill(0, 80)
  const leases = await store.queue.lease({ ...look, limit: 30 })
  await fill(80, 160)
  await store.control.apply({ kind: 'hold', reason: 'because' }, { labels: { odd: '1' } }, { limit: 1_000 })
  await fill(160, 200)
  const settled = await store.queue.settle(
    leases.slice(0, 5).map(({ token, job }) => ({ token, kind: 'retry', job, notBefore: 0, reply: `450 ${job}` })),
  )
  expect(settled).toHaveLength(5)
  return { path, clock, store }
}

const filters: readonly EntryFilter[] = [
  {},
  { labels: { odd: '0' } },
  { lastReply: '450' },
  ...STATES.map((state) => ({ state })),
  ...GROUPS.map((group) => ({ group })),
  ...GROUPS.flatMap((group) => STATES.map((state) => ({ group, state, attemptsAtLeast: 0 }))),
  { group: groupId('nowhere.test') },
  { ids: [entryId('m3.0'), entryId('m150.0'), entryId('m3.0'), entryId('none.0')] },
]

const listAll = async (store: Store<string>, filter: EntryFilter, limit: number): Promise<readonly string[]> => {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.control.list(filter, { limit, ...(cursor !== undefined && { cursor }) })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    ids.push(...page.items.map(({ id }) => id))
    ;({ cursor } = page)
  } while (cursor !== undefined)
  return ids
}

const applyAll = async (store: Store<string>, action: ControlAction, filter: EntryFilter, dryRun: boolean) => {
  const sum = { matched: 0, changed: 0, leased: 0 }
  let cursor: string | undefined
  do {
    const report = await store.control.apply(action, filter, {
      limit: 7,
      dryRun,
      ...(cursor !== undefined && { cursor }),
    })
    sum.matched += report.matched
    sum.changed += report.changed
    sum.leased += report.leased
    ;({ cursor } = report)
  } while (cursor !== undefined)
  return sum
}

it('gives what each filter means, each once, whatever the length of a page', async () => {
  const { store } = await setUp()
  const all = (await store.control.list({}, { limit: 1_000 })).items
  expect(new Set(all.map(({ state }) => state)).size).toBe(4)
  for (const filter of filters) {
    const { state, group, labels, lastReply, ids } = filter
    const wanted = all.filter(
      (one) =>
        (state === undefined || one.state === state) &&
        (group === undefined || one.group === group) &&
        (labels === undefined || one.labels['odd'] === labels['odd']) &&
        (lastReply === undefined || one.lastReply?.includes(lastReply) === true) &&
        (ids === undefined || ids.includes(one.id)),
    )
    for (const limit of [1, 7, 1_000]) {
      const listed = await listAll(store, filter, limit)
      expect(listed.toSorted(), JSON.stringify(filter)).toEqual(wanted.map(({ id }) => id).toSorted())
    }
  }
  await store[Symbol.asyncDispose]()
})

it('begins anew with a cursor that is none of ours', async () => {
  const { store } = await setUp()
  for (const cursor of ['', 'x', '7', 's,,99', 'a,x', 's,,x,y,z', 'd,x,0', '1e999', ',,,,,,,,']) {
    for (const filter of [{}, { state: 'ready' }, { group: GROUPS[0] ?? expect.fail('no group') }] as const)
      expect((await store.control.list(filter, { limit: 10, cursor })).items.length).toBeLessThanOrEqual(10)
  }
  await store[Symbol.asyncDispose]()
})

describe('a bulk change in pages meets nothing twice', () => {
  const target = GROUPS[1] ?? expect.fail('no group')
  const actions: readonly ControlAction[] = [
    { kind: 'hold', reason: 'because' },
    { kind: 'release' },
    { kind: 'retry' },
    { kind: 'drop' },
    { kind: 'reroute', group: target },
    { kind: 'reroute', group: groupId('new.test') },
  ]
  const some: readonly EntryFilter[] = [{}, { group: target }, ...STATES.map((state) => ({ state }))]
  it.each(actions.flatMap((action) => some.map((filter) => ({ action, filter }))))(
    '$action, $filter',
    async ({ action, filter }) => {
      const { store } = await setUp()
      const wanted = (await store.control.list(filter, { limit: 1_000 })).items.length
      const dry = await applyAll(store, action, filter, true)
      expect(dry.matched).toBe(wanted)
      expect(await applyAll(store, action, filter, false)).toEqual(dry)
      await store[Symbol.asyncDispose]()
    },
  )
})

it('numbers changes only while somebody follows', async () => {
  const { path, clock, store } = await setUp()
  const numbered = (): unknown => {
    const database = new DatabaseSync(path, { readOnly: true })
    const row = database.prepare('SELECT count(*) AS n FROM grp WHERE changed IS NOT NULL').get()
    database.close()
    return row?.['n']
  }
  expect(numbered()).toBe(0)
  await store.control.changes({ limit: 10, waitMs: 0 })
  await store.queue.enqueue([entry('x', { group: groupId('a.test') })])
  expect(numbered()).toBe(1)
  await clock.advance(200_000)
  await store.queue.enqueue([entry('y', { group: groupId('b.test') })])
  expect(numbered()).toBe(1)
  await store[Symbol.asyncDispose]()
})

it('keeps an emptied group for a minute for those who follow, and then forgets it', async () => {
  const path = join(await createFolder(), 'mail.db')
  const clock = createManualClock()
  const store = await openSqliteStore({ path, codec: textCodec, clock })
  let { cursor } = await store.control.changes({ limit: 10, waitMs: 0 })
  await store.queue.enqueue([entry('a')])
  const [lease] = await store.queue.lease(look)
  await store.queue.settle([{ token: lease?.token ?? expect.fail('no lease'), kind: 'done' }])
  const rows = (): unknown => {
    const database = new DatabaseSync(path, { readOnly: true })
    const row = database.prepare('SELECT count(*) AS n FROM grp').get()
    database.close()
    return row?.['n']
  }
  const tick = async (): Promise<void> => {
    await clock.advance(11_000)
    await store.limits.mark('tick', 1)
  }
  for (let n = 0; n < 4; n += 1) await tick()
  const told = await store.control.changes({ cursor, limit: 10, waitMs: 0 })
  expect(told).toMatchObject({ restarted: false, groups: [{ group: 'example.org', ready: 0, leased: 0 }] })
  ;({ cursor } = told)
  expect(rows()).toBe(1)
  for (let n = 0; n < 8; n += 1) {
    await tick()
    expect(await store.control.changes({ cursor, limit: 10, waitMs: 0 })).toMatchObject({ restarted: false })
  }
  expect(rows()).toBe(0)
  expect(await store.control.changes({ cursor, limit: 10, waitMs: 0 })).toMatchObject({ restarted: false, groups: [] })
  await store[Symbol.asyncDispose]()
})
