/**
 * Removes the files of large content that no entry needs any more.
 *
 * A file must not be gone while a power cut can bring back an entry that names it. So the transaction that ends the last
 * entry only notes the file's id. A moment later the writer is asked for what is noted, in a transaction of its own that
 * is committed durably: what came before it in the log is durable then too. The files are removed after that, and the
 * notes last. Cut anywhere, it is done again, by this process or by the next that opens the database; removing a file
 * twice is harmless, for no id is ever used again.
 */

import { contentId } from '@postroad/envelope'
import type { Spool } from '@postroad/queue'
import type { Clock } from '@postroad/runtime'
import type { LazyThread } from './lazy-thread.ts'
import type { WriteSteps } from './protocol.ts'

/** How long after the first of them files are removed, in milliseconds: they share one commit. */
export const REMOVAL_MS = 2_000
/** How long to wait after something failed, in milliseconds. */
const RETRY_MS = 60_000

/** What removal is made of. */
export interface FileRemovalParts {
  readonly clock: Clock
  readonly writer: Pick<LazyThread<WriteSteps>, 'ask'>
  /** The spool of the files. */
  readonly files: Pick<Spool, 'drop'>
  /** Told after files were removed, and where some could not be. */
  readonly report: (event: FilesRemoved) => void
}

/** What became of files that nothing needs. */
export interface FilesRemoved {
  readonly removed: number
  /** Why the last of those that stayed could not be removed; they are tried again. */
  readonly error: unknown
}

/** The removal of one store. */
export class FileRemoval {
  readonly #parts: FileRemovalParts
  readonly #ending = new AbortController()
  #waiting: Promise<void> | undefined
  /** Others came after those that are being removed were asked for. */
  #mustGoOn = false

  constructor(parts: FileRemovalParts) {
    this.#parts = parts
  }

  /** To be called when files wait: they are removed in a moment. */
  wake(): void {
    this.#mustGoOn = true
    this.#waiting ??= this.#later()
  }

  /** Removes what nothing names, now. What is named, or noted already, is passed over. */
  async removeOrphans(ids: readonly string[]): Promise<void> {
    await this.#remove(await this.#parts.writer.ask('orphan', { files: ids }))
  }

  /** Stops; with `finishes` what waits is removed before. The writer must still be there. */
  async end(finishes: boolean): Promise<void> {
    this.#ending.abort()
    const isWaiting = this.#waiting !== undefined
    await this.#waiting
    if (isWaiting && finishes) await this.#removeAll().catch(() => false)
  }

  async #later(): Promise<void> {
    const { clock } = this.#parts
    const { signal } = this.#ending
    for (let delayMs = REMOVAL_MS; ;) {
      await clock.sleep(delayMs, signal)
      if (signal.aborted) return
      this.#mustGoOn = false
      let isClean = false
      try {
        isClean = await this.#removeAll()
      } catch (error) {
        this.#parts.report({ removed: 0, error })
      }
      if (isClean && !this.#mustGoOn) break
      delayMs = isClean ? REMOVAL_MS : RETRY_MS
    }
    this.#waiting = undefined
  }

  /** `false` where something stays. */
  async #removeAll(): Promise<boolean> {
    let isClean = true
    for (let after: number | undefined = 0; after !== undefined;) {
      const { files, last }: { readonly files: readonly string[]; readonly last: number | undefined } =
        await this.#parts.writer.ask('unlinkable', { after }, true)
      isClean = (await this.#remove(files)) && isClean
      after = last
    }
    return isClean
  }

  async #remove(ids: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return true
    const { files, writer, report } = this.#parts
    const removed: string[] = []
    let failure: unknown
    for (const id of ids) {
      try {
        await files.drop([contentId(id)])
        removed.push(id)
      } catch (error) {
        failure = error
      }
    }
    if (removed.length > 0) await writer.ask('unlinked', { files: removed })
    report({ removed: removed.length, error: failure })
    return failure === undefined
  }
}
