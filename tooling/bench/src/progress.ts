/** What a long run is at, on standard error: one line that changes on a terminal, a line for each step elsewhere. */

/** Where it is shown; a `tty.WriteStream`, or any other. */
export interface ProgressTarget {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Shows steps. */
export interface Progress {
  /** @param detail What changes too often for a line of its own: shown on a terminal alone. */
  readonly show: (step: string, detail?: string) => void
  /** Makes room for something else to be written; the next step is shown on a new line. */
  readonly clear: () => void
}

/** Creates a progress line. */
export function createProgress(target: ProgressTarget): Progress {
  const isTerminal = target.isTTY === true
  let last: string | undefined
  return {
    show: (step, detail) => {
      if (isTerminal) {
        const text = detail === undefined ? step : `${step}: ${detail}`
        target.write(`\r\u001b[2K${text.slice(0, Math.max(1, (target.columns ?? 80) - 1))}`)
      } else if (step !== last) {
        last = step
        target.write(`${step}\n`)
      }
    },
    clear: () => {
      if (isTerminal) target.write('\r\u001b[2K')
    },
  }
}
