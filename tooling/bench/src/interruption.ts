/** Ends a run in good order on Ctrl-C and its like. */

import { constants } from 'node:os'

/**
 * Runs something to its end and sets the exit code of this process: what it gave, or 128 and the number of the signal
 * that ended it. On the second signal the process exits at once; what the stages hold is killed then too.
 *
 * @param run Given a signal that fires on SIGINT, SIGTERM and SIGHUP.
 */
export async function runInterruptibly(run: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const interruption = new AbortController()
  let signalled: NodeJS.Signals | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (signalled !== undefined) process.exit(128 + constants.signals[signal])
      signalled = signal
      interruption.abort(new Error(`ended by ${signal}`))
    })
  }
  const status = await run(interruption.signal)
  process.exitCode = signalled === undefined ? status : 128 + constants.signals[signalled]
}
