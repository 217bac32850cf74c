import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MailstoreUnavailableError } from '@postroad/mailstore'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFileSlots } from '../src/file-slots.ts'
import { createMessageWriter } from '../src/message-writer.ts'
import { createReceipts } from '../src/receipt.ts'

let maildir: string
const clock = createManualClock()

beforeEach(async () => {
  maildir = await mkdtemp(join(tmpdir(), 'maildir-'))
  for (const name of ['tmp', 'new', 'cur']) await mkdir(join(maildir, name))
})

afterEach(async () => {
  await rm(maildir, { recursive: true, force: true })
})

const list = (folder: string): Promise<string[]> => readdir(join(maildir, folder))

const writerWith = (sync: (path: string) => Promise<void>) =>
  createMessageWriter({
    maildir,
    key: 'k',
    names: { hostname: 'mda.example.org', clock, random: createSeededRandom(1), processId: 1 },
    slots: createFileSlots(1),
    folders: { sync },
    receipts: createReceipts(clock),
    checkOpen: () => undefined,
    restoreFolders: async () => undefined,
  })

describe('a commit', () => {
  it('brings the message in, then syncs the folder, and only then writes the receipt', async () => {
    const seen: unknown[] = []
    const writer = writerWith(async (path) => {
      seen.push(path, await list('new'), await list('tmp'))
    })
    await writer.write(Buffer.from('x'))
    await writer.commit()
    expect(seen).toEqual([join(maildir, 'new'), [expect.stringMatching(/,S=1,W=1$/)], []])
    expect(await list('tmp')).toEqual([expect.stringMatching(/^K/)])
  })

  it('takes the message back where the folder cannot be made durable', async () => {
    const writer = writerWith(() => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })))
    await writer.write(Buffer.from('x'))
    await expect(writer.commit()).rejects.toBeInstanceOf(MailstoreUnavailableError)
    expect([await list('tmp'), await list('new')]).toEqual([[], []])
    await writer.abort()
    await expect(Promise.resolve().then(() => writer.write(Buffer.from('y')))).rejects.toThrow(TypeError)
  })
})

describe('an abort', () => {
  it('ends a write that waits for the disk, and leaves nothing of it', async () => {
    const writer = writerWith(async () => undefined)
    const writing = writer.write(new Uint8Array(200_000))
    const aborting = writer.abort()
    await expect(writing).rejects.toThrow(TypeError)
    await aborting
    expect(await list('tmp')).toEqual([])
  })

  it('does nothing to a message that is being committed', async () => {
    const writer = writerWith(async () => undefined)
    await writer.write(Buffer.from('x'))
    const committing = writer.commit()
    await writer.abort()
    await committing
    expect(await list('new')).toHaveLength(1)
  })
})

describe('memory', () => {
  it('holds no more than the buffer, however small the pieces are', async () => {
    const writer = writerWith(async () => undefined)
    const byte = Buffer.from('x')
    for (let index = 0; index < 65_536; index += 1) await writer.write(byte)
    expect(await list('tmp')).toHaveLength(1)
    await writer.abort()
    expect(await list('tmp')).toEqual([])
  })
})

describe('slots', () => {
  it('let so many work at once, in order, and are given back by what fails', async () => {
    const slots = createFileSlots(2)
    const begun: number[] = []
    const ends: (() => void)[] = []
    const work = (number: number): Promise<void> =>
      slots.run(() => {
        begun.push(number)
        return new Promise((resolve, reject) => ends.push(number === 0 ? () => reject(new Error('EIO')) : resolve))
      })
    const works = [0, 1, 2].map(work)
    expect(begun).toEqual([0, 1])
    ends[0]?.()
    await expect(works[0]).rejects.toThrow('EIO')
    await new Promise(setImmediate)
    expect(begun).toEqual([0, 1, 2])
    ends[1]?.()
    ends[2]?.()
    await Promise.all(works.slice(1))
  })
})
