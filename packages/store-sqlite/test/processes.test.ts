/** Several processes on one file: they wake each other, and take turns at the lock. */

import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { openSqliteStore } from '../src/index.ts'
import { openThreads } from '../src/store.ts'
import { entry, look } from './entry.ts'
import { createFolder } from './folder.ts'
import { start } from './programs/start.ts'
import { textCodec } from './programs/text-codec.ts'

it('wakes a worker of another process by a ring, and else leaves it asleep', async () => {
  const path = join(await createFolder(), 'mail.db')
  const worker = start('worker.ts', path)
  await worker.printed('ready')
  const store = await openSqliteStore({ path, codec: textCodec })
  const looks = (): number => worker.lines.filter((line) => line === 'look').length
  for (const name of ['a', 'b', 'c']) {
    await store.queue.enqueue([entry(name)])
    await worker.printed(`job ${name}`)
  }
  // Work for the worker alone rings nobody: nothing but its own looks and settlements.
  expect(looks()).toBeLessThan(40)
  await store[Symbol.asyncDispose]()
  await worker.end()
  expect(worker.lines.at(-1)).toBe('ended')
  expect(await readdir(join(path, '..'))).toEqual(['mail.db'])
})

it('wakes a worker whose process came later, and one that came before', async () => {
  const path = join(await createFolder(), 'mail.db')
  const early = await openThreads({ path, codec: textCodec }, { lookMs: 3_600_000 })
  const late = await openThreads({ path, codec: textCodec }, { lookMs: 3_600_000 })
  const wait = { ...look, waitMs: 600_000 }
  const lateWaits = late.store.queue.lease(wait)
  await late.store.queue.lease(look)
  await early.store.queue.enqueue([entry('for the late')])
  expect(await lateWaits).toMatchObject([{ job: 'for the late' }])
  const earlyWaits = early.store.queue.lease(wait)
  await early.store.queue.lease(look)
  await late.store.queue.enqueue([entry('for the early')])
  expect(await earlyWaits).toMatchObject([{ job: 'for the early' }])
  await early.store[Symbol.asyncDispose]()
  await late.store[Symbol.asyncDispose]()
})

it('takes no harm from the bells of dead processes, and takes them down', async () => {
  const path = join(await createFolder(), 'mail.db')
  await mkdir(`${path}.bells`)
  // No process has this number.
  await writeFile(join(`${path}.bells`, '2147483646-dead'), '')
  const store = await openSqliteStore({ path, codec: textCodec })
  expect(await readdir(`${path}.bells`)).toEqual([expect.stringMatching(`^${process.pid}-`)])
  await store.queue.enqueue([entry('a')])
  await store[Symbol.asyncDispose]()
  expect(await readdir(join(path, '..'))).toEqual(['mail.db'])
})

it('looks once a second where no bell can be hung', async () => {
  const path = join(await createFolder(), 'mail.db')
  // A file is in the way.
  await writeFile(`${path}.bells`, '')
  const store = await openSqliteStore({ path, codec: textCodec })
  const other = await openSqliteStore({ path, codec: textCodec })
  const waiting = store.queue.lease({ ...look, waitMs: 600_000 })
  await store.queue.lease(look)
  await other.queue.enqueue([entry('a')])
  expect(await waiting).toMatchObject([{ job: 'a' }])
  await store[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

it('lets two processes at full load have at least a quarter of the commits each', async () => {
  const path = join(await createFolder(), 'mail.db')
  const programs = ['one', 'two'].map((name) => start('enqueue-at-full-load.ts', path, name))
  for (const program of programs) await program.printed('ready')
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
  // A commit is a row of ten entries of one process, or fewer: whose they are changes where the lock went over.
  const inOrder = database.prepare(
    'SELECT grp.id AS name FROM entry JOIN grp ON grp.serial = entry.grp ORDER BY entry.serial',
  )
  const names = (): readonly string[] => inOrder.all().map(({ name }) => String(name))
  const seen = (): readonly string[] => {
    const all = names()
    // From when both have begun.
    return all.slice(Math.max(all.indexOf('one'), all.indexOf('two')))
  }
  await expect.poll(() => new Set(names()).size, { timeout: 60_000 }).toBe(2)
  await expect.poll(() => seen().length, { timeout: 60_000, interval: 200 }).toBeGreaterThan(3_000)
  for (const program of programs) await program.end()
  const window = seen().slice(0, 3_000)
  const share = window.filter((name) => name === 'one').length / window.length
  console.log(`of ${window.length} entries, ${Math.round(share * 100)} % were of the one`)
  expect(share).toBeGreaterThan(0.25)
  expect(share).toBeLessThan(0.75)
  database.close()
})
