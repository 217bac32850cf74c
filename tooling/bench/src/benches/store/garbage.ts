/** Collects garbage now, so that what is measured next does not pay for what was built before it. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

/** Collects all that can be collected. */
export function collectGarbage(): void {
  if (typeof collect !== 'function') throw new Error('This Node cannot be told to collect garbage.')
  collect()
}
