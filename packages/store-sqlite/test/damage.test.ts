/** A damaged page is named, and what lies on the others is leased, read and settled as ever. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { groupId } from '@postroad/envelope'
import type { EntryView, QueueControl } from '@postroad/queue'
import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { checkSqliteStore, openSqliteStore, type SqliteStoreEvent } from '../src/index.ts'
import { entry, look, put } from './entry.ts'
import { createFolder } from './folder.ts'
import { damagePage, pagesOf, restorePage } from './pages-on-disk.ts'
import { textCodec } from './programs/text-codec.ts'

const queue = { groupConcurrency: 100_000 }

/** Entries of two groups: jobs of a kibibyte, some thirty to a page. */
const fill = async (count: number, contentBytes = 0) => {
  const path = join(await createFolder(), 'mail.db')
  const clock = createManualClock()
  const store = await openSqliteStore({ path, codec: textCodec, clock, queue })
  for (let n = 0; n < count; n += 1) {
    const group = groupId(n % 2 === 0 ? 'even.test' : 'odd.test')
    const content = contentBytes === 0 ? {} : { content: await put(store.spool, `m${n}`, contentBytes, n & 255) }
    await store.queue.enqueue([entry(`m${n}`, { job: `${n} `.padEnd(1_000, '.'), group, ...content })])
  }
  return { path, clock, store }
}

const reopen = (path: string, clock = createManualClock()) => {
  const events: SqliteStoreEvent[] = []
  const observer = (event: SqliteStoreEvent): void => void events.push(event)
  const opening = openSqliteStore({ path, codec: textCodec, clock, queue, observer })
  /** Where the store said that it is damaged. */
  const told = (): readonly (string | undefined)[] =>
    events.flatMap((event) => (event.kind === 'damaged' ? event.pages.map(({ page, of }) => `${page} of ${of}`) : []))
  return { opening, told }
}

const listAll = async (control: QueueControl<string>): Promise<readonly EntryView<string>[]> => {
  const items: EntryView<string>[] = []
  let cursor: string | undefined
  do {
    const page = await control.list({}, { limit: 50, ...(cursor !== undefined && { cursor }) })
    items.push(...page.items)
    ;({ cursor } = page)
  } while (cursor !== undefined)
  return items
}

const numberOf = (job: string | undefined): number => Number.parseInt(job ?? '', 10)

describe('a damaged leaf of the entries', () => {
  it('takes its own entries out, and no other', async () => {
    const { path, store } = await fill(200)
    await store[Symbol.asyncDispose]()
    const leaves = pagesOf(path, 'entry').filter(({ kind }) => kind === 'leaf')
    const page = leaves[2]?.page ?? expect.fail('too few pages')
    await damagePage(path, page)

    const { opening, told } = reopen(path)
    const opened = await opening
    const leased = (await opened.queue.lease(look)).map((one) => one)
    const jobs = leased.map(({ job }) => numberOf(job))
    expect(jobs.length).toBeGreaterThan(140)
    expect(jobs.length).toBeLessThan(200)
    expect(new Set(jobs).size).toBe(jobs.length)
    // Both groups go on, and what comes new is leased too.
    await opened.queue.enqueue([entry('new', { group: groupId('even.test') })])
    const more = await opened.queue.lease(look)
    expect(more.map(({ job }) => job)).toEqual(['new'])
    expect(await opened.queue.lease(look)).toEqual([])
    const results = await opened.queue.settle([...leased, ...more].map(({ token }) => ({ token, kind: 'done' })))
    expect(results.every(({ kind }) => kind === 'settled')).toBe(true)
    await expect.poll(told).toContain(`${page} of table entry`)
    await opened[Symbol.asyncDispose]()

    const { findings } = await checkSqliteStore({ path })
    expect(findings).toContainEqual(
      expect.objectContaining({ severity: 'damage', where: `page ${page} of table entry` }),
    )
  })

  it('is passed over by lists, which give all the others once', async () => {
    const { path, store } = await fill(200)
    await store[Symbol.asyncDispose]()
    const page = pagesOf(path, 'entry').filter(({ kind }) => kind === 'leaf')[2]?.page ?? expect.fail('too few pages')
    await damagePage(path, page)
    const opened = await reopen(path).opening
    const seen = (await listAll(opened.control)).map(({ job }) => numberOf(job))
    const leased = (await opened.queue.lease(look)).map(({ job }) => numberOf(job))
    // Next to the page, one on each side can be read and not be written.
    expect(seen).toEqual(expect.arrayContaining(leased))
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length - leased.length).toBeLessThan(3)
    const held = await opened.control.apply({ kind: 'drop' }, { group: groupId('odd.test') }, { limit: 1_000 })
    expect(held.leased).toBe(leased.filter((n) => n % 2 === 1).length)
    await opened[Symbol.asyncDispose]()
  })

  it('does not keep leases of others from running out', async () => {
    const { path, clock, store } = await fill(200)
    expect(await store.queue.lease(look)).toHaveLength(200)
    await store[Symbol.asyncDispose]()
    const page = pagesOf(path, 'entry').filter(({ kind }) => kind === 'leaf')[2]?.page ?? expect.fail('too few pages')
    await damagePage(path, page)
    const opened = await reopen(path, clock).opening
    await clock.advance(60_001)
    const jobs: number[] = []
    for (;;) {
      // What came back is given alone.
      const [lease] = await opened.queue.lease(look)
      if (lease === undefined) break
      expect(lease.recovered).toBe(true)
      jobs.push(numberOf(lease.job))
      await opened.queue.settle([{ token: lease.token, kind: 'done' }])
    }
    expect(jobs.length).toBeGreaterThan(140)
    await opened[Symbol.asyncDispose]()
  })
})

it('entries that were passed over are leased once the page is whole again and the file is opened anew', async () => {
  const { path, store } = await fill(200)
  await store[Symbol.asyncDispose]()
  const whole = await readFile(path)
  for (const { page, kind } of pagesOf(path, 'entry')) if (kind === 'leaf') await damagePage(path, page)
  const opened = await reopen(path).opening
  expect(await opened.queue.lease(look)).toEqual([])
  await opened[Symbol.asyncDispose]()
  for (const { page } of pagesOf(path, 'entry')) await restorePage(path, page, whole)
  const again = await reopen(path).opening
  expect(await again.queue.lease(look)).toHaveLength(200)
  await again[Symbol.asyncDispose]()
  expect((await checkSqliteStore({ path })).findings).toEqual([])
})

it('the last page of entries being damaged, what comes new is refused, and the others are leased', async () => {
  const { path, store } = await fill(200)
  await store[Symbol.asyncDispose]()
  const last = pagesOf(path, 'entry').findLast(({ kind }) => kind === 'leaf') ?? expect.fail('no page')
  await damagePage(path, last.page)
  const opened = await reopen(path).opening
  await expect(opened.queue.enqueue([entry('new')])).rejects.toThrow(`page ${last.page} of table entry`)
  expect((await opened.queue.lease(look)).length).toBeGreaterThan(140)
  await opened[Symbol.asyncDispose]()
})

it('an inner page of the entries that is damaged is named; entries that are behind it alone are passed over', async () => {
  const { path, store } = await fill(200)
  await store[Symbol.asyncDispose]()
  const root = pagesOf(path, 'entry')[0] ?? expect.fail('no page')
  expect(root.kind).toBe('internal')
  await damagePage(path, root.page)
  const { opening, told } = reopen(path)
  const opened = await opening
  // The root leads to all of them.
  expect(await opened.queue.lease(look)).toEqual([])
  await expect(opened.queue.enqueue([entry('new')])).rejects.toMatchObject({
    code: 'QUEUE_UNAVAILABLE',
    message: expect.stringContaining(`the database is damaged: ${path} (page ${root.page} of table entry`),
  })
  await expect.poll(told).toContain(`${root.page} of table entry`)
  // What lies elsewhere goes on.
  expect(await opened.limits.mark('key', 1_000)).toBe('new')
  expect((await opened.control.counts({ limit: 10 })).items).toMatchObject([{ ready: 100 }, { ready: 100 }])
  await opened[Symbol.asyncDispose]()
})

it('a damaged page of content is named with the content that lies on it; the others are read', async () => {
  const { path, store } = await fill(40, 20_000)
  await store[Symbol.asyncDispose]()
  const leaves = pagesOf(path, 'content').filter(({ kind }) => kind === 'leaf')
  const page = leaves[5]?.page ?? expect.fail('too few pages')
  await damagePage(path, page)
  const opened = await reopen(path).opening
  const leases = await opened.queue.lease(look)
  expect(leases).toHaveLength(40)
  const outcomes = await Promise.all(
    leases.map(async ({ content, job }) => {
      let size = 0
      try {
        for await (const chunk of opened.spool.open(content ?? expect.fail('no content'))) {
          expect(chunk.every((byte) => byte === (numberOf(job) & 255))).toBe(true)
          size += chunk.length
        }
        return size
      } catch (error) {
        return error instanceof Error ? error.message : 'no error'
      }
    }),
  )
  const errors = outcomes.filter((outcome) => outcome !== 20_000)
  expect(errors.length).toBeGreaterThan(0)
  expect(errors.length).toBeLessThan(3)
  for (const error of errors) expect(error).toBe(`the database is damaged: ${path} (page ${page} of table content)`)
  await opened[Symbol.asyncDispose]()
})

it('a damaged page of groups takes its groups out, and no other', async () => {
  const path = join(await createFolder(), 'mail.db')
  const store = await openSqliteStore({ path, codec: textCodec, clock: createManualClock() })
  for (let n = 0; n < 30; n += 1) {
    await store.queue.enqueue(
      Array.from({ length: 100 }, (_, g) => ({
        ...entry(`m${n}`, { group: groupId(`group-${n}-${g}`.padEnd(200, 'x')) }),
        id: `m${n}.${g}` as never,
      })),
    )
  }
  await store[Symbol.asyncDispose]()
  const leaves = pagesOf(path, 'grp').filter(({ kind }) => kind === 'leaf')
  expect(leaves.length).toBeGreaterThan(10)
  await damagePage(path, leaves[3]?.page ?? expect.fail('too few pages'))
  const opened = await reopen(path).opening
  const jobs = []
  for (;;) {
    const leases = await opened.queue.lease(look)
    if (leases.length === 0) break
    jobs.push(...leases)
  }
  expect(jobs.length).toBeGreaterThan(2_600)
  expect(jobs.length).toBeLessThan(3_000)
  await opened[Symbol.asyncDispose]()
})

it('a table of housekeeping that is damaged is left alone, and mail goes on', async () => {
  const { path, clock, store } = await fill(10)
  const leases = await store.queue.lease(look)
  await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
  await store[Symbol.asyncDispose]()
  await damagePage(path, pagesOf(path, 'settled')[0]?.page ?? expect.fail('no page'))
  const opened = await reopen(path, clock).opening
  await clock.advance(4_000_000)
  expect(await opened.limits.mark('key', 1_000)).toBe('new')
  expect(await opened.queue.lease(look)).toEqual([])
  await opened[Symbol.asyncDispose]()
})
