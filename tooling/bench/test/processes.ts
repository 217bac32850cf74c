/** Whether processes that tests started still run. */

import { readFileSync } from 'node:fs'

/** One that was killed and that nobody waits for yet does not run. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}
