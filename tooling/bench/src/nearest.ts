/** The known name that a mistyped one most likely meant. */

/** The candidate with the fewest insertions, deletions and replacements; the first of several. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const text = name.slice(0, 64)
  let best: string | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const edits = distance(text, candidate)
    if (edits >= fewest) continue
    best = candidate
    fewest = edits
  }
  return best
}

function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min((above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replaced))
    }
    above = current
  }
  return above[b.length] ?? 0
}
