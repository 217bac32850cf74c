/** The machine's disk, with every call written down, and refused where a test says so. */

import { basename } from 'node:path'
import { type Disk, type DiskFile, systemDisk } from '../src/disk.ts'

/** What was called: `sync NAME`, `rename NAME` ... with the last part of the path. */
export interface WatchedDisk extends Disk {
  readonly calls: string[]
  /** The code that the system refuses a call with, such as `ENOSPC`; `undefined` lets it through. */
  refuse: (call: string, path: string) => string | undefined
  /** Files open now. */
  readonly open_: () => number
}

/** Watches the machine's disk. */
export function watchDisk(): WatchedDisk {
  const calls: string[] = []
  let open = 0
  const call = (name: string, path: string): void => {
    calls.push(`${name} ${basename(path)}`)
    const code = watched.refuse(name, path)
    if (code !== undefined) throw Object.assign(new Error(`${code}: refused by the test`), { code })
  }
  const watchFile = (file: DiskFile, path: string): DiskFile => {
    open += 1
    return {
      write: async (bytes, position) => {
        call('write', path)
        await file.write(bytes, position)
      },
      read: async (bytes, position) => {
        call('read', path)
        return file.read(bytes, position)
      },
      sizeBytes: () => file.sizeBytes(),
      setModifiedAt: async (at) => {
        call('set-time', path)
        await file.setModifiedAt(at)
      },
      sync: async () => {
        call('sync', path)
        await file.sync()
        calls.push(`synced ${basename(path)}`)
      },
      close: async () => {
        open -= 1
        await file.close()
        call('close', path)
      },
    }
  }
  const watched: WatchedDisk = {
    calls,
    refuse: () => undefined,
    open_: () => open,
    create: async (path) => {
      call('create', path)
      return watchFile(await systemDisk.create(path), path)
    },
    open: async (path) => {
      call('open', path)
      return watchFile(await systemDisk.open(path), path)
    },
    makeFolder: async (path) => {
      call('make-folder', path)
      return systemDisk.makeFolder(path)
    },
    rename: async (from, to) => {
      call('rename', to)
      await systemDisk.rename(from, to)
    },
    unlink: async (path) => {
      call('unlink', path)
      await systemDisk.unlink(path)
    },
    stat: async (path) => {
      call('stat', path)
      return systemDisk.stat(path)
    },
    list: (path) => systemDisk.list(path),
    syncFolder: async (path) => {
      call('sync-folder', path)
      await systemDisk.syncFolder(path)
      calls.push(`synced-folder ${basename(path)}`)
    },
  }
  return watched
}
