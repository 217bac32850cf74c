/** A bound on how many files are open at once. A slot is held for one write or one commit, never while a caller thinks. */

/** Runs work within a number of slots, in the order of the calls. */
export interface FileSlots {
  /** Waits for a slot, works, and gives it back however the work ends. */
  run<Value>(work: () => Promise<Value>): Promise<Value>
}

/** Creates the slots; `limit` is 1 at least. */
export function createFileSlots(limit: number): FileSlots {
  const waiting: (() => void)[] = []
  let used = 0
  return {
    async run(work) {
      if (used < Math.max(1, limit)) used += 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next === undefined) used -= 1
        else next()
      }
    },
  }
}
