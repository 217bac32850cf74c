/** Large content lies in files beside the database: durable before it is named, there as long as it may be needed. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { ContentMissingError, type ContentRange, type NewEntry, type SealedContent, type Store } from '@postroad/queue'
import { createManualClock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { contentFilePath } from '@postroad/spool-fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SqliteStoreEvent } from '../src/index.ts'
import { type OpenedStore, openThreads } from '../src/store.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const KIB = 1_024
const look = { limit: 100, durationMs: 60_000, waitMs: 0 }

const entry = (name: string, content: SealedContent): NewEntry<string> => ({
  id: createEntryId(messageId(name), 0),
  job: name,
  group: groupId('example.org'),
  content,
  priority: 0,
  notBefore: 0,
  labels: {},
})

const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, n) => (n * 31 + (n >> 8) * 7 + (n >> 16)) & 255)

const put = async (store: Store<string>, bytes: Uint8Array, ttlMs = 60_000, prefix = 'P'): Promise<SealedContent> => {
  const writer = await store.spool.stage({ message: messageId('M'), ttlMs })
  for (let at = 0; at < bytes.length; at += 50_000) await writer.write(bytes.subarray(at, at + 50_000))
  return writer.seal({ prefix: Buffer.from(prefix) })
}

const read = async (store: Store<string>, { id }: Pick<SealedContent, 'id'>, range?: ContentRange): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of store.spool.open(id, range)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** A store with a clock that begins at the machine's time: what is being written is dated by the machine. */
const setUp = async (path?: string) => {
  const folder = path ?? (await createFolder())
  const clock = createManualClock(systemClock.now())
  const removed = new Set<() => void>()
  const events: SqliteStoreEvent[] = []
  const observer = (event: SqliteStoreEvent): void => {
    events.push(event)
    if (event.kind === 'files-removed') for (const wake of removed) wake()
  }
  const opened: OpenedStore<string> = await openThreads({ path: folder, codec: textCodec, clock, observer })
  onTestFinished(() => opened.store[Symbol.asyncDispose]())
  const contentFolder = join(folder, 'postroad.sqlite.content')
  return {
    ...opened,
    folder,
    clock,
    events,
    contentFolder,
    /** Names of content files, kept or staged. */
    files: () => listFiles(contentFolder),
    /** Resolves when files were removed once more. */
    nextRemoval: () => new Promise<void>((resolve) => removed.add(resolve)),
    done: async () => {
      const leases = await opened.store.queue.lease(look)
      return opened.store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
    },
    sweep: () => opened.store.spool.sweep(async () => new Set()),
  }
}

const listFiles = async (folder: string): Promise<string[]> => {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return found.filter((entry) => entry.isFile()).map(({ name }) => name)
}

/** Rows of the database, read by a connection of its own. */
const rows = (folder: string, sql: string): unknown[] => {
  const database = new DatabaseSync(join(folder, 'postroad.sqlite'), { readOnly: true })
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

describe('the road of large content', () => {
  it('is a file, whole and in ranges, while small content makes no folder', async () => {
    const { contentFolder, files, folder, store } = await setUp()
    const small = await put(store, pattern(256 * KIB - 1))
    await store.queue.enqueue([entry('small', small)])
    expect(await readdir(folder)).not.toContain('postroad.sqlite.content')
    const bytes = pattern(1_000_000)
    const large = await put(store, bytes)
    expect(large.sizeBytes).toBe(1_000_001)
    await store.queue.enqueue([entry('large', large)])
    expect(await files()).toEqual([large.id])
    expect(contentFilePath(contentFolder, large.id)).toContain(large.id)
    const all = Buffer.concat([Buffer.from('P'), bytes])
    expect((await read(store, large)).equals(all)).toBe(true)
    for (const [start, end] of [
      [0, 1],
      [1, 10],
      [262_100, 262_200],
      [999_990, 2_000_000],
    ] as const)
      expect((await read(store, large, { start, end })).equals(all.subarray(start, end))).toBe(true)
    expect(await read(store, small)).toHaveLength(256 * KIB)
    expect(rows(folder, 'SELECT count(*) AS n FROM piece')).toEqual([{ n: 0 }])
    expect(rows(folder, 'SELECT length(front) AS n FROM content WHERE chunked = 2')).toEqual([{ n: 0 }])
  })

  it('ends when the last entry that names it is settled, not before', async () => {
    const { clock, done, files, nextRemoval, store } = await setUp()
    const content = await put(store, pattern(500_000))
    await store.queue.enqueue([entry('a', content), { ...entry('a', content), id: createEntryId(messageId('a'), 1) }])
    const [first] = await store.queue.lease({ ...look, limit: 1 })
    await store.queue.settle([{ token: first?.token ?? expect.fail(), kind: 'done' }])
    await clock.advance(10_000)
    expect(await read(store, content)).toHaveLength(500_001)
    const removal = nextRemoval()
    await done()
    await clock.advance(2_000)
    await removal
    expect(await files()).toEqual([])
  })

  it('goes on for what is spawned with it, and with a dropped entry', async () => {
    const { clock, files, nextRemoval, store } = await setUp()
    const content = await put(store, pattern(500_000))
    const report = await put(store, pattern(400_000))
    await store.queue.enqueue([entry('a', content)])
    const [lease] = await store.queue.lease(look)
    const spawn = [{ ...entry('b', report) }, { ...entry('c', content), content: { ref: content.id } }]
    expect(await store.queue.settle([{ token: lease?.token ?? expect.fail(), kind: 'done', spawn }])).toEqual([
      { kind: 'settled', released: [] },
    ])
    expect(await read(store, report)).toHaveLength(400_001)
    expect(await read(store, content)).toHaveLength(500_001)
    const removal = nextRemoval()
    await store.control.apply({ kind: 'drop' }, {}, { limit: 100 })
    await clock.advance(2_000)
    await removal
    expect(await files()).toEqual([])
  })

  it('holds no more memory than the bound, however many send slowly', async () => {
    const { heldBytes, store } = await openThreads(
      { path: await createFolder(), codec: textCodec },
      { stagedBytes: 2_048 * KIB },
    )
    onTestFinished(() => store[Symbol.asyncDispose]())
    const writers = await Promise.all(
      Array.from({ length: 80 }, (_, n) => store.spool.stage({ message: messageId(`m${n}`), ttlMs: 60_000 })),
    )
    let most = 0
    for (let round = 0; round < 60; round += 1) {
      await Promise.all(writers.map(async (writer, n) => writer.write(new Uint8Array(10_000).fill((n + round) & 255))))
      most = Math.max(most, heldBytes())
    }
    expect(most).toBeLessThanOrEqual((2_048 + 80 * 16) * KIB)
    const contents = await Promise.all(writers.map((writer) => writer.seal({ prefix: new Uint8Array() })))
    // What is sealed is in its file.
    expect(heldBytes()).toBe(0)
    await Promise.all(contents.map((content, n) => store.queue.enqueue([entry(`m${n}`, content)])))
    for (const [n, content] of contents.entries()) {
      const bytes = await read(store, content)
      expect(bytes).toHaveLength(600_000)
      for (let round = 0; round < 60; round += 1) expect(bytes[round * 10_000 + 5_000]).toBe((n + round) & 255)
    }
  })
})

describe('a file that nothing needs', () => {
  it('stays until a durable commit behind the one that released it, and its note goes last', async () => {
    const { clock, done, files, folder, nextRemoval, store } = await setUp()
    const content = await put(store, pattern(500_000))
    await store.queue.enqueue([entry('a', content)])
    await done()
    // Lazily committed: a power cut may still bring the entry back.
    expect(rows(folder, 'SELECT id, asked FROM unlinking')).toEqual([{ id: content.id, asked: 0 }])
    await clock.advance(1_999)
    expect(await files()).toEqual([content.id])
    await expect(read(store, content)).rejects.toBeInstanceOf(ContentMissingError)
    const removal = nextRemoval()
    await clock.advance(1)
    await removal
    expect(await files()).toEqual([])
    expect(rows(folder, 'SELECT id FROM unlinking')).toEqual([])
  })

  it('is there for an entry that a power cut brought back', async () => {
    const { clock, done, folder, kill, store } = await setUp()
    const bytes = pattern(500_000)
    const content = await put(store, bytes)
    await store.queue.enqueue([entry('a', content)])
    const file = join(folder, 'postroad.sqlite')
    // What is on the disk for certain: all up to the durable enqueue.
    for (const part of ['', '-wal']) await copyFile(file + part, `${file}${part}.durable`)
    await done()
    await clock.advance(1_999)
    await kill()
    for (const part of ['', '-wal']) await copyFile(`${file}${part}.durable`, file + part)
    await rm(`${file}-shm`, { force: true })

    const again = await setUp(folder)
    const [lease] = await again.store.queue.lease(look)
    expect(lease?.job).toBe('a')
    expect((await read(again.store, { id: lease?.content ?? expect.fail() })).subarray(1).equals(bytes)).toBe(true)
  })

  it('is not swept while its release waits for a durable commit', async () => {
    const { clock, done, files, store, sweep } = await setUp()
    const content = await put(store, pattern(500_000), 1)
    await store.queue.enqueue([entry('a', content)])
    await clock.advance(1_000)
    await done()
    expect((await sweep()).removed).toBe(0)
    expect(await files()).toEqual([content.id])
  })

  it('is removed by the next process where this one died before', async () => {
    const first = await setUp()
    const content = await put(first.store, pattern(500_000))
    await first.store.queue.enqueue([entry('a', content)])
    await first.done()
    await first.kill()
    const next = await setUp(first.folder)
    expect(await next.files()).toEqual([content.id])
    const removal = next.nextRemoval()
    // Whatever it is asked first tells it.
    await next.store.limits.mark('x', 1_000)
    await next.clock.advance(2_000)
    await removal
    expect(await next.files()).toEqual([])
  })

  it('is removed when the store ends, without waiting', async () => {
    const { done, files, folder, store } = await setUp()
    await store.queue.enqueue([entry('a', await put(store, pattern(500_000)))])
    await done()
    await store[Symbol.asyncDispose]()
    expect(await files()).toEqual([])
    expect(rows(folder, 'SELECT id FROM unlinking')).toEqual([])
  })

  it('is removed by one of two processes, whoever gets to it', async () => {
    const one = await setUp()
    const two = await setUp(one.folder)
    const contents = await Promise.all([500_000, 600_000].map((size) => put(one.store, pattern(size))))
    await Promise.all(contents.map((content, n) => one.store.queue.enqueue([entry(`m${n}`, content)])))
    expect(await read(two.store, contents[1] ?? expect.fail())).toHaveLength(600_001)
    const leases = await two.store.queue.lease(look)
    expect(leases).toHaveLength(2)
    await two.store.queue.settle([{ token: leases[0]?.token ?? expect.fail(), kind: 'done' }])
    await one.store.queue.settle([{ token: leases[1]?.token ?? expect.fail(), kind: 'done' }])
    await Promise.all([one, two].map(({ clock }) => clock.advance(2_000)))
    await Promise.all([one, two].map(({ store }) => store[Symbol.asyncDispose]()))
    expect(await one.files()).toEqual([])
    expect(rows(one.folder, 'SELECT id FROM unlinking')).toEqual([])
  })
})

describe('what a crash leaves', () => {
  it.each([
    { point: 'staging', entries: 0, swept: 1 },
    { point: 'sealed', entries: 0, swept: 1 },
    { point: 'kept', entries: 0, swept: 1 },
    { point: 'enqueued', entries: 1, swept: 0 },
    { point: 'done', entries: 0, swept: 0 },
  ])(
    'killed at "$point" is one file, and after its time and a sweep only what is needed',
    async ({ point, entries, swept }) => {
      const folder = await createFolder()
      const program = join(import.meta.dirname, 'programs/die-with-content.ts')
      const child = spawn(process.execPath, [...process.execArgv, program, folder, point], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(child.stdout, 'data')
      child.kill('SIGKILL')
      await once(child, 'close')
      expect(await listFiles(join(folder, 'postroad.sqlite.content'))).toHaveLength(1)

      const { clock, files, nextRemoval, store, sweep } = await setUp(folder)
      expect((await sweep()).removed).toBe(0)
      const removal = point === 'done' ? nextRemoval() : undefined
      await clock.advance(3_600_000)
      await removal
      expect((await sweep()).removed).toBe(swept)
      expect((await sweep()).removed).toBe(0)
      expect(await files()).toHaveLength(entries)
      const { items } = await store.control.list({}, { limit: 10 })
      expect(items).toHaveLength(entries)
      for (const { content } of items) {
        const bytes = await read(store, { id: content ?? expect.fail() })
        expect(bytes).toHaveLength(1_000_001)
        for (let n = 0; n < 10; n += 1) expect(bytes[1 + n * 100_000]).toBe(n)
      }
    },
  )
})

describe('a sweep', () => {
  it('takes a durable file that nobody named, and then nobody can name it', async () => {
    const one = await setUp()
    const two = await setUp(one.folder)
    const content = await put(one.store, pattern(500_000), 1_000)
    // Its file is durable and the writer dies before it names it.
    await one.killWriter()
    await expect(one.store.queue.enqueue([entry('a', content)])).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    expect(await one.files()).toEqual([content.id])
    expect((await two.sweep()).removed).toBe(0)
    await two.clock.advance(1_001)
    expect((await two.sweep()).removed).toBe(1)
    expect(await one.files()).toEqual([])
    await one.clock.advance(1_000)
    // The repeat is refused: never acknowledged without its file.
    await expect(one.store.queue.enqueue([entry('a', content)])).rejects.toBeInstanceOf(ContentMissingError)
    expect(rows(one.folder, 'SELECT id FROM unlinking')).toEqual([])
  })

  it('and a repeat at the same time: either it is named and stays, or it is refused and goes', async () => {
    for (let round = 0; round < 10; round += 1) {
      const one = await setUp()
      const two = await setUp(one.folder)
      const content = await put(one.store, pattern(300_000), 1_000)
      await one.killWriter()
      await expect(one.store.queue.enqueue([entry('a', content)])).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
      await one.clock.advance(1_000)
      await two.clock.advance(1_001)
      const [named] = await Promise.all([
        one.store.queue.enqueue([entry('a', content)]).then(
          () => true,
          (error: unknown) => {
            expect(error).toBeInstanceOf(ContentMissingError)
            return false
          },
        ),
        two.sweep(),
      ])
      if (named) expect(await read(two.store, content)).toHaveLength(300_001)
      else expect(await one.files()).toEqual([])
      await Promise.all([one, two].map(({ store }) => store[Symbol.asyncDispose]()))
    }
  })

  it('leaves alone what is in use, what is young, and what another process is writing', async () => {
    const one = await setUp()
    const two = await setUp(one.folder)
    const named = await put(one.store, pattern(500_000), 1)
    await one.store.queue.enqueue([entry('a', named)])
    const writer = await one.store.spool.stage({ message: messageId('M'), ttlMs: 60_000 })
    await writer.write(pattern(500_000))
    await two.clock.advance(10_000)
    expect((await two.sweep()).removed).toBe(0)
    expect(await one.files()).toHaveLength(2)
    expect(await read(one.store, named)).toHaveLength(500_001)
  })
})

describe('a file that is not as it was written', () => {
  it('is named where it is missing under an entry', async () => {
    const { contentFolder, store } = await setUp()
    const content = await put(store, pattern(500_000))
    await store.queue.enqueue([entry('a', content)])
    const path = contentFilePath(contentFolder, content.id) ?? expect.fail()
    await rm(path)
    await expect(read(store, content)).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: `the file of content that is needed is missing: ${path}`,
    })
  })

  it('is named where it is cut', async () => {
    const { contentFolder, store } = await setUp()
    const content = await put(store, pattern(500_000))
    await store.queue.enqueue([entry('a', content)])
    const path = contentFilePath(contentFolder, content.id) ?? expect.fail()
    await truncate(path, 400_000)
    await expect(read(store, content)).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: `a content file is damaged (no trailer): ${path}`,
    })
  })

  it('is never acknowledged where it cannot be made durable', async () => {
    const { contentFolder, files, store } = await setUp()
    const content = await put(store, pattern(500_000))
    await writeFile(join(contentFolder, 'kept'), 'a file where a folder must be')
    await expect(store.queue.enqueue([entry('a', content)])).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: expect.stringContaining(join(contentFolder, 'kept')),
    })
    expect((await store.control.list({}, { limit: 10 })).items).toEqual([])
    expect(await files()).toEqual(['kept'])
    await rm(join(contentFolder, 'kept'))
    const next = await put(store, pattern(500_000))
    await store.queue.enqueue([entry('b', next)])
    expect(await read(store, next)).toHaveLength(500_001)
  })

  it('is never acknowledged where the disk does not take it', async (test) => {
    test.skip(process.platform === 'win32', 'Windows has no limit for the length of files')
    const folder = await createFolder()
    const program = join(import.meta.dirname, 'programs/too-large.ts')
    const limited = 'trap "" XFSZ; ulimit -f 32768; exec "$@"'
    const child = spawn('sh', ['-c', limited, 'sh', process.execPath, ...process.execArgv, program, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = (await text(child.stdout)).trimEnd().split('\n')
    expect(lines).toEqual([
      expect.stringMatching(/^large: QueueUnavailableError: the disk takes no file of this size: .*\.content/),
      'kept small',
    ])
    expect(await listFiles(join(folder, 'postroad.sqlite.content'))).toHaveLength(1)
  })
})
