/** What a model run finds: an answer that the port does not allow. */

/** The store and the model disagree. */
export class ModelFault extends Error {
  override readonly name = 'ModelFault'
}

/** Ends the run with a sentence, and what was seen beside what is allowed. */
export function fault(sentence: string, seen?: unknown, allowed?: unknown): never {
  const lines = [sentence]
  if (seen !== undefined) lines.push(`  seen:    ${formatData(seen)}`)
  if (allowed !== undefined) lines.push(`  allowed: ${formatData(allowed)}`)
  throw new ModelFault(lines.join('\n'))
}

/** Faults unless both are the same as data. */
export function same(sentence: string, seen: unknown, allowed: unknown): void {
  if (formatData(seen) !== formatData(allowed)) fault(sentence, seen, allowed)
}

/** Data as text in one form: fields in order, `undefined` shown. */
export function formatData(value: unknown): string {
  return (
    JSON.stringify(value, (_, field: unknown) => {
      if (field === undefined) return '(undefined)'
      if (field === null || typeof field !== 'object' || Array.isArray(field)) return field
      return Object.fromEntries(Object.entries(field).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    }) ?? '(undefined)'
  )
}
