/** Files that are removed, replaced or made read-only under a store that runs: callers are told, nothing acknowledged is lost. */

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmod, chown, copyFile, cp, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { checkSqliteStore, openSqliteStore } from '../src/index.ts'
import { entry, put } from './entry.ts'
import { createFolder } from './folder.ts'
import { start } from './programs/start.ts'
import { textCodec } from './programs/text-codec.ts'

const setUp = async () => {
  const path = join(await createFolder(), 'mail.db')
  const store = await openSqliteStore({ path, codec: textCodec })
  await store.queue.enqueue([entry('before')])
  return { path, store }
}

/** The jobs in the file, opened anew. */
const jobsIn = async (path: string): Promise<readonly (string | undefined)[]> => {
  const store = await openSqliteStore({ path, codec: textCodec })
  const { items } = await store.control.list({}, { limit: 100 })
  await store[Symbol.asyncDispose]()
  return items.map(({ job }) => job)
}

it('says that the database was removed, and goes on once it is back', async () => {
  const { path, store } = await setUp()
  await rename(path, `${path}.moved`)
  await expect(store.queue.enqueue([entry('lost')])).rejects.toMatchObject({
    code: 'QUEUE_UNAVAILABLE',
    message: `the database was removed or replaced while it was open: put it back: ${path}`,
  })
  await rename(`${path}.moved`, path)
  await store.queue.enqueue([entry('after')])
  await store[Symbol.asyncDispose]()
  expect(await jobsIn(path)).toEqual(expect.arrayContaining(['before', 'after']))
})

it('says that the database was replaced by another file', async () => {
  const { path, store } = await setUp()
  await rename(path, `${path}.moved`)
  await copyFile(`${path}.moved`, path)
  await expect(store.queue.enqueue([entry('lost')])).rejects.toThrow('removed or replaced while it was open')
  await rename(`${path}.moved`, path)
  await store.queue.enqueue([entry('after')])
  await store[Symbol.asyncDispose]()
  expect(await jobsIn(path)).toEqual(expect.arrayContaining(['before', 'after']))
})

it('says that the log was removed; what was acknowledged is in the database after an orderly end', async () => {
  const { path, store } = await setUp()
  await unlink(`${path}-wal`)
  await expect(store.queue.enqueue([entry('lost')])).rejects.toThrow(
    'the log of the database was removed while it was open: end all processes that have it open: ',
  )
  await store[Symbol.asyncDispose]()
  expect(await jobsIn(path)).toContain('before')
})

it('makes no database in the place of one that was moved away', async () => {
  const { path, store } = await setUp()
  await rename(path, `${path}.moved`)
  await expect(store.control.list({}, { limit: 1 })).rejects.toThrow(
    `the database was removed or replaced while it was open: put it back: ${path}`,
  )
  expect(await readdir(dirname(path))).not.toContain('mail.db')
  await rename(`${path}.moved`, path)
  await store[Symbol.asyncDispose]()
  expect(await jobsIn(path)).toEqual(['before'])
})

it('moves what a killed process left in the log before anything is written behind it', async () => {
  const { path, store } = await setUp()
  await store[Symbol.asyncDispose]()
  const program = start('enqueue-on-request.ts', path)
  await program.printed('ready')
  program.child.stdin.write('left\n')
  await program.printed('kept left')
  program.child.kill('SIGKILL')
  await once(program.child, 'close')
  const again = await openSqliteStore({ path, codec: textCodec })
  // The database alone, without its log, has all of it.
  await copyFile(path, `${path}.alone`)
  await again[Symbol.asyncDispose]()
  expect(await jobsIn(`${path}.alone`)).toEqual(['before', 'left'])
})

it('can be copied beside its writers by VACUUM INTO and its folder of content', async () => {
  const { path, store } = await setUp()
  const large = await put(store.spool, 'large', 400_000)
  await store.queue.enqueue([entry('large', { content: large })])
  const copy = `${path}.copy`
  const database = new DatabaseSync(path)
  database.exec(`VACUUM INTO '${copy}'`)
  database.close()
  await cp(`${path}.content`, `${copy}.content`, { recursive: true })
  await store.queue.enqueue([entry('later')])
  await store[Symbol.asyncDispose]()
  expect(await checkSqliteStore({ path: copy, readsContent: true })).toMatchObject({ findings: [] })
  expect(await jobsIn(copy)).toEqual(['before', 'large'])
})

/** Whether this user may make files immutable here. */
const canFreeze = (): boolean => {
  const probe = join(import.meta.dirname, 'folder.ts')
  return process.getuid?.() === 0 && spawnSync('lsattr', [probe]).status === 0
}

it('says that the disk cannot be written where its files were frozen, and goes on once they are not', async (test) => {
  test.skip(!canFreeze(), 'files can be made immutable only by root, on a file system that has that')
  const { path, store } = await setUp()
  const freeze = (how: '+i' | '-i'): void => void execFileSync('chattr', [how, path, `${path}-wal`])
  freeze('+i')
  try {
    await expect(store.queue.enqueue([entry('lost')])).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: expect.stringMatching(/^(the disk could not be read or written|the database is read-only): /),
    })
  } finally {
    freeze('-i')
  }
  await store.queue.enqueue([entry('after')])
  await store[Symbol.asyncDispose]()
  expect(await jobsIn(path)).toEqual(['before', 'after'])
})

it('says that the database is read-only to a user who may not write it, and opens once that is mended', async (test) => {
  test.skip(process.platform !== 'linux' || process.getuid?.() !== 0, 'only root on Linux can be another user')
  const { path, store } = await setUp()
  await store[Symbol.asyncDispose]()
  await chmod(dirname(path), 0o755)
  await chmod(path, 0o444)
  const ask = async (): Promise<string> => {
    const program = join(import.meta.dirname, 'programs/enqueue-on-request.ts')
    const child = spawn(process.execPath, [...process.execArgv, program, path], {
      stdio: ['pipe', 'pipe', 'pipe'],
      uid: 65_534,
      gid: 65_534,
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let printed = ''
    child.stdout.on('data', (text) => (printed += String(text)))
    child.stderr.on('data', (text) => (printed += String(text)))
    child.stdin.end('a\n')
    await once(child, 'close')
    return printed
  }
  expect(await ask()).toMatch(/(the database is read-only|the database file could not be opened): .*mail\.db/)
  await chmod(path, 0o644)
  await chown(path, 65_534, 65_534)
  await chown(dirname(path), 65_534, 65_534)
  expect(await ask()).toContain('kept a')
  expect(await jobsIn(path)).toEqual(['before', 'a'])
})

/** Whether one process may watch another here. */
const canTrace = (): boolean => spawnSync('strace', ['-f', '-e', 'trace=none', 'true']).status === 0

it('after a sync that failed moves the log before it acknowledges anything', async (test) => {
  test.skip(!canTrace(), 'strace is not there, or may not watch processes')
  const { path, store } = await setUp()
  await store[Symbol.asyncDispose]()
  const program = start('enqueue-on-request.ts', path)
  await program.printed('ready')
  program.child.stdin.write('first\n')
  await program.printed('kept first')
  // Only the syncs of the log: that of the writer fails once. Threads that are there are followed too.
  const log = `${path}.trace`
  const pid = String(program.child.pid)
  const traced = [
    '-f',
    '-o',
    log,
    '-e',
    'trace=fdatasync,fsync',
    '-e',
    'inject=fdatasync,fsync:error=EIO:when=1',
    '-p',
    pid,
  ]
  const tracer = spawn('strace', traced, { stdio: ['ignore', 'ignore', 'pipe'] })
  const lines = createInterface({ input: tracer.stderr })
  await once(lines, 'line')
  program.child.stdin.write('second\n')
  await program.printed(`refused second the disk could not be read or written: ${path}`)
  program.child.stdin.write('third\n')
  await program.printed('kept third')
  await program.end()
  await once(tracer, 'close')
  const syncs = (await readFile(log, 'utf8')).split('\n').filter((line) => line.includes('sync('))
  // The failed one; the log and the database, where it was moved; the log with what came then.
  const files = syncs.slice(0, 4).map((line) => /sync\((\d+)\)/.exec(line)?.[1])
  expect(syncs[0]).toContain('EIO')
  expect(files).toEqual([files[0], files[0], expect.not.stringMatching(`^${files[0]}$`), files[0]])
  expect(await jobsIn(path)).toEqual(expect.arrayContaining(['before', 'first', 'third']))
})
