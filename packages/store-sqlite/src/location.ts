/**
 * Where the database lies: from the path that was given, with its folders made. Links are followed as SQLite follows them:
 * its log lies beside the file itself, and so must all else that those who open it share.
 */

import { lstat, mkdir, open, readlink, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { QueueUnavailableError } from '@postroad/queue'

/** The name of the database inside a folder. */
const FILE_NAME = 'postroad.sqlite'
/** Most links that are followed to a file that is not there yet. */
const LINKS = 40

/** The absolute path of the database file; nothing is made. */
export async function databaseFile(path: string): Promise<string> {
  const isFolder =
    path.endsWith(sep) || path.endsWith('/') || ((await stat(path).catch(() => undefined))?.isDirectory() ?? false)
  return follow(resolve(isFolder ? join(path, FILE_NAME) : path))
}

/** The absolute path of the database file, in a folder that is there. */
export async function locate(path: string): Promise<string> {
  try {
    const file = await databaseFile(path)
    const made = await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    if (made !== undefined) await keepFolders(dirname(file), dirname(made))
    return file
  } catch (cause) {
    throw new QueueUnavailableError(`the folder of the database cannot be made: ${path}`, { cause })
  }
}

/** What a path leads to, whether that is there or not. Rejects where links lead in a circle. */
async function follow(path: string): Promise<string> {
  let at = path
  for (let links = 0; links < LINKS; links += 1) {
    const real = await realpath(at).catch(unlessMissing)
    if (real !== undefined) return real
    const folder = await realpath(dirname(at)).catch(unlessMissing)
    // Nothing there is a link: all of it will be made.
    if (folder === undefined) return at
    at = join(folder, basename(at))
    if (!((await lstat(at).catch(unlessMissing))?.isSymbolicLink() ?? false)) return at
    at = resolve(folder, await readlink(at))
  }
  throw new Error(`too many links: ${path}`)
}

/** Makes folders that were just made durable in those that hold them, up to `last`: SQLite does so only with its files. */
async function keepFolders(made: string, last: string): Promise<void> {
  // Windows opens no folders, and needs no such thing.
  if (process.platform === 'win32') return
  for (let folder = made; folder !== last;) {
    folder = dirname(folder)
    const handle = await open(folder)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
