/** The log lines of a road, and waiting for one that is to come. */

import type { LogLine } from './service-process.ts'

/** Longest wait for a line. */
const PATIENCE_MS = 60_000

/** Collects lines; pass `push` as `onLine`. */
export class RoadLog {
  readonly lines: LogLine[] = []
  readonly #waiting = new Set<() => void>()

  readonly push = (line: LogLine): void => {
    this.lines.push(line)
    for (const look of this.#waiting) look()
  }

  /** Looks again, because something beside the log has happened. */
  poke(): void {
    for (const look of this.#waiting) look()
  }

  /** Resolves as soon as the condition holds; rejects with `what` where it does not within a minute. */
  until(what: string, holds: (lines: readonly LogLine[]) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!holds(this.lines)) return
        clearTimeout(late)
        this.#waiting.delete(look)
        resolve()
      }
      const late = setTimeout(() => {
        this.#waiting.delete(look)
        reject(new Error(`${what} did not happen; the last lines are\n${this.#tail()}`))
      }, PATIENCE_MS)
      this.#waiting.add(look)
      look()
    })
  }

  /** How many lines of an event match. */
  count(event: string, fields: Readonly<Record<string, unknown>> = {}): number {
    return this.lines.filter(
      (line) => line.event === event && Object.entries(fields).every(([name, value]) => line[name] === value),
    ).length
  }

  #tail(): string {
    return this.lines
      .slice(-15)
      .map((line) => JSON.stringify(line))
      .join('\n')
  }
}
