/** Sizes with their unit written out: `"25MiB"` (1024 by 1024), `"1GB"` (1000 by 1000 by 1000). A bare number is no size. */

/** Octets in each unit, in the order in which they are tried for writing. */
const UNITS: readonly (readonly [unit: string, bytes: number])[] = [
  ['TiB', 1024 ** 4],
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
  ['TB', 1000 ** 4],
  ['GB', 1000 ** 3],
  ['MB', 1000 ** 2],
  ['KB', 1000],
  ['B', 1],
]

/** Reads a size as octets; `undefined` for anything that is none. Zero is a size here. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit] = /^([0-9]{1,15})([KMGT]i?B|B)$/.exec(text) ?? []
  const bytes = UNITS.find(([name]) => name === unit)?.[1]
  if (digits === undefined || bytes === undefined) return undefined
  const value = Number(digits) * bytes
  return Number.isSafeInteger(value) ? value : undefined
}

/** Writes octets (whole, 0 or more) in the largest unit that loses nothing, powers of 1024 first. */
export function formatSize(bytes: number): string {
  for (const [unit, size] of UNITS) if (bytes !== 0 && bytes % size === 0) return `${bytes / size}${unit}`
  return '0B'
}
