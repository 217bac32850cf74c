/**
 * Makes changes of folders durable, one `fsync` for all who ask at the same time.
 *
 * A call that comes while a folder is being synced waits for the next sync of that folder, because its own change may
 * be later than what the running one writes; all who wait share the next one.
 */

import { open } from 'node:fs/promises'

/** Syncs folders. */
export interface DirectorySync {
  /** Resolves when what was changed in the folder before the call is durable. Rejects where the system does. */
  sync(path: string): Promise<void>
}

interface Syncs {
  running: Promise<void>
  next: Promise<void> | undefined
}

/** Creates the syncer; it remembers a folder only while it is being synced. */
export function createDirectorySync(syncFolder: (path: string) => Promise<void> = syncNow): DirectorySync {
  const folders = new Map<string, Syncs>()

  const run = (path: string, syncs: Syncs): Promise<void> => {
    const running = syncFolder(path).finally(() => {
      if (syncs.next === undefined) folders.delete(path)
    })
    syncs.running = running
    return running
  }

  return {
    sync(path) {
      const syncs = folders.get(path)
      if (syncs === undefined) {
        const first: Syncs = { running: Promise.resolve(), next: undefined }
        folders.set(path, first)
        return run(path, first)
      }
      syncs.next ??= (async () => {
        // How the running one ends is for those who wait for it.
        await syncs.running.catch(() => undefined)
        syncs.next = undefined
        await run(path, syncs)
      })()
      return syncs.next
    },
  }
}

async function syncNow(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
