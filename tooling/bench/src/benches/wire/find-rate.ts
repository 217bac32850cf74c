/** How many operations a round should have, where the load generator wants a number before it begins. */

/** Of the first run; each next one has so many times as many. */
const FIRST = 10
const GROWTH = 4

/**
 * Operations a second, about: of the first run that lasts a third of a round, so that greetings and starts no longer
 * count for much; or of one with the most operations.
 *
 * @param run Does so many operations and gives the seconds that they took.
 */
export async function findRate(
  run: (operations: number) => Promise<number>,
  { least, most, roundMs }: { readonly least: number; readonly most: number; readonly roundMs: number },
): Promise<number> {
  for (let operations = Math.max(least, FIRST); ; operations = Math.min(most, operations * GROWTH)) {
    const seconds = await run(operations)
    if (seconds * 3_000 >= roundMs || operations >= most) return operations / seconds
  }
}
