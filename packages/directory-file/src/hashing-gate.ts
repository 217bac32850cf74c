/** Bounds how many passwords are judged at once, and how many wait. */

import { DirectoryUnavailableError } from '@postroad/directory'

/** Lets work through, a few at a time, in the order in which it came. */
export interface HashingGate {
  /**
   * Waits for its turn and works. Rejects with `DirectoryUnavailableError` at once where too many wait already, and while
   * it waits where the gate is closed.
   */
  run<Value>(work: () => Promise<Value>): Promise<Value>
  /** Sends away all who wait, and all who come. */
  close(): void
}

/** Creates a gate. */
export function createHashingGate(limits: { readonly concurrent: number; readonly waiting: number }): HashingGate {
  const waiting: { readonly go: () => void; readonly leave: (fault: Error) => void }[] = []
  let running = 0
  let isClosed = false

  const enter = async (): Promise<void> => {
    if (isClosed) throw closed()
    if (running < limits.concurrent) {
      running += 1
      return
    }
    if (waiting.length >= limits.waiting) throw new DirectoryUnavailableError('Too many passwords wait to be judged.')
    await new Promise<void>((go, leave) => waiting.push({ go, leave }))
  }

  return {
    async run(work) {
      await enter()
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next === undefined) running -= 1
        else next.go()
      }
    },
    close() {
      isClosed = true
      for (const { leave } of waiting.splice(0)) leave(closed())
    },
  }
}

const closed = (): DirectoryUnavailableError => new DirectoryUnavailableError('The directory is closed.')
