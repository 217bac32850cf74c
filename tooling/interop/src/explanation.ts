/** Why a server of others answers otherwise than ours, as data. */

/**
 * One difference: what was sent, the code of ours, the code of theirs; with a part of the title where the same three
 * mean something else elsewhere. What was sent may end with `…`: all that begins so.
 */
export type Case = readonly [sent: string, expected: string, got: string, title?: string]

/** A reason, and the differences that it explains. */
export interface Explanation {
  readonly peer: string
  readonly reason: string
  readonly cases: readonly Case[]
}
