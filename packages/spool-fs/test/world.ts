/** A spool over a folder of its own, and short words for what tests do with it. */

import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ContentId, messageId } from '@postroad/envelope'
import type { ContentRange, SealedContent } from '@postroad/queue'
import { createManualClock, type ManualClock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { onTestFinished } from 'vitest'
import { FolderSpool } from '../src/file-spool.ts'
import type { FileSpoolOptions, FileStageOptions } from '../src/index.ts'
import { type WatchedDisk, watchDisk } from './watched-disk.ts'

/** Bytes of Latin-1 text. */
export const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

/** Bytes that differ at every place where a mistake in chunking would show. */
export const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, n) => (n * 31 + (n >> 8) * 7 + (n >> 16)) & 255)

/** A folder that is removed after the test. */
export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postroad-spool-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A spool under test. */
export interface World {
  readonly folder: string
  readonly clock: ManualClock
  readonly disk: WatchedDisk
  readonly spool: FolderSpool
  readonly put: (body: string | readonly Uint8Array[], options?: PutOptions) => Promise<SealedContent>
  /** As `put`, and persists it. */
  readonly keep: (body: string | readonly Uint8Array[], options?: PutOptions) => Promise<ContentId>
  readonly read: (id: ContentId, range?: ContentRange) => Promise<Buffer>
  /** Paths of all files below the folder, in order. */
  readonly files: () => Promise<string[]>
  /** Another spool over the same folder, as after a crash. */
  readonly again: () => FolderSpool
}

/** How content is staged, and what is put in front of it. */
export type PutOptions = { readonly prefix?: string } & Partial<FileStageOptions>

/** Makes one. The manual clock begins at the machine's time, which files are dated with while they are written. */
export async function setUp(options: Partial<FileSpoolOptions> = {}): Promise<World> {
  const folder = options.folder ?? join(await createFolder(), 'spool')
  const clock = createManualClock(systemClock.now())
  const disk = watchDisk()
  const open = (): FolderSpool => {
    const spool = new FolderSpool({ clock, ...options, folder }, disk)
    onTestFinished(() => spool[Symbol.asyncDispose]())
    return spool
  }
  const spool = open()
  const world: World = {
    folder,
    clock,
    disk,
    spool,
    async put(body, { prefix = '', ...stage } = {}) {
      const writer = await spool.stage({ message: messageId('M'), ttlMs: 60_000, ...stage })
      for (const chunk of typeof body === 'string' ? [latin1(body)] : body) await writer.write(chunk)
      return writer.seal({ prefix: latin1(prefix) })
    },
    async keep(body, stage) {
      const content = await world.put(body, stage)
      await spool.persist([content])
      return content.id
    },
    read: (id, range) => read(spool, id, range),
    files: async () => listFiles(folder),
    again: open,
  }
  return world
}

/** Reads content whole. */
export async function read(spool: FolderSpool, id: ContentId, range?: ContentRange): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of spool.open(id, range)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** Paths of all files below a folder, in order. */
export async function listFiles(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

/** Sweeps; `inUse` are the ids that are needed. */
export const sweep = (spool: FolderSpool, ...inUse: readonly ContentId[]): ReturnType<FolderSpool['sweep']> =>
  spool.sweep(async (ids) => new Set(ids.filter((id) => inUse.includes(id))))
