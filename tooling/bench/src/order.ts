/** The order in which contestants take their turns. */

/**
 * The contestants of a round: each round begins one further on, so that none always follows the same one or always
 * finds the disk quiet.
 */
export function rotate<Item>(items: readonly Item[], round: number): readonly Item[] {
  if (items.length === 0) return []
  const from = round % items.length
  return [...items.slice(from), ...items.slice(0, from)]
}
