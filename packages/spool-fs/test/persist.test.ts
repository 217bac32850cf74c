/** What `persist` promises, in which order it comes about, what it costs, and what becomes of it where the disk refuses. */

import { mkdir, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { contentId, messageId } from '@postroad/envelope'
import { QueueUnavailableError } from '@postroad/queue'
import { describe, expect, it, vi } from 'vitest'
import { contentFilePath, createFileSpool, openFileSpool } from '../src/index.ts'
import { createFolder, pattern, setUp } from './world.ts'

const stage = { message: messageId('M'), ttlMs: 60_000 }
const syncs = (calls: readonly string[]): string[] => calls.filter((call) => call.startsWith('sync'))

describe('the order', () => {
  it('is: the file is synced, then renamed, then its folder synced, then persist resolves', async () => {
    const { disk, folder, keep, put, spool } = await setUp()
    await keep('makes the folders')
    const content = await put('x')
    const path = contentFilePath(folder, content.id) ?? expect.fail()
    disk.calls.length = 0
    await spool.persist([content])
    disk.calls.push('resolved')
    const hash = dirname(path).slice(-2)
    expect(disk.calls.map((call) => call.replace(/ .*~.*/, ' STAGED'))).toEqual([
      'set-time STAGED',
      'sync STAGED',
      'synced STAGED',
      'close STAGED',
      `rename ${content.id}`,
      `sync-folder ${hash}`,
      `synced-folder ${hash}`,
      'resolved',
    ])
  })

  it('makes folders durable in those that hold them before the first content is kept', async () => {
    const { disk, keep } = await setUp()
    const id = await keep('x')
    const { calls } = disk
    const rename = calls.indexOf(`rename ${id}`)
    for (const name of ['spool', 'kept']) {
      const synced = calls.indexOf(`synced-folder ${name}`)
      expect(synced).toBeGreaterThan(-1)
      expect(synced).toBeLessThan(rename)
    }
  })
})

describe('the folder of the spool', () => {
  it('is made durable by whoever finds it: who made it may have died before', async () => {
    const { disk, folder, keep } = await setUp()
    await mkdir(folder)
    const id = await keep('x')
    const synced = disk.calls.indexOf(`synced-folder ${basename(dirname(folder))}`)
    expect(synced).toBeGreaterThan(-1)
    expect(synced).toBeLessThan(disk.calls.indexOf(`rename ${id}`))
  })

  it('may lie where this user cannot look, once it is there', async () => {
    const { disk, folder, keep, read } = await setUp()
    await mkdir(folder)
    disk.refuse = (name, path) => (name === 'sync-folder' && path === dirname(folder) ? 'EACCES' : undefined)
    expect((await read(await keep('x'))).toString()).toBe('x')
  })
})

describe('the cost', () => {
  it('of what is never persisted is no sync', async () => {
    const { disk, put, spool } = await setUp()
    await spool.makeFolders()
    disk.calls.length = 0
    await put([pattern(500_000)])
    const writer = await spool.stage(stage)
    await writer.write(pattern(500_000))
    await writer.abort()
    expect(disk.calls.filter((call) => call.startsWith('write'))).toHaveLength(3)
    expect(syncs(disk.calls)).toEqual([])
  })

  it('of what is aborted before 16 KiB is no call at all', async () => {
    const { disk, spool } = await setUp()
    const writer = await spool.stage(stage)
    await writer.write(pattern(16_000))
    await writer.abort()
    expect(disk.calls).toEqual([])
  })

  it('of small content is one write, whatever the size of its chunks', async () => {
    const { disk, put } = await setUp()
    disk.calls.length = 0
    await put(
      Array.from({ length: 1_000 }, () => pattern(100)),
      { prefix: 'Received: x\r\n' },
    )
    expect(disk.calls.filter((call) => call.startsWith('write'))).toHaveLength(1)
  })

  it('of large content is a write for each 128 KiB of small chunks', async () => {
    const { disk, put } = await setUp()
    await put(Array.from({ length: 1_024 }, () => pattern(1_024)))
    expect(disk.calls.filter((call) => call.startsWith('write'))).toHaveLength(9)
  })

  it('of many at once is one sync for each file, and few for the folder they share', async () => {
    const { disk, keep, put, spool } = await setUp()
    await keep('makes the folders')
    const contents = await Promise.all(Array.from({ length: 100 }, (_, n) => put(`content ${n}`)))
    disk.calls.length = 0
    await spool.persist(contents.slice(0, 50))
    const once = disk.calls.filter((call) => call.startsWith('sync-folder')).length
    disk.calls.length = 0
    await Promise.all(contents.slice(50).map((content) => spool.persist([content])))
    const each = disk.calls.filter((call) => call.startsWith('sync-folder')).length
    expect(disk.calls.filter((call) => call.startsWith('sync '))).toHaveLength(50)
    expect(once).toBeLessThanOrEqual(15)
    expect(each).toBeLessThanOrEqual(15)
  })

  it('is nothing where nothing is to be durable', async () => {
    const { disk, keep, read } = await setUp({ fsync: false })
    const id = await keep('x')
    expect(syncs(disk.calls)).toEqual([])
    expect((await read(id)).toString()).toBe('x')
  })
})

describe('a repeat', () => {
  it('is harmless, one after the other and at the same time, and from another process', async () => {
    const { again, disk, put, read, spool } = await setUp()
    const content = await put('x')
    await Promise.all([spool.persist([content]), spool.persist([content, content])])
    await spool.persist([content])
    await again().persist([content])
    expect(disk.calls.filter((call) => call.startsWith('sync '))).toHaveLength(1)
    expect((await read(content.id)).toString()).toBe('x')
  })
})

describe('a refusal', () => {
  it.each([
    { call: 'create', code: 'EACCES', said: 'may not be used' },
    { call: 'create', code: 'EROFS', said: 'the file system is read-only' },
    { call: 'create', code: 'EMFILE', said: 'too many files open' },
    { call: 'create', code: 'ENOTDIR', said: 'a file lies where a folder must be' },
    { call: 'make-folder', code: 'ENOSPC', said: 'the disk is full' },
    { call: 'write', code: 'ENOSPC', said: 'the disk is full' },
    { call: 'write', code: 'EDQUOT', said: 'the disk quota is used up' },
    { call: 'write', code: 'EFBIG', said: 'the disk takes no file of this size' },
    { call: 'set-time', code: 'EIO', said: 'the disk could not be read or written' },
    { call: 'sync', code: 'EIO', said: 'the disk could not be read or written' },
    { call: 'sync', code: 'ENOSPC', said: 'the disk is full' },
    { call: 'close', code: 'EIO', said: 'the disk could not be read or written' },
    { call: 'rename', code: 'EACCES', said: 'may not be used' },
    { call: 'sync-folder', code: 'EIO', said: 'the disk could not be read or written' },
    { call: 'sync', code: 'EWEIRD', said: 'the file system failed' },
  ])('of $call with $code says so and names the place, and nothing is left', async ({ call, code, said }) => {
    const { disk, files, folder, keep, put, spool } = await setUp()
    disk.refuse = (name) => (name === call ? code : undefined)
    const failing = keep([pattern(300_000)])
    const error: unknown = await failing.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(QueueUnavailableError)
    expect(error).toMatchObject({ message: expect.stringContaining(said), cause: expect.objectContaining({ code }) })
    expect(String(error)).toContain(dirname(folder))
    expect(await files()).toEqual([])
    expect(disk.open_()).toBe(0)
    disk.refuse = () => undefined
    // Mended: what comes next is taken, by the same spool.
    const content = await put('after')
    await spool.persist([content])
    expect(await files()).toHaveLength(1)
  })

  it('ends the content: it cannot be written, sealed or persisted any more, and may be aborted', async () => {
    const { disk, spool } = await setUp()
    const writer = await spool.stage(stage)
    disk.refuse = (name) => (name === 'write' ? 'ENOSPC' : undefined)
    await expect(writer.write(pattern(300_000))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    disk.refuse = () => undefined
    expect(() => writer.write(pattern(1))).toThrow('there is no content')
    await expect(writer.seal({ prefix: new Uint8Array() })).rejects.toMatchObject({ code: 'QUEUE_CONTENT_MISSING' })
    await writer.abort()
    await writer.abort()
  })

  it('of a sync is never followed by a second sync of the same file', async () => {
    const { disk, put, spool } = await setUp()
    const content = await put('x')
    disk.refuse = (name) => (name === 'sync' ? 'EIO' : undefined)
    await expect(spool.persist([content])).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    disk.refuse = () => undefined
    await expect(spool.persist([content])).rejects.toMatchObject({ code: 'QUEUE_CONTENT_MISSING' })
    expect(disk.calls.filter((call) => call.startsWith('sync '))).toHaveLength(1)
  })

  it('of a folder is not mended by the next sync for what was renamed before it', async () => {
    const { disk, files, keep, put, spool } = await setUp()
    await keep('makes the folders')
    const contents = [await put('first'), await put('second')]
    const [first, second] = contents.map((content) => () => spool.persist([content]))
    let late: Promise<unknown> | undefined
    disk.refuse = (name) => {
      if (name !== 'sync-folder') return undefined
      disk.refuse = () => undefined
      return 'EIO'
    }
    const syncFolder = disk.syncFolder.bind(disk)
    disk.syncFolder = async (path) => {
      disk.syncFolder = syncFolder
      // The second is renamed while the first sync runs, and waits for the next.
      late = second?.().catch((error: unknown) => error)
      await vi.waitUntil(() => disk.calls.includes(`rename ${contents[1]?.id}`))
      await syncFolder(path)
    }
    await expect(first?.()).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    expect(await late).toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    expect(await files()).toHaveLength(1)
    expect((await spool.persist([await put('after')]), await files())).toHaveLength(2)
  })

  it('of one leaves the others of the same call kept', async () => {
    const { disk, put, read, spool } = await setUp()
    const contents = [await put('a'), await put('b'), await put('c')]
    disk.refuse = (name, path) => (name === 'sync' && path.includes(`${contents[1]?.id}~`) ? 'EIO' : undefined)
    await expect(spool.persist(contents)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    expect((await read(contents[2]?.id ?? expect.fail())).toString()).toBe('c')
    await expect(read(contents[1]?.id ?? expect.fail())).rejects.toMatchObject({ code: 'QUEUE_CONTENT_MISSING' })
  })

  it('while reading says so and names the file', async () => {
    const { disk, keep, read } = await setUp()
    const id = await keep('x')
    disk.refuse = (name) => (name === 'open' ? 'EMFILE' : undefined)
    await expect(read(id)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', message: expect.stringContaining(id) })
    disk.refuse = (name) => (name === 'read' ? 'EIO' : undefined)
    await expect(read(id)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', message: expect.stringContaining(id) })
    expect(disk.open_()).toBe(0)
  })

  it('of a place that cannot be a folder is told when the spool is opened', async () => {
    const { folder, keep } = await setUp()
    const id = await keep('x')
    const file = contentFilePath(folder, id) ?? expect.fail()
    await expect(openFileSpool({ folder: join(file, 'below') })).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: expect.stringContaining(join(file, 'below')),
    })
  })
})

describe('the folders', () => {
  it('are made when the spool is opened, or only with the first content', async () => {
    const folder = join(await createFolder(), 'a', 'b')
    await using lazy = createFileSpool({ folder })
    expect(await lazy.sweep(async () => new Set())).toEqual({ examined: 0, removed: 0 })
    expect(await readdir(dirname(dirname(folder)))).toEqual([])
    await using _ = await openFileSpool({ folder })
    expect(await readdir(folder)).toEqual(['kept', 'staging'])
  })

  it('are made again where somebody removed them', async () => {
    const { folder, keep, put, read, spool } = await setUp()
    await keep('x')
    const content = await put('y')
    await rm(join(folder, 'kept'), { recursive: true })
    await spool.persist([content])
    expect((await read(content.id)).toString()).toBe('y')
    await rm(join(folder, 'kept'), { recursive: true })
    const elsewhere = await keep('another sub-folder', { id: contentId('other.1') })
    expect((await read(elsewhere)).toString()).toBe('another sub-folder')
    await rm(folder, { recursive: true })
    expect((await read(await keep('z'))).toString()).toBe('z')
  })
})
