/**
 * The Maildir mailstore: opens the root, and begins messages.
 *
 * A message is written into `tmp/`, synced, brought into `new/` by one atomic step, and `new/` is synced before `commit`
 * resolves; so nothing partial is ever seen, and what was committed survives a power cut. Folders of an account are made
 * on its first delivery and synced with their parents.
 *
 * Files are open only while bytes are written, `maxOpenFiles` at most in all; beyond that writers wait. A writer keeps
 * up to 64 KiB in memory between.
 */

import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { reply } from '@postroad/envelope'
import { MailstoreUnavailableError, type Mailstore } from '@postroad/mailstore'
import type { Clock, Random } from '@postroad/runtime'
import { accountFolder } from './account-folder.ts'
import { createDirectorySync } from './directory-sync.ts'
import type { NameSource } from './file-name.ts'
import { createFileSlots } from './file-slots.ts'
import { createMessageWriter } from './message-writer.ts'
import { createReceipts } from './receipt.ts'
import { sweepLeftovers } from './sweep.ts'

/** Where an account's Maildir lies below the root: its folder itself, or `Maildir` in it. */
export type MaildirLayout = 'account' | 'account/Maildir'

/** How the store is opened. */
export interface MaildirOptions {
  /** The folder with one folder for each account; made where it does not exist. */
  readonly path: string
  /** This host's name, a part of every file's name. */
  readonly hostname: string
  /** Its `now` stands in the names of files, and tells what has lain long enough to be swept. */
  readonly clock: Clock
  /** 64 bits in each file's name, which make it unlike those of all who share the folder. */
  readonly random: Random
  /** Default `account`. */
  readonly layout?: MaildirLayout
  /** Most files open at once, 1 or more; default 128. */
  readonly maxOpenFiles?: number
}

/** A Maildir store; disposing waits for nothing: writers that are still used then reject. */
export interface MaildirStore extends Mailstore, AsyncDisposable {
  /** The Maildir of an account, whether it exists or not; `undefined` for a name that cannot have one. */
  folderOf(account: string): string | undefined
}

/** The folders of a Maildir. */
const FOLDERS = ['tmp', 'new', 'cur'] as const

/** How many accounts are remembered as having their folders. */
const MAX_KNOWN_FOLDERS = 10_000

/**
 * Opens the store. It looks into no mailbox: the first delivery to an account sweeps its leftovers, files in `tmp/` that
 * nobody changed for 36 hours.
 *
 * Rejects with `MailstoreUnavailableError` where the root cannot be made.
 */
export async function openMaildirStore(options: MaildirOptions): Promise<MaildirStore> {
  const { hostname, clock, random, layout = 'account', maxOpenFiles = 128 } = options
  const root = resolve(options.path)
  const names: NameSource = { hostname, clock, random, processId: process.pid }
  const slots = createFileSlots(maxOpenFiles)
  const folders = createDirectorySync()
  const receipts = createReceipts(clock)
  const known = new Map<string, Promise<void>>()
  let isDisposed = false

  const maildirOf = (folder: string): string =>
    layout === 'account' ? join(root, folder) : join(root, folder, 'Maildir')

  try {
    const first = await mkdir(root, { recursive: true, mode: 0o700 })
    // A folder that was made is durable once its parent is.
    for (let made = root; first !== undefined; made = dirname(made)) {
      await folders.sync(dirname(made))
      if (made === first) break
    }
  } catch (error) {
    throw new MailstoreUnavailableError('The root of the Maildirs cannot be opened.', { cause: error })
  }

  const makeFolders = async (maildir: string): Promise<void> => {
    await mkdir(maildir, { recursive: true, mode: 0o700 })
    for (const name of FOLDERS) await mkdir(join(maildir, name), { recursive: true, mode: 0o700 })
    // Also when they were there: whoever made them may have died before they were durable.
    await folders.sync(maildir)
    for (let parent = maildir; parent !== root;) {
      parent = dirname(parent)
      await folders.sync(parent)
    }
    await sweepLeftovers(maildir, clock.now(), receipts)
  }

  /** Makes, syncs and sweeps the folders once in the life of the store, or again where somebody has removed them. */
  const ensureFolders = (maildir: string, again: boolean): Promise<void> => {
    const earlier = again ? undefined : known.get(maildir)
    if (earlier !== undefined) return earlier
    const made = makeFolders(maildir)
    known.set(maildir, made)
    made.catch(() => known.delete(maildir))
    const [oldest] = known.keys()
    if (known.size > MAX_KNOWN_FOLDERS && oldest !== undefined) known.delete(oldest)
    return made
  }

  const checkOpen = (): void => {
    if (isDisposed) throw new MailstoreUnavailableError('The mailstore is closed.')
  }

  return {
    async begin({ account, prefix, key }) {
      checkOpen()
      const folder = accountFolder(account)
      if (folder === undefined) {
        return { kind: 'refused', reply: reply(550, '5.2.0', 'This mailbox cannot be kept here') }
      }
      const maildir = maildirOf(folder)
      try {
        await ensureFolders(maildir, false)
      } catch (error) {
        throw new MailstoreUnavailableError('The folders of a mailbox cannot be made.', { cause: error })
      }
      const writer = createMessageWriter({
        maildir,
        key,
        names,
        slots,
        folders,
        receipts,
        checkOpen,
        restoreFolders: () => ensureFolders(maildir, true),
      })
      await writer.write(prefix)
      return writer
    },
    folderOf(account) {
      const folder = accountFolder(account)
      return folder === undefined ? undefined : maildirOf(folder)
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true
    },
  }
}
