/** A check finds nothing wrong in a store that lives, and names what was made wrong. */

import { unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { contentFilePath } from '@postroad/spool-fs'
import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { checkSqliteStore, openSqliteStore } from '../src/index.ts'
import { entry, look, put } from './entry.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

/** Three entries: one leased, one held, one waiting; one with content in the row, one with content in a file. */
const setUp = async () => {
  const path = join(await createFolder(), 'mail.db')
  const clock = createManualClock()
  const store = await openSqliteStore({ path, codec: textCodec, clock })
  const small = await put(store.spool, 'small', 1_000)
  const large = await put(store.spool, 'large', 400_000)
  await store.queue.enqueue([entry('leased', { content: small })])
  await store.queue.lease(look)
  await store.queue.enqueue([entry('held')])
  await store.control.apply({ kind: 'hold', reason: 'because' }, { state: 'ready' }, { limit: 10 })
  await store.queue.enqueue([entry('waiting', { content: large, notBefore: clock.now() + 1_000 })])
  await store.queue.enqueue([entry('settled', { priority: 1 })])
  const [lease] = await store.queue.lease(look)
  await store.queue.settle([{ token: lease?.token ?? expect.fail('no lease'), kind: 'done' }])
  return { path, clock, store, large }
}

it('finds nothing in a store beside its writers', async () => {
  const { path, clock, store } = await setUp()
  let isOver = false
  const work = async (): Promise<void> => {
    for (let n = 0; !isOver; n += 1) {
      const content = await put(store.spool, `m${n}`, n % 5 === 0 ? 300_000 : 1_000)
      await store.queue.enqueue([entry(`m${n}`, { content })])
      const leases = await store.queue.lease({ ...look, limit: 1 })
      await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
    }
  }
  const working = work()
  for (let n = 0; n < 3; n += 1)
    expect(await checkSqliteStore({ path, clock, readsContent: true })).toMatchObject({ findings: [] })
  isOver = true
  await working
  await store[Symbol.asyncDispose]()
  expect(await checkSqliteStore({ path, clock })).toMatchObject({ path, findings: [] })
})

it('refuses a file that is not there, and makes none', async () => {
  const path = join(await createFolder(), 'none.db')
  await expect(checkSqliteStore({ path })).rejects.toMatchObject({
    code: 'QUEUE_UNAVAILABLE',
    message: `the database file could not be opened: ${path}`,
  })
})

describe('names', () => {
  it.each([
    ['UPDATE grp SET leased = 7', 'damage', 'group example.org'],
    ['UPDATE grp SET entries = 9', 'damage', 'group example.org'],
    ['UPDATE entry SET grp = 99 WHERE state = 2', 'damage', 'group 99'],
    ['UPDATE grp SET open = 0, leased = 0', 'damage', 'group example.org'],
    ['DELETE FROM lane', 'damage', 'group example.org, priority 0'],
    ['INSERT INTO lane VALUES (1, 9, 1, 0, 0)', 'leftover', 'group example.org, priority 9'],
    ['UPDATE lane SET due_at = due_at + 1', 'damage', 'group example.org, priority 0'],
    ['UPDATE entry SET nonce = NULL WHERE state = 1', 'damage', 'entry leased.0'],
    ['UPDATE entry SET held_for = NULL WHERE state = 2', 'damage', 'entry held.0'],
    ['UPDATE entry SET state = 5 WHERE state = 2', 'damage', 'entry held.0'],
    ["UPDATE settled SET id = 'held.0'", 'damage', 'entry held.0'],
    ['UPDATE content SET names = 0, expires_at = 5 WHERE chunked = 0', 'leftover', 'content '],
    ['UPDATE content SET names = 2 WHERE chunked = 0', 'leftover', 'content '],
    ['DELETE FROM content WHERE chunked = 0', 'damage', 'content '],
    ["UPDATE content SET front = x'00' WHERE chunked = 0", 'damage', 'content '],
    ["INSERT INTO piece VALUES (1, 99, 0, x'00')", 'leftover', 'table piece, content 99'],
    ['INSERT INTO unlinking SELECT 1, id, 0 FROM content WHERE chunked = 2', 'damage', 'content '],
  ])('%s', async (sql, severity, where) => {
    const { path, clock, store } = await setUp()
    await store[Symbol.asyncDispose]()
    const database = new DatabaseSync(path)
    database.exec(sql)
    database.close()
    const { findings } = await checkSqliteStore({ path, clock })
    expect(findings).toContainEqual({
      severity,
      where: expect.stringContaining(where),
      what: expect.stringMatching(/./),
      advice: expect.stringMatching(/./),
    })
  })

  it('a file that is missing, is damaged, or that nothing names', async () => {
    const { path, clock, store, large } = await setUp()
    await store[Symbol.asyncDispose]()
    const folder = `${path}.content`
    const file = contentFilePath(folder, large.id) ?? expect.fail('no file')
    await writeFile(join(folder, 'staging', 'bbbbbbbb.2~1'), 'left over')
    await clock.advance(10 * 365 * 86_400_000)
    const found = async (): Promise<unknown> =>
      (await checkSqliteStore({ path, clock })).findings.map(({ severity, where, what }) => [severity, where, what])
    const leftover = ['leftover', `content bbbbbbbb.2, ${folder}/staging/bbbbbbbb.2~1`, 'no entry names it']
    expect(await found()).toEqual([leftover])
    await writeFile(file, 'cut')
    expect(await found()).toEqual([
      ['damage', `content ${large.id}, ${file}`, expect.stringContaining('is damaged')],
      leftover,
    ])
    await unlink(file)
    expect(await found()).toEqual([['damage', `content ${large.id}, ${file}`, 'its file is not there'], leftover])
  })
})

it('tells some hundred of each kind of file, and how many more there are', async () => {
  const { path, clock, store, large } = await setUp()
  await store[Symbol.asyncDispose]()
  const database = new DatabaseSync(path)
  database.exec(`WITH RECURSIVE n(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM n WHERE n < 349)
    INSERT INTO content (id, names, chunked, expires_at, size, front) SELECT 'cccccccc.' || n, 1, 2, NULL, 5, x'' FROM n`)
  database.close()
  const folder = `${path}.content`
  for (let n = 0; n < 130; n += 1) await writeFile(join(folder, 'staging', `bbbbbbbb.${n}~1`), 'left over')
  await clock.advance(10 * 365 * 86_400_000)
  const { findings } = await checkSqliteStore({ path, clock })
  const missing = findings.filter(({ what }) => what === 'its file is not there')
  expect(missing).toHaveLength(100)
  const left = findings.filter(({ what, where }) => what === 'no entry names it' && where.includes('bbbbbbbb'))
  expect(left).toHaveLength(100)
  expect(findings.slice(-201).filter(({ what }) => what.startsWith('and '))).toMatchObject([
    { severity: 'damage', what: 'and 150 more', where: 'the files of contents' },
    { severity: 'leftover', what: 'and 30 more', where: 'the files of contents' },
  ])
  expect(findings.some(({ where }) => where.includes(large.id))).toBe(false)
})

it('takes a clock that is an instance of a class', async () => {
  const { path, clock, store } = await setUp()
  await store[Symbol.asyncDispose]()
  class OtherClock {
    now(): number {
      return clock.now() + 0.5
    }
    monotonic(): number {
      return clock.monotonic()
    }
    sleep(ms: number, signal?: AbortSignal): Promise<void> {
      return clock.sleep(ms, signal)
    }
  }
  expect(await checkSqliteStore({ path, clock: new OtherClock() })).toMatchObject({ findings: [] })
})
