/** What lies below the folder of a spool, for sweeps and for checks. */

import { join } from 'node:path'
import { contentId, type ContentId } from '@postroad/envelope'
import { contentFilePath, isContentFileId, keptFolder, readStagedName, stagingFolder } from './content-path.ts'
import { type Disk, type DiskFile, systemDisk } from './disk.ts'
import { codeOf } from './faults.ts'
import { openContent, readContent, readTrailer } from './read-content.ts'

/** One file. */
export interface ContentFile {
  /** From the file's name; whether the content is whole, `checkContentFile` tells. */
  readonly id: ContentId
  /** Below the folder that was given, absolute where that is. */
  readonly path: string
  /** Whether `persist` has kept it; else it is being written, or was left. */
  readonly isKept: boolean
  /** Of the file: 40 more than of its content. */
  readonly fileBytes: number
  /** When it may be swept, unless something names it: milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * Lists the files of a spool, kept and staged, in no order; what is none of ours is passed over. A folder that is not
 * there has none. Files that come or go meanwhile may be in it or not. Rejects with what the file system throws.
 */
export async function* listContentFiles(
  folder: string,
  disk: Disk = systemDisk,
): AsyncGenerator<ContentFile, void, undefined> {
  for await (const name of names(disk, stagingFolder(folder))) {
    const staged = readStagedName(name)
    if (staged === undefined) continue
    const path = join(stagingFolder(folder), name)
    const found = await look(disk, path)
    if (found === undefined) continue
    const { sizeBytes, modifiedAt } = found
    const id = contentId(staged.id)
    yield { id, path, isKept: false, fileBytes: sizeBytes, expiresAt: modifiedAt + staged.ttlMs }
  }
  for await (const name of names(disk, keptFolder(folder))) {
    for await (const id of names(disk, join(keptFolder(folder), name))) {
      if (!isContentFileId(id)) continue
      const path = join(keptFolder(folder), name, id)
      const found = await look(disk, path)
      if (found === undefined) continue
      const { sizeBytes, modifiedAt } = found
      yield { id: contentId(id), path, isKept: true, fileBytes: sizeBytes, expiresAt: modifiedAt }
    }
  }
}

/** What is known of one content's file. */
export type ContentFileState =
  | { readonly kind: 'whole'; readonly path: string; readonly sizeBytes: number }
  /** `path` is absent where no file can have the id. */
  | { readonly kind: 'missing'; readonly path: string | undefined }
  /** It cannot be read, or is not what was written; the error's sentence says why. */
  | { readonly kind: 'damaged'; readonly path: string; readonly error: unknown }

/**
 * Looks whether kept content is there and whole: its length and trailer; with `reads` all of it, by its checksums.
 * Never rejects.
 */
export async function checkContentFile(
  folder: string,
  id: string,
  { reads = false, disk = systemDisk }: { readonly reads?: boolean; readonly disk?: Disk } = {},
): Promise<ContentFileState> {
  const path = contentFilePath(folder, id)
  if (path === undefined) return { kind: 'missing', path }
  let file: DiskFile
  try {
    file = await openContent(disk, path, id)
  } catch (error) {
    const isMissing = codeOf(error) === 'QUEUE_CONTENT_MISSING'
    return isMissing ? { kind: 'missing', path } : { kind: 'damaged', path, error }
  }
  try {
    const { bodyBytes, prefixBytes } = await readTrailer(file, path, id)
    let sizeBytes = bodyBytes + prefixBytes
    if (reads) {
      sizeBytes = 0
      for await (const { length } of readContent(disk, path, id, undefined)) sizeBytes += length
    }
    return { kind: 'whole', path, sizeBytes }
  } catch (error) {
    return { kind: 'damaged', path, error }
  } finally {
    await file.close().catch(() => undefined)
  }
}

async function* names(disk: Disk, folder: string): AsyncGenerator<string, void, undefined> {
  try {
    yield* disk.list(folder)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error
  }
}

async function look(
  disk: Disk,
  path: string,
): Promise<{ readonly sizeBytes: number; readonly modifiedAt: number } | undefined> {
  try {
    return await disk.stat(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
