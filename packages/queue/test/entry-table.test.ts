/** The table of entries: what an entry is made of comes back, and what has ended leaves no memory behind. */

import { createEntryId, createMessageId, groupId, messageId } from '@postroad/envelope'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NewEntry } from '../src/index.ts'
import { createMemoryStore } from '../src/memory.ts'
import { EntryTable } from '../src/memory/entry-table.ts'
import { Group } from '../src/memory/lane.ts'
import { SmallContents, SMALL_BYTES } from '../src/memory/small-contents.ts'
import { contractCodec } from '../src/testing/index.ts'
import { heapBytes } from './garbage.ts'

/** Four spare pages of each of a few sizes, and others that are not full. */
const SPARE_BYTES = 1_500_000

function setUp() {
  const table = new EntryTable<string>(contractCodec, 7)
  const one = new Group<string>(groupId('example.org'), table)
  const add = (name: string, group = one) =>
    table.add({
      id: createEntryId(messageId(name), 0),
      serial: 1,
      lane: group.lane(0),
      enqueuedAt: 1,
      notBefore: 2,
      content: undefined,
      heldFor: undefined,
      lastReply: undefined,
      labels: ['recipient', `${name}@example.org`],
      job: { bytes: contractCodec.encode(`job of ${name}`), read: undefined },
    })
  return { table, add }
}

describe('the table of entries', () => {
  it('uses the memory of entries that have ended for others, and lets go what nobody needs', () => {
    const { table, add } = setUp()
    const rows = Array.from({ length: 5_000 }, (_, n) => add(`a${n}`))
    const { bytes } = table
    expect(bytes).toBeGreaterThan(5_000 * 150)
    for (let n = 0; n < 20_000; n += 1) {
      const ended = rows.shift() ?? expect.fail()
      table.delete(ended.row, ended.id)
      rows.push(add(`b${n}`))
      expect(table.bytes).toBeLessThan(bytes + SPARE_BYTES)
    }
    expect(table.size).toBe(5_000)
    for (const { row, id } of rows) table.delete(row, id)
    expect(table).toMatchObject({ size: 0 })
    expect(table.bytes).toBeLessThan(SPARE_BYTES)
  })

  it('knows no lane any more that no entry is of', () => {
    const { table, add } = setUp()
    const group = (name: string) => new Group<string>(groupId(name), table)
    const pass = (n: number): void => {
      const entry = add(`a${n}`, group(`from${n}`))
      entry.lane = group(`to${n}`).lane(1)
      expect(table.at(entry.row).lane.group.id).toBe(`to${n}`)
      table.delete(entry.row, entry.id)
    }
    pass(0)
    const heap = heapBytes()
    for (let n = 1; n <= 5_000; n += 1) pass(n)
    expect((heapBytes() - heap) / 5_000).toBeLessThan(100)
  })

  it('is small: a hundred thousand entries of 300 bytes take less than 500 bytes each', () => {
    const { table, add } = setUp()
    // Id, label and job have the name each, and some 30 bytes more.
    for (let n = 0; n < 100_000; n += 1) add(`${n}`.padEnd(90, 'x'))
    expect(table.bytes / 100_000).toBeGreaterThan(300)
    expect(table.bytes / 100_000).toBeLessThan(500)
  })

  it('writes a record anew without losing the rest, and gives back copies of a job', () => {
    const { table, add } = setUp()
    const entry = add('a')
    const before = entry.jobBytes
    entry.change({ lastReply: '450 later', heldFor: '' }, { bytes: contractCodec.encode('new'), read: undefined })
    expect(contractCodec.decode(before)).toBe('job of a')
    expect(entry.readJob()).toBe('new')
    entry.change({ heldFor: undefined })
    expect(entry.record()).toEqual({
      id: 'a.0',
      content: undefined,
      heldFor: undefined,
      lastReply: '450 later',
      labels: ['recipient', 'a@example.org'],
    })
    expect(table.find(entry.id)?.row).toBe(entry.row)
  })

  it('keeps flags apart from one another', () => {
    const entry = setUp().add('a')
    const flags = fc.record({
      state: fc.constantFrom('queued' as const, 'leased' as const, 'held' as const),
      recovered: fc.boolean(),
      alone: fc.boolean(),
      deaths: fc.nat(1_000_000),
    })
    fc.assert(
      fc.property(fc.array(flags, { minLength: 1 }), (all) => {
        for (const one of all) Object.assign(entry, one)
        const { state, recovered, alone, deaths } = entry
        expect({ state, recovered, alone, deaths }).toEqual(all.at(-1))
      }),
    )
  })
})

describe('the memory store', () => {
  const entry = (over: Partial<NewEntry<string>>): NewEntry<string> => ({
    id: createEntryId(messageId('a'), 0),
    job: 'x',
    group: groupId('example.org'),
    priority: 0,
    notBefore: 0,
    labels: {},
    ...over,
  })
  const look = { limit: 100, durationMs: 1_000, waitMs: 0 }

  it('gives labels, replies and reasons back as they were, whatever they are made of', async () => {
    const any = fc.string({ unit: 'binary' })
    await fc.assert(
      fc.asyncProperty(fc.dictionary(any, any, { maxKeys: 16 }), any, any, async (labels, reply, reason) => {
        const { queue, control } = createMemoryStore<string>({
          clock: createManualClock(),
          random: createSeededRandom(7),
        })
        await queue.enqueue([entry({ labels })])
        const [lease] = await queue.lease(look)
        expect(lease?.labels).toEqual({ ...labels })
        const token = lease?.token ?? expect.fail()
        await queue.settle([{ token, kind: 'hold', job: 'y', reason, reply }])
        expect((await control.list({ state: 'held' }, { limit: 1 })).items).toMatchObject([
          { labels: { ...labels }, heldFor: reason, lastReply: reply.slice(0, 500), job: 'y' },
        ])
      }),
      { numRuns: 50 },
    )
  })

  it('keeps the label __proto__ like any other', async () => {
    const { queue } = createMemoryStore<string>({ clock: createManualClock(), random: createSeededRandom(7) })
    const labels: Record<string, string> = JSON.parse('{"__proto__":"x"}')
    await queue.enqueue([entry({ labels })])
    expect(Object.entries((await queue.lease(look))[0]?.labels ?? {})).toEqual([['__proto__', 'x']])
  })

  it('gives entries by notBefore, then arrival, however they come: due at once, later, again, from another group', async () => {
    const step = fc.tuple(
      fc.constantFrom('add', 'later', 'retry', 'reroute', 'hold', 'drop', 'pass', 'back'),
      fc.nat(9),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const clock = createManualClock()
        const random = createSeededRandom(7)
        const { queue, control } = createMemoryStore<string>({ clock, random, queue: { groupConcurrency: 1_000 } })
        const page = { limit: 1_000 }
        for (const [act, n] of steps) {
          const id = createEntryId(createMessageId(clock.now(), random.bytes(11)), 0)
          if (act === 'add') await queue.enqueue([entry({ id })])
          else if (act === 'later') await queue.enqueue([entry({ id, notBefore: clock.now() + n })])
          else if (act === 'pass') clock.step(n)
          else if (act === 'back') clock.step(-n)
          else if (act === 'retry') {
            const [lease] = await queue.lease({ ...look, limit: 1 })
            const { token, job } = lease ?? { token: undefined, job: '' }
            if (token !== undefined) await queue.settle([{ token, kind: 'retry', job, notBefore: clock.now() + n }])
          } else {
            const { items } = await control.list({}, page)
            const ids = items.slice(n, n + 1).map((item) => item.id)
            if (act === 'drop') await control.apply({ kind: 'drop' }, { ids }, page)
            if (act === 'hold') await control.apply({ kind: 'hold', reason: 'r' }, { ids }, page)
            if (act === 'hold' && n > 4) await control.apply({ kind: 'release' }, {}, page)
            if (act === 'reroute') await control.apply({ kind: 'reroute', group: groupId('other.test') }, { ids }, page)
            if (act === 'reroute') await control.apply({ kind: 'reroute', group: groupId('example.org') }, {}, page)
          }
          const { items } = await control.list({}, page)
          const ready = items.filter(({ notBefore, state }) => state !== 'held' && notBefore <= clock.now())
          expect((await control.counts(page)).items[0]?.ready ?? 0).toBe(ready.length)
        }
        await control.apply({ kind: 'release' }, {}, page)
        clock.step(100)
        const { items } = await control.list({}, page)
        const expected = items.toSorted((a, b) => a.notBefore - b.notBefore).map(({ id }) => id)
        expect((await queue.lease({ ...look, limit: 1_000 })).map(({ id }) => id)).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })

  it('keeps the bytes of a job that somebody was given, whatever becomes of the entry', async () => {
    const codec = { encode: (job: Uint8Array) => job, decode: (bytes: Uint8Array) => bytes }
    const { queue } = createMemoryStore<Uint8Array>({
      codec,
      clock: createManualClock(),
      random: createSeededRandom(7),
    })
    const job = new Uint8Array(100).fill(1)
    await queue.enqueue([{ ...entry({}), job }])
    job.fill(2)
    const [lease] = await queue.lease(look)
    await queue.settle([{ token: lease?.token ?? expect.fail(), kind: 'done' }])
    const others = Array.from({ length: 50 }, (_, n) => ({
      ...entry({ id: createEntryId(messageId('b'), n) }),
      job: new Uint8Array(100).fill(3),
    }))
    await queue.enqueue(others)
    expect(lease?.job).toEqual(new Uint8Array(100).fill(1))
  })

  it('reads small content to its end where it goes meanwhile', async () => {
    const { queue, spool } = createMemoryStore<string>({ clock: createManualClock(), random: createSeededRandom(7) })
    const put = async (text: string) => {
      const writer = await spool.stage({ message: messageId('a'), ttlMs: 1_000 })
      await writer.write(Buffer.from(text))
      return writer.seal({ prefix: new Uint8Array() })
    }
    const content = await put('first')
    await queue.enqueue([entry({ content })])
    const reading = spool.open(content.id)[Symbol.asyncIterator]()
    const { value } = await reading.next()
    const [lease] = await queue.lease(look)
    await queue.settle([{ token: lease?.token ?? expect.fail(), kind: 'done' }])
    await queue.enqueue([entry({ id: createEntryId(messageId('b'), 0), content: await put('other') })])
    expect(Buffer.from(value).toString()).toBe('first')
    expect(await reading.next()).toMatchObject({ done: true })
  })
})

describe('small content', () => {
  it('goes with the last name, and its memory is used again', () => {
    const contents = new SmallContents(7)
    const ids = Array.from({ length: 2_000 }, (_, n) => `c${n}` as never)
    const bytes = new Uint8Array(SMALL_BYTES).fill(5)
    for (const id of ids) contents.add(id, [bytes.subarray(0, 100), bytes.subarray(0, 1_000)], false)
    const { bytes: before } = contents
    for (let round = 0; round < 5; round += 1) {
      for (const id of ids) {
        expect(contents.name(id)).toBe(true)
        expect(contents.release(id)).toBe(true)
        expect(contents.read(id)).toEqual(bytes.subarray(0, 1_100))
        contents.release(id)
        expect(contents.read(id)).toBeUndefined()
        contents.add(id, [bytes.subarray(0, 1_100)], true)
      }
      expect(contents.bytes).toBeLessThan(before + SPARE_BYTES)
    }
    for (const id of ids) contents.release(id)
    expect(contents.size).toBe(0)
    expect(contents.bytes).toBeLessThan(SPARE_BYTES)
  })
})
