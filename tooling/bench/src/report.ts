/** Results as rows for programs and as tables for people. */

import type { CaseResult } from './rounds.ts'
import { median, medianRatio, summarize } from './statistics.ts'

/** One contestant in one case, as `--json` writes it. */
export interface Row {
  readonly bench: string
  readonly case: string
  readonly contestant: string
  /** Median operations a second. */
  readonly rate: number
  /** Median CPU seconds, user and system, for 1,000 operations. */
  readonly cpuPer1000: number
  /** Median over the rounds of the highest memory, in MiB. */
  readonly memoryMiB: number
  readonly rounds: number
  /** What the case measures besides: medians; of a name with `Max` the highest of all rounds. Left out where it is nothing. */
  readonly figures?: Readonly<Record<string, number>>
}

/** The rows of a case. */
export function rowsOf(bench: string, results: readonly CaseResult[]): readonly Row[] {
  return results.map(({ case: { name }, contestant, turns }) => {
    const figures = figuresOf(turns.map((turn) => turn.figures))
    return {
      bench,
      case: name,
      contestant,
      rate: rounded(median(turns.map((turn) => turn.rate))),
      cpuPer1000: rounded(median(turns.map((turn) => turn.cpuPer1000))),
      memoryMiB: rounded(median(turns.map((turn) => turn.memoryMiB))),
      rounds: turns.length,
      ...(Object.keys(figures).length > 0 && { figures }),
    }
  })
}

function figuresOf(rounds: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const names = new Set(rounds.flatMap((figures) => Object.keys(figures)))
  const summed = (name: string): number => {
    const values = rounds.map((figures) => figures[name]).filter((value) => value !== undefined)
    return rounded(name.includes('Max') ? Math.max(...values) : median(values))
  }
  return Object.fromEntries([...names].map((name) => [name, summed(name)]))
}

/** Four digits that count; more would be noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

/** The table of a case: a line for each contestant, ratios to the reference round by round. */
export function tableOf(results: readonly CaseResult[]): string {
  const [first] = results
  if (first === undefined) return ''
  const reference = results.find(({ contestant }) => contestant === first.case.reference)
  const lines = results.map((result) => lineOf(result, reference))
  const head = ['', 'per s', 'min .. max', 'ratio', 'CPU s/1,000', 'ratio', 'MiB', '']
  return [`${first.case.name}   (ratio to ${first.case.reference})`, ...align([head, ...lines])].join('\n')
}

function lineOf({ contestant, turns }: CaseResult, reference: CaseResult | undefined): readonly string[] {
  const rates = turns.map((turn) => turn.rate)
  const cpus = turns.map((turn) => turn.cpuPer1000)
  const rate = summarize(rates)
  const others = reference?.turns ?? []
  const figures = figuresOf(turns.map((turn) => turn.figures))
  return [
    contestant,
    digits(rate.median),
    `${digits(rate.min)} .. ${digits(rate.max)}`,
    ratio(
      medianRatio(
        rates,
        others.map((turn) => turn.rate),
      ),
    ),
    digits(median(cpus)),
    ratio(
      medianRatio(
        cpus,
        others.map((turn) => turn.cpuPer1000),
      ),
    ),
    digits(median(turns.map((turn) => turn.memoryMiB))),
    Object.entries(figures)
      .map(([name, value]) => `${name} ${digits(value)}`)
      .join(', '),
  ]
}

/** Three digits that count, thousands apart. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const places = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toLocaleString('en-US', {
    minimumFractionDigits: Math.min(places, 4),
    maximumFractionDigits: Math.min(places, 4),
  })
}

function ratio(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(2)}x` : '-'
}

/** The first and the last column lean left, the others right. */
function align(lines: readonly (readonly string[])[]): readonly string[] {
  const columns = Math.max(...lines.map((line) => line.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  )
  return lines.map((line) =>
    line
      .map((text, column) => {
        const width = widths[column] ?? 0
        return column === 0 || column === columns - 1 ? text.padEnd(width) : text.padStart(width)
      })
      .join('  ')
      .trimEnd()
      .replace(/^/, '  '),
  )
}
