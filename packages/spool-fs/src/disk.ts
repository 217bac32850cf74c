/** The calls of the file system that a spool makes: few, so that a test can count them, or fail one of them. */

import { mkdir, open, opendir, rename, stat, unlink } from 'node:fs/promises'

/** The file system. Promises reject with what Node throws. */
export interface Disk {
  /** Makes a file that is not there, for this user alone. */
  create(path: string): Promise<DiskFile>
  /** Opens a file to read it. */
  open(path: string): Promise<DiskFile>
  /** Makes one folder, for this user alone; `false` where it was there. */
  makeFolder(path: string): Promise<boolean>
  /** Replaces what is there in one step, within one file system; durable once the folder is synced (`syncFolder`). */
  rename(from: string, to: string): Promise<void>
  /** Removes a file; one that is not there rejects with `ENOENT`. Durable as `rename` is. */
  unlink(path: string): Promise<void>
  /** Looks at a file without opening it; `modifiedAt` in milliseconds since the epoch, as `setModifiedAt` takes it. */
  stat(path: string): Promise<{ readonly sizeBytes: number; readonly modifiedAt: number }>
  /** Names in a folder, a few at a time. */
  list(path: string): AsyncIterable<string>
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>
}

/** An open file. */
export interface DiskFile {
  /** Writes all bytes. */
  write(bytes: Uint8Array, position: number): Promise<void>
  /** Reads what is there, up to the length of `bytes`; gives how much. */
  read(bytes: Uint8Array, position: number): Promise<number>
  /** How long it is now, what was written and not synced counted. */
  sizeBytes(): Promise<number>
  /** Sets when it was last modified: milliseconds since the epoch. */
  setModifiedAt(at: number): Promise<void>
  /** Makes the content and length of the file durable. */
  sync(): Promise<void>
  /** Waits for what is under way. */
  close(): Promise<void>
}

/** The machine's. */
export const systemDisk: Disk = {
  create: async (path) => openFile(path, 'wx'),
  open: async (path) => openFile(path, 'r'),
  async makeFolder(path) {
    try {
      await mkdir(path, { mode: 0o700 })
      return true
    } catch (error) {
      if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return false
      throw error
    }
  },
  rename,
  unlink,
  async stat(path) {
    const { size, mtimeMs } = await stat(path)
    return { sizeBytes: size, modifiedAt: mtimeMs }
  },
  async *list(path) {
    for await (const { name } of await opendir(path)) yield name
  },
  async syncFolder(path) {
    // Windows opens no folders, and needs no such thing.
    if (process.platform === 'win32') return
    const handle = await open(path)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
}

async function openFile(path: string, flags: 'wx' | 'r'): Promise<DiskFile> {
  const handle = await open(path, flags, 0o600)
  return {
    async write(bytes, position) {
      for (let at = 0; at < bytes.length;) {
        // A short write is no error; what stopped it is told by the next.
        at += (await handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten
      }
    },
    async read(bytes, position) {
      let at = 0
      while (at < bytes.length) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, position + at)
        if (bytesRead === 0) break
        at += bytesRead
      }
      return at
    },
    sizeBytes: async () => (await handle.stat()).size,
    setModifiedAt: (at) => handle.utimes(at / 1_000, at / 1_000),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  }
}
