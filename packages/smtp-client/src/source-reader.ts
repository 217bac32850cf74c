/** Reads content from its source while somebody wants it, even where the source is silent. */

import type { ContentSource } from '@postroad/envelope'

/** Who wants the content. */
export interface Interest {
  /** Looked at before each chunk, and whenever something happened. */
  wanted(): boolean
  /** Resolves when something happened. One may wait at a time. */
  woken(): Promise<void>
}

/** Reads one source once; see the head of this file. */
export class SourceReader {
  /** Nobody wanted it any more. */
  stopped = false
  /** It was the source that kept us waiting then. */
  starved = false

  readonly #interest: Interest
  readonly #iterator: AsyncIterator<Uint8Array>

  constructor(source: Pick<ContentSource, 'open'>, interest: Interest) {
    this.#interest = interest
    this.#iterator = source.open()[Symbol.asyncIterator]()
  }

  /** The next chunk, valid until the next call; `undefined` at the end, and where it was stopped. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#interest.wanted()) {
      const reading = this.#iterator.next()
      do {
        const step = await Promise.race([reading, this.#interest.woken()])
        if (step !== undefined) return step.done === true ? undefined : step.value
      } while (this.#interest.wanted())
      this.starved = true
    }
    this.stop()
    return undefined
  }

  /** Frees what the source holds; nobody is left to be told that it could not. */
  stop(): void {
    this.stopped = true
    this.#iterator.return?.().catch(() => {})
  }
}

/**
 * Reads a source until `take` says that it has enough, or the signal fires: whether it came to the end. Rejects where the
 * source cannot be read.
 */
export async function readUntil(
  source: Pick<ContentSource, 'open'>,
  signal: AbortSignal,
  take: (chunk: Uint8Array) => 'more' | 'enough',
): Promise<boolean> {
  let wake = (): void => {}
  const abort = (): void => wake()
  signal.addEventListener('abort', abort, { once: true })
  try {
    const reader = new SourceReader(source, {
      wanted: () => !signal.aborted,
      woken: () => new Promise((resolve) => (wake = resolve)),
    })
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
      if (take(chunk) === 'enough') reader.stop()
      if (reader.stopped) break
    }
    return !reader.stopped
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
