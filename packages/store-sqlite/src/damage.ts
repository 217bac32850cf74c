/**
 * What is damaged: found out once something met it, by SQLite's own check on a thread of its own, and told to the
 * observer and with the errors of those who met it.
 */

import { systemClock } from '@postroad/runtime/system'
import type { PageFault } from './protocol.ts'
import { describePages } from './steps/integrity.ts'

/** How long until the file is looked through again, in milliseconds: that reads all of it. */
const AGAIN_MS = 600_000
/** How long an error waits to be told which pages. */
const EXPLAIN_MS = 1_000

/** What a watch needs. */
export interface DamageOptions {
  /** Looks the file through. */
  readonly examine: () => Promise<readonly PageFault[]>
  /** Told what was found; never an empty list. */
  readonly report: (faults: readonly PageFault[]) => void
}

/** Watches for damage. */
export class DamageWatch {
  readonly #options: DamageOptions
  #examining: Promise<void> | undefined
  #lastAt = -Infinity
  #faults: readonly PageFault[] = []

  constructor(options: DamageOptions) {
    this.#options = options
  }

  /** To be called when damage was met. Looks the file through, unless that was done of late. */
  notice(): void {
    if (this.#examining !== undefined || systemClock.monotonic() - this.#lastAt < AGAIN_MS) return
    this.#lastAt = systemClock.monotonic()
    this.#examining = this.#examine()
  }

  /** Which pages are damaged, in a few words; `undefined` where that is not known within a second. */
  async explain(): Promise<string | undefined> {
    this.notice()
    const enough = new AbortController()
    await Promise.race([this.#examining, systemClock.sleep(EXPLAIN_MS, enough.signal)])
    enough.abort()
    return describePages(this.#faults)
  }

  async #examine(): Promise<void> {
    try {
      this.#faults = await this.#options.examine()
      if (this.#faults.length > 0) this.#options.report(this.#faults)
    } catch {
      // It cannot even be looked through, or the store is disposed: whoever asked is told of that.
    } finally {
      this.#examining = undefined
    }
  }
}
