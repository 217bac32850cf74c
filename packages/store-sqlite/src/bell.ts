/**
 * The doorbells of the processes on one database: what one adds wakes the workers that wait in another.
 *
 * Each open store has an empty file of its own in a folder beside the database, and watches it; ringing touches the
 * files of the others. Who comes rings all once, so that they look who is there. A bell whose process has died is
 * touched in vain until somebody who comes removes it. Where files cannot be watched nobody is rung: `isHung` says so,
 * and the slow look finds what was added.
 */

import { randomBytes } from 'node:crypto'
import { type FSWatcher, watch } from 'node:fs'
import { mkdir, readdir, rmdir, unlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@postroad/runtime/system'

/** How often others are rung at most, in milliseconds. */
const RING_MS = 5
/** How often a folder that somebody else removed just now is made again. */
const TRIES = 5

/** The name of a bell: the number of its process, and what tells its stores apart. */
const IS_BELL = /^[1-9]\d*-/

/** What a bell needs. */
export interface BellOptions {
  /** The folder of the bells. */
  readonly folder: string
  /** Called when another process rings. */
  readonly onRing: () => void
}

/** The bell of one open store, and those of the others. */
export class Bell {
  readonly #options: BellOptions
  readonly #name: string = `${process.pid}-${randomBytes(6).toString('base64url')}`
  #watcher: FSWatcher | undefined
  #others: ReadonlySet<string> = new Set()
  #ringing: Promise<void> | undefined
  #mustRing = false
  /** While it is hung again. */
  #hanging: Promise<void> = Promise.resolve()
  #looking: Promise<void> | undefined
  #mustLook = false
  /** Fires at the end. Between processes only real time counts, whatever clock the store has. */
  readonly #ending = new AbortController()

  private constructor(options: BellOptions) {
    this.#options = options
  }

  /** Hangs a bell; never fails, for work is found without. */
  static async hang(options: BellOptions): Promise<Bell> {
    const bell = new Bell(options)
    await bell.#hang(true)
    return bell
  }

  get #isEnded(): boolean {
    return this.#ending.signal.aborted
  }

  /** Whether others can ring here. */
  get isHung(): boolean {
    return this.#watcher !== undefined
  }

  /** Whether another process has the database open, or may have. */
  get isShared(): boolean {
    return this.#others.size > 0 || !this.isHung
  }

  /**
   * Rings the others: at once, or as soon as the last ring is a few milliseconds ago. While no other is known the ring
   * waits for the first that is seen, which may have come before what it rings for was there.
   */
  ring(): void {
    this.#mustRing = true
    if (this.#others.size > 0 && !this.#isEnded) this.#ringing ??= this.#ringOn()
  }

  /** Takes the bell down. Nothing of it is there when the promise resolves. */
  async end(): Promise<void> {
    this.#ending.abort()
    await this.#hanging
    this.#stopWatching()
    await this.#looking
    await this.#ringing
    await unlink(this.#path(this.#name)).catch(() => undefined)
    // The last one takes the folder along.
    await rmdir(this.#options.folder).catch(() => undefined)
  }

  /** Only who comes removes the dead: were it done again, two who take each other for dead would do nothing else. */
  async #hang(removesDead: boolean): Promise<void> {
    for (let tries = 0; tries < TRIES && !this.#isEnded; tries += 1) {
      try {
        await this.#hangOnce(removesDead)
        return
      } catch (error) {
        this.#stopWatching()
        // Between the making of the folder and of the file, somebody else took the folder away.
        if (!isMissing(error)) break
      }
    }
    await unlink(this.#path(this.#name)).catch(() => undefined)
  }

  /** Who rang while it was down was not heard. */
  async #hangAgain(): Promise<void> {
    await this.#hang(false)
    if (!this.#isEnded) this.#options.onRing()
  }

  async #hangOnce(removesDead: boolean): Promise<void> {
    await mkdir(this.#options.folder, { mode: 0o700 }).catch(() => undefined)
    await writeFile(this.#path(this.#name), '', { mode: 0o600 })
    const watcher = watch(this.#path(this.#name), { persistent: false })
    this.#watcher = watcher
    watcher.on('change', (kind) => this.#hear(watcher, kind))
    watcher.on('error', () => this.#fall(watcher))
    await this.#look()
    if (removesDead) await this.#removeDead()
    await this.#touchAll()
  }

  #hear(watcher: FSWatcher, kind: string): void {
    if (this.#isEnded || this.#watcher !== watcher) return
    // Somebody new, mostly; else there is work, and looking costs little.
    void this.#lookSoon()
    this.#options.onRing()
    if (kind !== 'rename') return
    // It was removed by somebody who took this process for dead.
    this.#stopWatching()
    this.#hanging = this.#hanging.then(() => this.#hangAgain())
  }

  #stopWatching(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }

  #fall(watcher: FSWatcher): void {
    watcher.close()
    if (this.#watcher === watcher) this.#watcher = undefined
  }

  async #ringOn(): Promise<void> {
    do {
      this.#mustRing = false
      await this.#touchAll()
      await systemClock.sleep(RING_MS, this.#ending.signal)
    } while (this.#mustRing && !this.#isEnded)
    this.#ringing = undefined
  }

  async #touchAll(): Promise<void> {
    const now = new Date(systemClock.now())
    const gone: string[] = []
    await Promise.all(
      [...this.#others].map((name) =>
        utimes(this.#path(name), now, now).catch(() => {
          gone.push(name)
        }),
      ),
    )
    if (gone.length > 0) this.#others = new Set([...this.#others].filter((name) => !gone.includes(name)))
  }

  async #lookSoon(): Promise<void> {
    this.#mustLook = true
    this.#looking ??= this.#lookOn()
    await this.#looking
  }

  async #lookOn(): Promise<void> {
    do {
      this.#mustLook = false
      await this.#look().catch(() => undefined)
      if (this.#mustRing) this.ring()
      await systemClock.sleep(RING_MS, this.#ending.signal)
    } while (this.#mustLook && !this.#isEnded)
    this.#looking = undefined
  }

  async #look(): Promise<void> {
    const names = await readdir(this.#options.folder)
    this.#others = new Set(names.filter((name) => IS_BELL.test(name) && name !== this.#name))
  }

  /** Removes bells of processes that are gone. One that is numbered otherwise (in a container) hangs its bell again. */
  async #removeDead(): Promise<void> {
    const dead = [...this.#others].filter((name) => !isAlive(Number.parseInt(name, 10)))
    await Promise.all(dead.map((name) => unlink(this.#path(name)).catch(() => undefined)))
    this.#others = new Set([...this.#others].filter((name) => !dead.includes(name)))
  }

  #path(name: string): string {
    return join(this.#options.folder, name)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
