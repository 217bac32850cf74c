/** The folders of a spool: made when first needed, and made durable once for many files. */

import { dirname, sep } from 'node:path'
import { codeOf } from './faults.ts'
import type { Disk } from './disk.ts'

/** What the system says of a folder that this user may not open, or that cannot be synced. */
const NOT_OURS: ReadonlySet<string> = new Set(['EACCES', 'EINVAL', 'EPERM', 'EROFS'])

/** Makes folders and syncs them. */
export class Folders {
  readonly #disk: Disk
  readonly #root: string
  readonly #syncs: boolean
  readonly #ready = new Map<string, Promise<void>>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #next = new Map<string, Promise<void>>()

  /**
   * @param root The folder of the spool.
   * @param syncs Whether anything is made durable.
   */
  constructor(disk: Disk, root: string, syncs: boolean) {
    this.#disk = disk
    this.#root = root
    this.#syncs = syncs
  }

  /** Makes the folder and those above it where they are not there; what was made is durable when this resolves. */
  ensure(folder: string): Promise<void> {
    const ready = this.#ready.get(folder)
    if (ready !== undefined) return ready
    const making = this.#make(folder).catch((error: unknown) => {
      this.#ready.delete(folder)
      throw error
    })
    this.#ready.set(folder, making)
    return making
  }

  /** Forgets that the folder was there: somebody has removed it, or one above it. */
  forget(): void {
    this.#ready.clear()
  }

  /**
   * Makes what was put into the folder durable. Who comes while a sync is under way shares the next one: the one under
   * way may have begun too early. Where that one fails, so does the next: what it was to write may be gone, and no second
   * sync tells.
   */
  sync(folder: string): Promise<void> {
    if (!this.#syncs) return Promise.resolve()
    const next = this.#next.get(folder)
    if (next !== undefined) return next
    const mine = this.#syncAfter(this.#running.get(folder), folder).finally(() => {
      if (this.#next.get(folder) === mine) this.#next.delete(folder)
      if (this.#running.get(folder) === mine) this.#running.delete(folder)
    })
    this.#next.set(folder, mine)
    return mine
  }

  async #syncAfter(before: Promise<void> | undefined, folder: string): Promise<void> {
    // At least to a later turn, so that callers of one turn share it.
    await before
    const mine = this.#next.get(folder)
    this.#next.delete(folder)
    if (mine !== undefined) this.#running.set(folder, mine)
    await this.#disk.syncFolder(folder)
  }

  async #make(folder: string): Promise<void> {
    const parent = dirname(folder)
    // Also where it is there: whoever made it may have died before its name was durable.
    if (folder.startsWith(this.#root + sep)) await this.ensure(parent)
    try {
      await this.#makeOne(folder, parent)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || parent === folder) throw error
      this.#ready.delete(parent)
      await this.ensure(parent)
      await this.#makeOne(folder, parent)
    }
  }

  async #makeOne(folder: string, parent: string): Promise<void> {
    const isMade = await this.#disk.makeFolder(folder)
    const isRoot = folder === this.#root
    // Those above the spool's are not ours to sync where we did not make them.
    if (!isMade && !isRoot && !folder.startsWith(this.#root + sep)) return
    try {
      await this.sync(parent)
    } catch (error) {
      // Whoever gave us a folder in one that we may not look into has made it.
      if (isMade || !isRoot || !NOT_OURS.has(codeOf(error))) throw error
    }
  }
}
