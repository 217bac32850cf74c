/** Durations with their unit written out: `"5d"`, `"90s"`, `"500ms"`. A bare number is no duration. */

/** Milliseconds in each unit, the largest first. */
const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]

/** Reads a duration as whole milliseconds; `undefined` for anything that is none. Zero is a duration here. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^([0-9]{1,12})(d|h|m|s|ms)$/.exec(text) ?? []
  const ms = UNITS.find(([name]) => name === unit)?.[1]
  if (digits === undefined || ms === undefined) return undefined
  const value = Number(digits) * ms
  return Number.isSafeInteger(value) ? value : undefined
}

/** Writes milliseconds (whole, 0 or more) in the largest unit that loses nothing: 5400000 is `90m`. */
export function formatDuration(ms: number): string {
  for (const [unit, size] of UNITS) if (ms !== 0 && ms % size === 0) return `${ms / size}${unit}`
  return '0s'
}
