/** What a run counted, and how it is printed. */

import type { DuplicateCause } from './judge.ts'

/** The counts of one run. */
export interface Tally {
  readonly scenario: string
  readonly seed: number
  readonly rounds: number
  /** Processes that were killed, servers included. */
  readonly kills: number
  /** Entries whose enqueue, or the settlement that spawned them, was acknowledged. */
  readonly acknowledged: number
  /** Calls that were begun and never answered: they may have been done or not. */
  readonly unanswered: number
  /** Acknowledged and gone without a settlement that may have ended them. */
  readonly lost: number
  /** The scenario promises no durability: what is lost is told, and is no fault. */
  readonly lossIsCounted?: boolean
  /** Work that was done again, by cause. */
  readonly duplicates: Readonly<Record<DuplicateCause, number>>
  /** Entries that could not be leased again at the end. */
  readonly stuck: number
  /** Entries that were held because their workers died. */
  readonly poisoned: number
  /** Contents, chunks and files that no entry names and a sweep left behind. */
  readonly orphans: number
  /** Whatever else may not be, each as a sentence with the id; the first of them. */
  readonly faults: readonly string[]
  /** What the scenario has to say beside. */
  readonly notes: readonly string[]
}

/** No duplicates. */
export function noDuplicates(): Record<DuplicateCause, number> {
  return { killed: 0, 'ran-out': 0, cut: 0, clock: 0 }
}

/** A tally in which nothing has happened yet. */
export function nothing(scenario: string, seed: number): Tally {
  return {
    scenario,
    seed,
    rounds: 0,
    kills: 0,
    acknowledged: 0,
    unanswered: 0,
    lost: 0,
    duplicates: noDuplicates(),
    stuck: 0,
    poisoned: 0,
    orphans: 0,
    faults: [],
    notes: [],
  }
}

const COLUMNS = [
  'scenario',
  'seed',
  'rounds',
  'kills',
  'acknowledged',
  'unanswered',
  'duplicates',
  'lost',
  'stuck',
  'orphans',
]

/** The head of the table that `formatTally` gives lines of. */
export function formatHead(): string {
  return `| ${COLUMNS.join(' | ')} |\n|${'---|'.repeat(COLUMNS.length)}`
}

/** One line of the table. */
export function formatTally(tally: Tally): string {
  const causes = Object.entries(tally.duplicates).filter(([, count]) => count > 0)
  const duplicates = causes.map(([cause, count]) => `${format(count)} ${cause}`).join(', ')
  const { scenario, seed, rounds, kills, acknowledged, unanswered, lost, stuck, orphans } = tally
  const cells = [
    scenario,
    String(seed),
    ...[rounds, kills, acknowledged, unanswered].map((count) => format(count)),
    duplicates === '' ? '0' : duplicates,
    ...[lost, stuck, orphans].map((count) => (count === 0 ? '**0**' : format(count))),
  ]
  return `| ${cells.join(' | ')} |`
}

/** Whether nothing happened that may not; what the scenario only counts as lost is no fault of the store. */
export function isClean({ faults, lost, stuck, orphans, lossIsCounted = false }: Tally): boolean {
  return faults.length === 0 && (lost === 0 || lossIsCounted) && stuck === 0 && orphans === 0
}

function format(count: number): string {
  return count.toLocaleString('en-US')
}
