/** Collects garbage, so that a test can tell what is still held. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Collects all that can be collected. A weak reference holds what it was asked for until the turn ends. */
export const collectGarbage: () => void = runInNewContext('gc')

/** How many bytes the heap has, once all is collected that can be. */
export function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
