/** Numbers as scripts take them: what is no whole number would make a script fail after its first write. */

/**
 * A whole number from 0 to 2^53 - 1: fractions are cut off, what lies outside (infinity too) becomes the nearest.
 *
 * @throws {TypeError} Where it is not a number. `name` is told then.
 */
export function whole(value: number, name: string): number {
  if (Number.isNaN(value)) throw new TypeError(`${name} is not a number`)
  return Math.trunc(Math.min(Math.max(value, 0), Number.MAX_SAFE_INTEGER))
}
