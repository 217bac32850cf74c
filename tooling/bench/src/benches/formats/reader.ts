/** What a contestant of the formats does: reads something once, and says how much that was. */

import type { Work } from '../../benchmark.ts'

/** One pass over a case's input. Gives what it found, so that nothing is optimised away. */
export type Pass = () => number | Promise<number>

/** A contestant, by case: lays out its input, not measured, and gives the pass with what one pass counts for. */
export type Layout = (work: Work) => { readonly pass: Pass; readonly operations: number }

/** Runs passes until the time is over. */
export async function repeat({ pass, operations }: ReturnType<Layout>, roundMs: number) {
  const startedAt = performance.now()
  let passes = 0
  let found = 0
  let seconds = 0
  while (seconds * 1_000 < roundMs) {
    const result = pass()
    found += typeof result === 'number' ? result : await result
    passes += 1
    seconds = (performance.now() - startedAt) / 1_000
  }
  if (found === 0) throw new Error('nothing was found')
  return { operations: passes * operations, seconds }
}
