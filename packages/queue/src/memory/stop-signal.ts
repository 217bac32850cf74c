/** The least of an abort signal that a `Clock` needs: ends a sleep. Pure packages have no `AbortController`. */

/** A signal and what fires it in one. */
export class StopSignal implements AbortSignal {
  aborted = false
  readonly reason: unknown = undefined
  readonly onabort = null
  readonly #listeners = new Set<() => void>()

  /** Fires; a second time does nothing. */
  stop(): void {
    if (this.aborted) return
    this.aborted = true
    for (const listener of this.#listeners) listener()
  }

  throwIfAborted(): void {
    if (this.aborted) throw new Error('stopped')
  }

  addEventListener(_type: string, listener: unknown): void {
    if (isListener(listener)) this.#listeners.add(listener)
  }

  removeEventListener(_type: string, listener: unknown): void {
    if (isListener(listener)) this.#listeners.delete(listener)
  }

  dispatchEvent(): boolean {
    return false
  }
}

function isListener(value: unknown): value is () => void {
  return typeof value === 'function'
}
