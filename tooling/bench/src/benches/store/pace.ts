/** Callers that work side by side for a while. */

import type { Measured } from '../../benchmark.ts'

/**
 * Lets `callers` loops run until the time is over, or until `step` says that there is no more to do.
 *
 * @param step Does one operation; resolves with whether it did.
 */
export async function runCallers(callers: number, roundMs: number, step: () => Promise<boolean>): Promise<Measured> {
  const startedAt = performance.now()
  const deadline = startedAt + roundMs
  let operations = 0
  const caller = async (): Promise<void> => {
    while (performance.now() < deadline) {
      if (!(await step())) return
      operations += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return { operations, seconds: (performance.now() - startedAt) / 1_000 }
}

/** Does something `count` times, at most `width` at once. */
export async function repeat(count: number, width: number, step: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1
      await step(next - 1)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker))
}

/** A window that at most so many may be in. */
export class Window {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(size: number) {
    this.#free = size
  }

  async enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}
