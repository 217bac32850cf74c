/** What a crash, or a caller who went away, leaves behind is found by its time, asked about, and removed. */

import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ContentId, contentId, messageId } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { contentFilePath, listContentFiles, openFileSpool } from '../src/index.ts'
import { listFiles, pattern, setUp, sweep } from './world.ts'

describe('content that was persisted', () => {
  it('goes once its time to live has passed since its last write, unless it is in use', async () => {
    const { clock, files, keep, read, spool } = await setUp()
    const [orphan, used] = [await keep('orphan', { ttlMs: 5_000 }), await keep('used', { ttlMs: 5_000 })]
    await keep('young', { ttlMs: 60_000 })
    expect(await sweep(spool, used)).toEqual({ examined: 3, removed: 0 })
    await clock.advance(5_002)
    expect(await sweep(spool, used)).toEqual({ examined: 3, removed: 1 })
    expect(await sweep(spool, used)).toEqual({ examined: 2, removed: 0 })
    expect((await read(used)).toString()).toBe('used')
    await expect(read(orphan)).rejects.toMatchObject({ code: 'QUEUE_CONTENT_MISSING' })
    expect(await files()).toHaveLength(2)
  })

  it('keeps its time over the end of the process', async () => {
    const { again, clock, keep, spool } = await setUp()
    await keep('x', { ttlMs: 5_000 })
    await spool[Symbol.asyncDispose]()
    const next = again()
    expect((await sweep(next)).removed).toBe(0)
    await clock.advance(5_002)
    expect((await sweep(next)).removed).toBe(1)
  })

  it('is asked about in pieces of 1,000, and only what is stale', async () => {
    const { clock, keep, spool } = await setUp({ fsync: false })
    await Promise.all(Array.from({ length: 1_100 }, (_, n) => keep(`${n}`, { ttlMs: 1_000 })))
    await keep('young')
    await clock.advance(1_002)
    const asked: number[] = []
    await spool.sweep(async (ids) => {
      asked.push(ids.length)
      return new Set(ids)
    })
    expect(asked).toEqual([1_000, 100])
  })
})

describe('content that was not persisted', () => {
  it('lives as long as it is written to, and its time is asked from this process', async () => {
    const { clock, spool } = await setUp()
    const writer = await spool.stage({ message: messageId('M'), ttlMs: 5_000 })
    for (let n = 0; n < 5; n += 1) {
      await writer.write(pattern(100_000))
      await clock.advance(4_000)
      expect((await sweep(spool)).removed).toBe(0)
    }
    await clock.advance(1_001)
    expect((await sweep(spool)).removed).toBe(1)
    expect(() => writer.write(pattern(1))).toThrow('there is no content')
  })

  it('of a process that died goes once its time has passed since the file was last written', async () => {
    const { folder, keep } = await setUp()
    await keep('another')
    const left = [
      { name: 'dead.1~3e8', at: -2_000, goes: false },
      { name: 'dead.2~rs', at: -2_000, goes: true },
      { name: 'dead.3~3e8', at: -10_000, goes: true },
    ]
    const { clock, spool } = await setUp({ folder })
    for (const { name, at } of left) {
      const path = join(folder, 'staging', name)
      await writeFile(path, 'half')
      const seconds = (clock.now() + at) / 1_000
      await utimes(path, seconds, seconds)
    }
    const asked: ContentId[] = []
    const { removed } = await spool.sweep(async (ids) => {
      asked.push(...ids)
      return new Set()
    })
    expect(asked.toSorted()).toEqual(['dead.2', 'dead.3'])
    expect(removed).toBe(2)
  })

  it('is left alone where somebody went on writing while the sweep asked', async () => {
    const { clock, spool, read } = await setUp()
    const writer = await spool.stage({ message: messageId('M'), ttlMs: 1_000 })
    await writer.write(pattern(200_000))
    await clock.advance(1_001)
    const { removed } = await spool.sweep(async () => {
      await writer.write(pattern(1))
      return new Set()
    })
    expect(removed).toBe(0)
    const content = await writer.seal({ prefix: new Uint8Array() })
    await spool.persist([content])
    expect(await read(content.id)).toHaveLength(200_001)
  })

  it('that another process swept is not acknowledged by the one that writes it', async () => {
    const { again, clock, put, spool } = await setUp()
    const content = await put([pattern(200_000)], { ttlMs: 1_000 })
    await clock.advance(60_000)
    expect((await sweep(again())).removed).toBe(1)
    await expect(spool.persist([content])).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: expect.stringContaining('the folder or file is gone'),
    })
  })

  it('shows in its file that it is written to, however little comes, so that other processes spare it', async () => {
    const { clock, disk, read, spool } = await setUp()
    const writes = (): number => disk.calls.filter((call) => call.startsWith('write')).length
    const writer = await spool.stage({ message: messageId('M'), ttlMs: 8_000 })
    await writer.write(pattern(10))
    await clock.advance(2_000)
    await writer.write(pattern(10))
    expect(writes()).toBe(0)
    await writer.write(pattern(200_000))
    const before = writes()
    await clock.advance(900)
    await writer.write(pattern(10))
    expect(writes()).toBe(before)
    await clock.advance(200)
    await writer.write(pattern(10))
    expect(writes()).toBe(before + 1)
    await writer.write(pattern(10))
    expect(writes()).toBe(before + 1)
    const content = await writer.seal({ prefix: new Uint8Array() })
    await spool.persist([content])
    const parts = [10, 10, 200_000, 10, 10, 10].map((length) => pattern(length))
    expect(await read(content.id)).toEqual(Buffer.concat(parts))
  })

  it('leaves no file, open or not, where it ends while it is sealed', async () => {
    const { disk, files, spool } = await setUp()
    const writer = await spool.stage({ message: messageId('M'), ttlMs: 60_000 })
    await writer.write(pattern(10))
    const seal = writer.seal({ prefix: new Uint8Array() }).catch((error: unknown) => error)
    await writer.abort()
    expect(await seal).toMatchObject({ code: 'QUEUE_CONTENT_MISSING' })
    expect(disk.open_()).toBe(0)
    expect(await files()).toEqual([])
  })

  it('is removed with the spool, and only what this process staged', async () => {
    const { again, files, keep, put, spool } = await setUp()
    await keep('kept')
    await put([pattern(300_000)])
    const other = again()
    const writer = await other.stage({ message: messageId('M'), ttlMs: 1_000 })
    await writer.write(pattern(300_000))
    expect(await files()).toHaveLength(3)
    await spool[Symbol.asyncDispose]()
    expect(await files()).toHaveLength(2)
    await expect(spool.stage({ message: messageId('M'), ttlMs: 1 })).rejects.toThrow('the spool is disposed')
  })
})

it('leaves every file where it lies, and closes it, when the spool is abandoned', async () => {
  const { disk, files, keep, put, spool } = await setUp()
  await keep('kept')
  await put([pattern(300_000)])
  const writer = await spool.stage({ message: messageId('M'), ttlMs: 1_000 })
  await writer.write(pattern(300_000))
  await spool.abandon()
  expect(await files()).toHaveLength(3)
  expect(disk.open_()).toBe(0)
  expect(() => writer.write(pattern(1))).toThrow('the spool is disposed')
})

it('passes over what is not ours, and a folder that is gone', async () => {
  const { clock, folder, keep, spool } = await setUp()
  await keep('x', { ttlMs: 0 })
  await mkdir(join(folder, 'kept', 'zz', 'deeper'), { recursive: true })
  for (const name of ['staging/README', 'staging/a.1', 'kept/stray', 'kept/zz/stray', 'kept/zz/.a.1', 'other']) {
    await writeFile(join(folder, name), '')
    await utimes(join(folder, name), 0, 0)
  }
  await clock.advance(1_000)
  expect(await sweep(spool)).toEqual({ examined: 1, removed: 1 })
  expect(await listFiles(folder)).toHaveLength(6)
  expect(await sweep((await setUp()).spool)).toEqual({ examined: 0, removed: 0 })
})

describe('drop', () => {
  it('removes what is kept, staged or being written, and passes over the rest', async () => {
    const { files, keep, put, spool } = await setUp()
    const kept = await keep('kept')
    const staged = await put([pattern(300_000)])
    const writer = await spool.stage({ message: messageId('M'), ttlMs: 60_000, id: contentId('mine.1') })
    await writer.write(pattern(300_000))
    await spool.drop([kept, staged.id, contentId('mine.1'), contentId('never.1')])
    expect(await files()).toEqual([])
    await expect(spool.persist([staged])).rejects.toMatchObject({ code: 'QUEUE_CONTENT_MISSING' })
    await spool.drop([kept])
  })

  it('lets a reader that has begun read to the end', async () => {
    const { keep, spool } = await setUp()
    const id = await keep([pattern(1_000_000)])
    let bytes = 0
    for await (const chunk of spool.open(id)) {
      if (bytes === 0) await spool.drop([id])
      bytes += chunk.length
    }
    expect(bytes).toBe(1_000_000)
  })

  it('says where a file cannot be removed', async () => {
    const { disk, folder, keep, spool } = await setUp()
    const id = await keep('x')
    disk.refuse = (name) => (name === 'unlink' ? 'EPERM' : undefined)
    const path = contentFilePath(folder, id) ?? expect.fail()
    await expect(spool.drop([id])).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: expect.stringContaining(path),
    })
  })
})

it('lists every file with its time and place', async () => {
  const { clock, folder, keep, put } = await setUp()
  const kept = await keep('12345', { prefix: 'p', ttlMs: 7_000 })
  const staged = await put('1')
  const found = []
  for await (const file of listContentFiles(folder)) found.push(file)
  expect(found).toEqual([
    expect.objectContaining({ id: staged.id, isKept: false, fileBytes: 41 }),
    { id: kept, path: contentFilePath(folder, kept), isKept: true, fileBytes: 46, expiresAt: expect.any(Number) },
  ])
  expect(Math.abs((found[1]?.expiresAt ?? 0) - clock.now() - 7_000)).toBeLessThan(1)
})

it('refuses an id that no file can have, and one that is being written', async () => {
  const { folder } = await setUp()
  await using spool = await openFileSpool({ folder })
  const stage = { message: messageId('M'), ttlMs: 1_000 }
  await expect(spool.stage({ ...stage, id: contentId('../x.1') })).rejects.toBeInstanceOf(RangeError)
  await spool.stage({ ...stage, id: contentId('x.1') })
  await expect(spool.stage({ ...stage, id: contentId('x.1') })).rejects.toBeInstanceOf(RangeError)
})
