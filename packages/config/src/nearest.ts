/** The known name that a mistyped one most likely meant. */

/** The candidate with the fewest edits, if that is at most a third of its length (and at least one is allowed). */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > 64) return undefined
  let best: string | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const edits = distance(name.toLowerCase().replaceAll('_', '-'), candidate)
    if (edits < fewest && edits <= Math.max(1, Math.floor(candidate.length / 3))) {
      best = candidate
      fewest = edits
    }
  }
  return best
}

/** Insertions, deletions, substitutions and swaps of neighbours that make `b` of `a`. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let edits = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      )
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        edits = Math.min(edits, (before[column - 2] ?? 0) + 1)
      }
      current.push(edits)
    }
    before = above
    above = current
  }
  return above[b.length] ?? 0
}
