/** Medians and spread of a few rounds. */

/** The middle value; of an even number the mean of the two in the middle. NaN where there are none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value below which the fraction `at` (0 to 1) of the values lies, interpolated between neighbours. */
export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * at
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

/** A median with how far the rounds lie apart. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Median, lowest and highest. */
export function summarize(values: readonly number[]): Summary {
  return { median: median(values), min: quantile(values, 0), max: quantile(values, 1) }
}

/**
 * The median of the ratios round by round: what drifts from one round to the next (the disk, the neighbours) is in both
 * and falls out. Rounds that one of the two does not have are left out.
 */
export function medianRatio(values: readonly number[], reference: readonly number[]): number {
  const ratios: number[] = []
  for (const [round, value] of values.entries()) {
    const other = reference[round]
    if (other !== undefined && other !== 0) ratios.push(value / other)
  }
  return median(ratios)
}
