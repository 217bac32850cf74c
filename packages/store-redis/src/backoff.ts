/** How long to wait before the next try: longer each time, and never in step with other processes. */

import { systemRandom } from '@postroad/runtime/system'

const FIRST_MS = 50
const LONGEST_MS = 2_000

/** Milliseconds before the try after `failed` that failed, 0 and up: between a half and the whole of 50 x 2^n, at most 2 s. */
export function backoffMs(failed: number): number {
  const whole = Math.min(FIRST_MS * 2 ** Math.min(failed, 10), LONGEST_MS)
  const [high = 0, low = 0] = systemRandom.bytes(2)
  return whole * (0.5 + (high * 256 + low) / 131_072)
}
