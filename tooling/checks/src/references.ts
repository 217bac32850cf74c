/**
 * `docs/rfc-references.md`: for each RFC and section that the sources name, the files that decide it. The other direction
 * than a comment in the code: who has a section before them finds what follows it. Made from the sources; the check sees
 * that it was made anew, and `--write-references` makes it.
 */

import type { Check } from './check.ts'
import type { Repository } from './repository.ts'
import type { RfcIndex } from './rfc.ts'
import { type Citation, findCitations } from './rfc-citations.ts'
import { type StandardsNotes, nameOfRfc } from './standards.ts'

/** Where it is kept. */
export const REFERENCES_FILE = 'docs/rfc-references.md'

/** A citation and its file. */
type PlacedCitation = Citation & { readonly file: string }

/** Checks that the page is what the sources say. */
export function referencesCheck(repository: Repository, index: RfcIndex, notes: StandardsNotes): Check {
  return {
    name: 'references',
    run: async () => {
      const page = repository.exists(REFERENCES_FILE) ? repository.read(REFERENCES_FILE) : ''
      const expected = formatReferences(repository, index, notes)
      if (page === expected) return []
      const [was, is] = [page.split('\n'), expected.split('\n')]
      const at = is.findIndex((line, n) => line !== was[n])
      const mend = 'pnpm check references --write-references writes it'
      return [
        {
          file: REFERENCES_FILE,
          line: (at === -1 ? is.length : at) + 1,
          message: `is not what the sources say: ${mend}`,
        },
      ]
    },
  }
}

/** Writes the page. Links lead from `docs/`. */
export function formatReferences(repository: Repository, index: RfcIndex, notes: StandardsNotes): string {
  const rfcs = groupBy(collectCitations(repository), ({ rfc }) => rfc)
  const parts = [...rfcs].map(([rfc, citations]) => {
    const name = nameOfRfc(Number(rfc), index, notes)
    const rows = [...groupBy(citations, ({ place }) => place ?? '')].map(([place, found]) => {
      const files = [...new Set(found.map(({ file }) => file))].map((file) => `[${shortName(file)}](../${file})`)
      return `| ${placeName(place)} | ${files.join(', ')} |`
    })
    return `## RFC ${rfc}${name === '' ? '' : `: ${name}`}\n\n| section | files |\n|---|---|\n${rows.join('\n')}\n`
  })
  return `# RFCs and the files that follow them

Made from the citations in the sources by \`pnpm check references --write-references\`. What is kept, in part or not at all,
stands in [standards](standards.md).

${parts.join('\n')}`
}

/** Every citation of what is published, in the order of RFC, place and file. */
function collectCitations(repository: Repository): PlacedCitation[] {
  return repository
    .packages()
    .flatMap(({ folder }) => repository.files(`${folder}/src`, ['.ts', '.lua']))
    .flatMap((file) => findCitations(repository.read(file)).map((citation) => ({ ...citation, file })))
    .toSorted(
      (a, b) => Number(a.rfc) - Number(b.rfc) || byNumbers(a.place ?? '', b.place ?? '') || (a.file < b.file ? -1 : 1),
    )
}

function placeName(place: string): string {
  if (place === '') return 'as a whole'
  return /^\d/.test(place) ? `§${place}` : place
}

/** `packages/smtp/src/reply.ts` is `smtp/reply.ts`. */
const shortName = (file: string): string => file.replace(/^(?:packages|apps)\//, '').replace('/src/', '/')

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
