import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MailstoreUnavailableError, type MailboxWriter } from '@postroad/mailstore'
import { describeMailstoreContract, type OpenedMailstore } from '@postroad/mailstore/testing'
import { createManualClock, createSeededRandom, type ManualClock } from '@postroad/runtime'
import { systemClock, systemRandom } from '@postroad/runtime/system'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountFolder, openMaildirStore, type MaildirLayout, type MaildirStore } from '../src/index.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'maildir-'))
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

const open = (
  more: { layout?: MaildirLayout; maxOpenFiles?: number; clock?: ManualClock } = {},
): Promise<MaildirStore> =>
  openMaildirStore({
    path: join(root, 'mail'),
    hostname: 'mda.example.org',
    clock: systemClock,
    random: systemRandom,
    ...more,
  })

const list = (...path: string[]): Promise<string[]> => readdir(join(root, 'mail', ...path)).catch(() => [])

/** What a reader makes of a file: every LF a CRLF. */
async function readMessage(path: string): Promise<Uint8Array> {
  return Buffer.from((await readFile(path, 'latin1')).replaceAll('\n', '\r\n'), 'latin1')
}

async function openForContract(layout: MaildirLayout): Promise<OpenedMailstore> {
  const mailstore = await open({ layout, maxOpenFiles: 4 })
  return {
    mailstore,
    read: async (account) => {
      const folder = mailstore.folderOf(account)
      if (folder === undefined) return []
      const names = await readdir(join(folder, 'new')).catch(() => [])
      return Promise.all(names.map((name) => readMessage(join(folder, 'new', name))))
    },
    readAt: readMessage,
    reopen: () => openForContract(layout),
    close: async () => {
      await mailstore[Symbol.asyncDispose]()
    },
  }
}

describeMailstoreContract('the Maildir store', { open: () => openForContract('account') })
describeMailstoreContract('the Maildir store with a Maildir below each account', {
  open: () => openForContract('account/Maildir'),
})

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')

async function begin(store: MaildirStore, key?: string): Promise<MailboxWriter> {
  const writer = await store.begin({ account: 'ada', prefix: bytes('A: b\r\n'), ...(key === undefined ? {} : { key }) })
  if (writer.kind !== 'writer') throw new TypeError()
  return writer
}

async function put(store: MaildirStore, content: string, key?: string): Promise<string> {
  const writer = await begin(store, key)
  await writer.write(bytes(content))
  return (await writer.commit()).location
}

describe('files', () => {
  it('have LF line ends and a name that says their sizes', async () => {
    const clock = createManualClock(1_700_000_000_123)
    const store = await open({ clock })
    const location = await put(store, '\r\nline\r\nbare\rcr\r\n')
    expect(await readFile(location, 'latin1')).toBe('A: b\n\nline\nbare\rcr\n')
    expect(location.slice(join(root, 'mail', 'ada', 'new').length + 1)).toMatch(
      new RegExp(`^1700000000\\.M123000P${process.pid}R[0-9a-f]{16}\\.mda\\.example\\.org,S=19,W=23$`),
    )
  })

  it('can be read by their owner alone', async () => {
    const location = await put(await open(), 'x')
    expect((await stat(location)).mode & 0o777).toBe(0o600)
    expect((await stat(join(root, 'mail', 'ada'))).mode & 0o777).toBe(0o700)
  })

  it('have different names at the same instant, and none of them leaves the folder', async () => {
    const store = await openMaildirStore({
      path: join(root, 'mail'),
      hostname: '../a:b/c',
      clock: createManualClock(),
      random: createSeededRandom(1),
    })
    await Promise.all(Array.from({ length: 20 }, () => put(store, 'x')))
    const names = await list('ada', 'new')
    expect(names).toHaveLength(20)
    for (const name of names) expect(name).toContain('...\\057a\\072b\\057c,S=')
  })

  it('leave nothing in tmp/ when committed or aborted, large or small', async () => {
    const store = await open()
    const large = 'x'.repeat(200_000)
    await put(store, large)
    const writer = await begin(store)
    await writer.write(bytes(large))
    expect(await list('ada', 'tmp')).toHaveLength(1)
    await writer.abort()
    expect(await list('ada', 'tmp')).toEqual([])
    expect(await list('ada', 'new')).toHaveLength(1)
  })
})

describe('folders', () => {
  it.each([
    { account: 'ada@example.org', folder: 'ada@example.org' },
    { account: '..', folder: '%2E.' },
    { account: '.hidden', folder: '%2Ehidden' },
    { account: 'a/../b', folder: 'a%2F..%2Fb' },
    { account: 'Jürgen', folder: 'J%C3%BCrgen' },
    { account: 'a%b\u0000', folder: 'a%25b%00' },
    { account: '', folder: undefined },
    { account: 'ü'.repeat(43), folder: undefined },
    { account: 'x'.repeat(255), folder: 'x'.repeat(255) },
    { account: 'x'.repeat(256), folder: undefined },
  ])('of "$account" is $folder', ({ account, folder }) => {
    expect(accountFolder(account)).toBe(folder)
  })

  it('are made again where somebody has removed them', async () => {
    const store = await open()
    await put(store, 'first')
    await rm(join(root, 'mail', 'ada'), { recursive: true })
    await put(store, 'second')
    expect(await list('ada', 'new')).toHaveLength(1)
  })
})

describe('a key', () => {
  it('is recognised after the reader has moved the message, and after the store was opened again', async () => {
    const store = await open()
    const location = await put(store, 'x', 'k')
    await rename(location, join(root, 'mail', 'ada', 'cur', 'x:2,S'))
    expect(await put(store, 'x', 'k')).toBe(location)
    expect(await put(await open(), 'x', 'k')).toBe(location)
    expect(await list('ada', 'new')).toEqual([])
  })

  it('is recognised where the content was larger than the buffer', async () => {
    const store = await open()
    const large = 'x'.repeat(100_000)
    const location = await put(store, large, 'k')
    expect(await put(store, large, 'k')).toBe(location)
    expect(await list('ada', 'new')).toHaveLength(1)
    expect(await list('ada', 'tmp')).toEqual([expect.stringMatching(/^K[0-9a-f]{64}$/)])
  })

  it('is forgotten after an hour, with the next delivery', async () => {
    const clock = createManualClock()
    const store = await open({ clock })
    await put(store, 'x', 'k')
    await clock.advance(3_600_000)
    await put(store, 'x', 'other')
    await put(store, 'x', 'k')
    expect(await list('ada', 'new')).toHaveLength(3)
  })

  it('makes a duplicate, never a loss, where its receipt is lost', async () => {
    const store = await open()
    await put(store, 'x', 'k')
    for (const name of await list('ada', 'tmp')) await rm(join(root, 'mail', 'ada', 'tmp', name))
    await put(store, 'x', 'k')
    expect(await list('ada', 'new')).toHaveLength(2)
  })
})

describe('opening', () => {
  it('looks into no mailbox; the first delivery sweeps what dead writers left, and receipts after an hour', async () => {
    const tmp = join(root, 'mail', 'ada', 'tmp')
    await mkdir(tmp, { recursive: true })
    const now = Date.now()
    const files = [
      { name: 'old', hours: 37 },
      { name: 'young', hours: 35 },
      { name: `K${'a'.repeat(64)}`, hours: 2 },
      { name: `K${'b'.repeat(64)}`, hours: 0.5 },
    ]
    for (const { name, hours } of files) {
      await writeFile(join(tmp, name), '')
      await utimes(join(tmp, name), (now - hours * 3_600_000) / 1_000, (now - hours * 3_600_000) / 1_000)
    }
    await mkdir(join(root, 'mail', 'no-maildir'))
    await writeFile(join(root, 'mail', 'a-file'), '')
    await using store = await open()
    expect(await list('ada', 'tmp')).toHaveLength(files.length)
    await put(store, 'x')
    expect((await list('ada', 'tmp')).toSorted()).toEqual([`K${'b'.repeat(64)}`, 'young'])
  })

  it('makes the root with all folders above it', async () => {
    const path = join(root, 'a', 'b', 'c')
    const store = await openMaildirStore({ path, hostname: 'h', clock: systemClock, random: systemRandom })
    expect(store.folderOf('ada')).toBe(join(path, 'ada'))
    await put(store, 'x')
    expect(await readdir(join(path, 'ada', 'new'))).toHaveLength(1)
  })

  it('rejects where the root cannot be made', async () => {
    await writeFile(join(root, 'mail'), 'a file')
    await expect(open()).rejects.toMatchObject({ code: 'MAILSTORE_UNAVAILABLE', cause: expect.anything() as unknown })
  })
})

describe('a disk that fails', () => {
  it('rejects, shows nothing and keeps nothing where the folder cannot be written', async () => {
    const store = await open()
    await put(store, 'x')
    const writer = await begin(store)
    await writer.write(bytes('y'))
    // A file in place of the folder stands for every fault of the system: it holds for root too.
    await rm(join(root, 'mail', 'ada', 'new'), { recursive: true })
    await writeFile(join(root, 'mail', 'ada', 'new'), '')
    await expect(writer.commit()).rejects.toBeInstanceOf(MailstoreUnavailableError)
    await writer.abort()
    expect(await list('ada', 'tmp')).toEqual([])
  })

  it('rejects at begin where the folders of an account cannot be made', async () => {
    const store = await open()
    await writeFile(join(root, 'mail', 'ada'), '')
    await expect(begin(store)).rejects.toMatchObject({ code: 'MAILSTORE_UNAVAILABLE' })
    await rm(join(root, 'mail', 'ada'))
    await put(store, 'x')
    expect(await list('ada', 'new')).toHaveLength(1)
  })

  it.skipIf(process.getuid?.() === 0)('rejects where the permission is missing', async () => {
    const store = await open()
    await put(store, 'x')
    await chmod(join(root, 'mail', 'ada', 'tmp'), 0o500)
    await expect(put(store, 'x')).rejects.toBeInstanceOf(MailstoreUnavailableError)
  })
})

describe('disposing', () => {
  it('ends every use', async () => {
    const store = await open()
    const writer = await begin(store)
    await store[Symbol.asyncDispose]()
    await expect(begin(store)).rejects.toBeInstanceOf(MailstoreUnavailableError)
    await expect(writer.commit()).rejects.toBeInstanceOf(MailstoreUnavailableError)
    await writer.abort()
  })
})

describe('a process that is killed', () => {
  it('has left whole every message it said was committed, and no part of another', async () => {
    const script = `
      import { openMaildirStore } from '@postroad/mailstore-maildir'
      import { systemClock, systemRandom } from '@postroad/runtime/system'
      const store = await openMaildirStore({ path: process.argv[1], hostname: 'h', clock: systemClock, random: systemRandom })
      const line = Buffer.from('x'.repeat(98) + '\\r\\n')
      for (let n = 0; ; n += 1) {
        const writer = await store.begin({ account: 'ada', prefix: new Uint8Array(0) })
        for (let i = 0; i < 1000; i += 1) await writer.write(line)
        const { location } = await writer.commit()
        process.stdout.write(location + '\\n')
      }`
    const child = spawn(
      process.execPath,
      ['--conditions=@postroad/source', '--input-type=module', '-e', script, join(root, 'mail')],
      { cwd: join(import.meta.dirname, '..'), stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let said = ''
    for await (const chunk of child.stdout) {
      said += String(chunk)
      if (said.split('\n').length > 20) child.kill('SIGKILL')
    }
    const committed = said.split('\n').filter((line) => line !== '')
    expect(committed.length).toBeGreaterThanOrEqual(20)
    for (const location of committed.slice(0, 20)) expect((await stat(location)).size).toBe(99_000)
    for (const name of await list('ada', 'new'))
      expect((await stat(join(root, 'mail', 'ada', 'new', name))).size).toBe(99_000)
  })
})
