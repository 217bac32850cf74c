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

/** A citation and its file. */
export type PlacedCitation = Citation & { readonly file: string }

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

/** Every citation of the repository's sources, in the order of RFC, place and file. */
export function collectCitations(repository: Repository): PlacedCitation[] {
  return repository
    .files('', ['.ts', '.lua'])
    .filter((file) => !file.startsWith('tooling/checks/'))
    .flatMap((file) => findCitations(repository.read(file)).map((citation) => ({ ...citation, file })))
    .toSorted(
      (a, b) => Number(a.rfc) - Number(b.rfc) || byNumbers(a.place ?? '', b.place ?? '') || (a.file < b.file ? -1 : 1),
    )
}

/** The reverse index: which file follows which section. Links lead from `docs/`. */
export function formatReverseIndex(citations: readonly PlacedCitation[], index: RfcIndex): string {
  const lines = [
    '# RFCs and where they are followed',
    '',
    'Written by `pnpm check rfc --write-index docs/rfc-index.md`.',
  ]
  let rfc: string | undefined
  const rows = groupBy(citations, (citation) => `${citation.rfc} ${citation.place ?? ''}`)
  for (const row of rows.values()) {
    const [first] = row
    if (first === undefined) continue
    if (first.rfc !== rfc) {
      rfc = first.rfc
      const title = index[rfc]?.title
      lines.push(
        '',
        `## RFC ${rfc}${title === undefined ? '' : `: ${title}`}`,
        '',
        '| section | where |',
        '| --- | --- |',
      )
    }
    const place = first.place === undefined ? 'as a whole' : /^\d/.test(first.place) ? `§${first.place}` : first.place
    const files = groupBy(row, (citation) => citation.file)
    const where = [...files].map(
      ([file, found]) => `[${file}](../${file}):${[...new Set(found.map(({ line }) => line))].join(',')}`,
    )
    lines.push(`| ${place} | ${where.join(', ')} |`)
  }
  return `${lines.join('\n')}\n`
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}

function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
