/** Calls that are told before they are made and after they were answered, and made again where the store is away. */

import { ContentMissingError, QueueUnavailableError } from '@postroad/queue'
import { systemClock } from '@postroad/runtime/system'
import { tell } from './report.ts'

const AGAIN_MS = 20

let ops = 0

/** A number for the next call. */
export function nextOp(): number {
  return (ops += 1)
}

/**
 * Makes a call until it is answered; each refusal is told. The caller tells of the call before and of the answer after.
 *
 * @param times How often at most; then `undefined` is given, and the call stays unanswered in the ledger.
 */
export async function insist<Answer>(
  op: number,
  call: () => Promise<Answer>,
  times = Infinity,
): Promise<Answer | undefined> {
  for (let left = times; left > 0; left -= 1) {
    try {
      return await call()
    } catch (error) {
      const isForeseen = error instanceof QueueUnavailableError || error instanceof ContentMissingError
      if (!isForeseen)
        tell({ kind: 'fault', sentence: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      tell({ kind: 'refused', op, error: sentenceOf(error) })
      await systemClock.sleep(AGAIN_MS)
    }
  }
  return undefined
}

/** The sentence of an error, without the numbers and paths that make each another. */
export function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replaceAll(/\/\S+|\d+/g, '*').slice(0, 120)
}
