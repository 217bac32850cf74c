/**
 * One message on its way into one Maildir.
 *
 * Small messages touch the disk only at `commit`; larger ones are written out each time 64 KiB have come together.
 */

import { open, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { MailstoreUnavailableError, type MailboxWriter, type StoredMessage } from '@postroad/mailstore'
import type { DirectorySync } from './directory-sync.ts'
import { createUniqueName, withSizes, type NameSource } from './file-name.ts'
import type { FileSlots } from './file-slots.ts'
import { createLineEndConverter } from './line-ends.ts'
import type { Receipts } from './receipt.ts'

/** The buffer a message begins with, in bytes; it doubles as the message grows. */
const FIRST_BUFFER_BYTES = 4_096
/** How much is kept in memory before it is written out, in bytes. */
const LARGEST_BUFFER_BYTES = 65_536

/** What a writer needs. */
export interface MessageWriterOptions {
  readonly maildir: string
  readonly key: string | undefined
  readonly names: NameSource
  readonly slots: FileSlots
  readonly folders: DirectorySync
  readonly receipts: Receipts
  /** Throws where the store is closed. */
  readonly checkOpen: () => void
  /** Makes the folders again that somebody has removed. */
  readonly restoreFolders: () => Promise<void>
}

/** Creates a writer; nothing is on the disk yet. */
export function createMessageWriter(options: MessageWriterOptions): MailboxWriter {
  const { maildir, key, names, slots, folders, receipts, checkOpen, restoreFolders } = options
  const uniqueName = createUniqueName(names)
  const temporary = join(maildir, 'tmp', uniqueName)
  const inbox = join(maildir, 'new')
  const converter = createLineEndConverter()
  let buffer = new Uint8Array(FIRST_BUFFER_BYTES)
  let used = 0
  /** The file this writer has made and not yet given away. */
  let file: string | undefined
  let ended = false
  /** What touches the disk now; never rejects. */
  let working: Promise<unknown> = Promise.resolve()

  const use = (): void => {
    if (ended) throw new TypeError('The writer has ended.')
    checkOpen()
  }

  /** Writes out the buffer; with `sync` the whole file is durable afterwards. Holds a slot while the file is open. */
  const flush = (sync: boolean): Promise<void> =>
    slots.run(async () => {
      const handle = await openFile()
      try {
        for (let written = 0; written < used;)
          written += (await handle.write(buffer, written, used - written)).bytesWritten
        used = 0
        if (sync) await handle.sync()
      } finally {
        await handle.close()
      }
    })

  const openFile = async (): Promise<Awaited<ReturnType<typeof open>>> => {
    if (file !== undefined) return open(file, 'a')
    let handle: Awaited<ReturnType<typeof open>>
    try {
      handle = await open(temporary, 'wx', 0o600)
    } catch (error) {
      if (!isMissing(error)) throw error
      await restoreFolders()
      handle = await open(temporary, 'wx', 0o600)
    }
    file = temporary
    return handle
  }

  const discard = async (): Promise<void> => {
    ended = true
    buffer = new Uint8Array(0)
    used = 0
    const path = file
    file = undefined
    if (path !== undefined) await unlink(path).catch(() => undefined)
  }

  /** Whatever fails leaves nothing behind. */
  const attempt = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    const running = work()
    working = running.catch(() => undefined)
    try {
      return await running
    } catch (error) {
      await discard()
      throw new MailstoreUnavailableError('The message cannot be written.', { cause: error })
    }
  }

  /** Makes room for one byte and more in the buffer; a promise where that needs the disk. */
  const makeRoom = (): Promise<void> | undefined => {
    if (used + 1 < buffer.length) return undefined
    if (buffer.length >= LARGEST_BUFFER_BYTES) return flush(false)
    const larger = new Uint8Array(buffer.length * 2)
    larger.set(buffer)
    buffer = larger
    return undefined
  }

  return {
    kind: 'writer',
    async write(chunk) {
      use()
      for (let at = 0; at < chunk.length;) {
        const room = makeRoom()
        if (room !== undefined) {
          await attempt(() => room)
          // Given up while it waited for the disk.
          use()
        }
        // The converter may give one byte more than it takes.
        const end = Math.min(chunk.length, at + buffer.length - used - 1)
        used = converter.convert(chunk.subarray(at, end), buffer, used)
        at = end
      }
    },
    async commit(): Promise<StoredMessage> {
      use()
      ended = true
      return attempt(async () => {
        const earlier = key === undefined ? undefined : await receipts.find(maildir, key)
        if (earlier !== undefined) {
          await discard()
          return { location: earlier }
        }

        const room = makeRoom()
        if (room !== undefined) await room
        used = converter.end(buffer, used)
        await flush(true)

        const name = withSizes(uniqueName, converter.sizeBytes, converter.virtualSizeBytes)
        const location = join(inbox, name)
        await rename(temporary, location)
        // Until the folder is durable a failure takes the message back.
        file = location
        await folders.sync(inbox)
        file = undefined

        if (key !== undefined) await receipts.write(maildir, key, name)
        await discard()
        return { location }
      })
    },
    async abort() {
      ended = true
      // The caller may give up while a write waits: what that makes must go too. What is committed stays.
      await working
      await discard()
    },
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
