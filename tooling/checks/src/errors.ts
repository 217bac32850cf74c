/** Every code of a thrown fault has a heading in docs/errors.md, and every heading there is the code of one. */

import type { Check } from './check.ts'
import { readCode } from './code.ts'
import { type Repository, lineAt } from './repository.ts'

const CODE = String.raw`'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'`
/** Where a code is given to an error: a field, an argument, or the union that is the field's type. */
const FORMS: readonly RegExp[] = [
  new RegExp(String.raw`\bcode\??(?::\s*[\w<>'|\s]*?)?\s*(?::|=(?!=))\s*(?:\|\s*)?${CODE}`, 'g'),
  new RegExp(String.raw`\bnew\s+\w*Error\(\s*${CODE}`, 'g'),
  new RegExp(String.raw`\bsuper\(\s*${CODE}`, 'g'),
]
const UNION = /\btype\s+\w*Code\s*=\s*([^\n]*(?:\n\s*\|[^\n]*)*)/g

/** The page that explains each code to whoever meets it. */
export const ERRORS_PAGE = 'docs/errors.md'

/** Compares the codes in the sources with the headings of the page. */
export function errorsCheck(repository: Repository): Check {
  return {
    name: 'errors',
    run: async () => {
      const page = repository.exists(ERRORS_PAGE) ? repository.read(ERRORS_PAGE) : ''
      const headings = new Map(
        [...page.matchAll(/^#{2,4} `?([A-Z][A-Z0-9_]*_[A-Z0-9_]+)`?\s*$/gm)].map((match) => [
          match[1] ?? '',
          lineAt(page, match.index),
        ]),
      )
      const codes = findCodes(repository)
      return [
        ...[...codes]
          .filter(([code]) => !headings.has(code))
          .map(([code, at]) => ({ ...at, message: `${code} has no heading in ${ERRORS_PAGE}` })),
        ...[...headings]
          .filter(([code]) => !codes.has(code))
          .map(([code, line]) => ({ file: ERRORS_PAGE, line, message: `${code} is the code of no error` })),
      ]
    },
  }
}

/** Each code with the first place that names it. */
export function findCodes(
  repository: Repository,
): ReadonlyMap<string, { readonly file: string; readonly line: number }> {
  const codes = new Map<string, { file: string; line: number }>()
  const sources = repository.packages().flatMap(({ folder }) => repository.files(`${folder}/src`, ['.ts']))
  for (const file of sources.filter((path) => !path.includes('/src/testing/'))) {
    const source = repository.read(file)
    const { withStrings } = readCode(source)
    const note = (code: string, offset: number): void => {
      // Codes that begin with ERR_ are Node's.
      if (!code.startsWith('ERR_') && !codes.has(code)) codes.set(code, { file, line: lineAt(source, offset) })
    }
    for (const form of FORMS) for (const match of withStrings.matchAll(form)) note(match[1] ?? '', match.index)
    for (const union of withStrings.matchAll(UNION)) {
      for (const match of (union[1] ?? '').matchAll(new RegExp(CODE, 'g'))) note(match[1] ?? '', union.index)
    }
  }
  return codes
}
