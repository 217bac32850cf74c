/** Every RFC and section that a text names is one that exists, by the index beside this folder. */

import type { Check, Failure } from './check.ts'
import { commentsOf } from './code.ts'
import type { Repository } from './repository.ts'
import { type Citation, findCitations, findMalformed } from './rfc-citations.ts'

/** What is known of one RFC. */
export interface RfcEntry {
  readonly title?: string
  /** `unknown`: it has sections, but nobody has listed them; left out: only the RFC as a whole may be cited. */
  readonly sections?: readonly string[] | 'unknown'
  /** `A`, `A.1`. */
  readonly appendices?: readonly string[]
}

/** By number, without leading zeros. */
export type RfcIndex = Readonly<Record<string, RfcEntry>>

const ENDS: readonly string[] = ['.ts', '.md', '.lua', '.txt', '.toml']

/** Checks every text file of the repository. */
export function rfcCheck(repository: Repository, index: RfcIndex): Check {
  return {
    name: 'rfc',
    run: async () =>
      repository.files('', ENDS).flatMap((file) => {
        const text = repository.read(file)
        const malformed = findMalformed(text, file.endsWith('.ts') ? commentsOf(text) : text).map(
          ({ text: found, line }): Failure => ({
            file,
            line,
            message: `"${found}": a citation reads "RFC n §x.y" or "RFC n Appendix X"`,
          }),
        )
        const wrong = findCitations(text).flatMap((citation): Failure[] => {
          const message = judge(citation, index)
          return message === undefined ? [] : [{ file, line: citation.line, message }]
        })
        return [...malformed, ...wrong]
      }),
  }
}

function judge({ rfc, place }: Citation, index: RfcIndex): string | undefined {
  const entry = Object.hasOwn(index, rfc) ? index[rfc] : undefined
  if (entry === undefined)
    return `RFC ${rfc} is not in tooling/checks/rfc-index.json; what there is no text of goes into rfc-index.hand.json`
  if (place === undefined || place.startsWith('erratum ')) return undefined
  if (entry.sections === 'unknown') return undefined
  if (place.startsWith('Appendix ')) {
    const known = entry.appendices?.includes(place.slice('Appendix '.length)) ?? false
    return known ? undefined : `RFC ${rfc} has no ${place}`
  }
  return entry.sections?.includes(place) ? undefined : `RFC ${rfc} has no section ${place}`
}
