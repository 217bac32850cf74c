/** What a scenario is. */

import type { Tally } from './tally.ts'

/** How long a run is, and from which seed. */
export interface RunOptions {
  readonly rounds: number
  readonly seed: number
  readonly onRound?: (round: number) => void
}

/** One way to hurt a store. */
export interface Scenario {
  readonly name: string
  /** One sentence: what is done. */
  readonly sentence: string
  /** Rounds by default. */
  readonly rounds: number
  /** Why it cannot run on this machine; `undefined` where it can. */
  readonly unable?: () => Promise<string | undefined>
  /** Runs it; one tally for each of its parts. */
  readonly run: (options: RunOptions) => Promise<readonly Tally[]>
}

/** Leases of runs last this long, in milliseconds: short, so that many run out, and the end comes soon. */
export const LEASE_MS = 500

/** How long the last look waits for what is leased or waiting. */
export const PATIENCE_MS = 15_000
