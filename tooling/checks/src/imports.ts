/** Which modules a source names: static, type-only and dynamic imports, re-exports, and resolutions by name. */

import { readCode } from './code.ts'
import { lineAt } from './repository.ts'

/** One module name in a source. */
export interface Import {
  readonly specifier: string
  /** 1-based. */
  readonly line: number
}

const FORMS: readonly RegExp[] = [
  // import 'x'; import a from 'x'; import type { a } from 'x'
  /(?<![\w$.])import\s+(?:[\w$*{][^'"`;()=]*?\sfrom\s*|[\w$*{][^'"`;()=]*?\}\s*from\s*)?(['"])([^'"\n]+)\1/g,
  // export { a } from 'x'; export * from 'x'; export type { a } from 'x'
  /(?<![\w$.])export\s+(?:type\s+)?(?:\*[^'"`;()=]*?|\{[^'"`;()=]*?\})\s*from\s*(['"])([^'"\n]+)\1/g,
  // import('x'), also as a type
  /(?<![\w$.])import\s*\(\s*(['"`])([^'"`\n$]+)\1/g,
  // import.meta.resolve('x'), require('x'), require.resolve('x')
  /(?<![\w$.])(?:import\.meta\.resolve|require(?:\.resolve)?)\s*\(\s*(['"`])([^'"`\n$]+)\1/g,
]

/** Every module that a source names, in the order of the forms. */
export function readImports(source: string): Import[] {
  const { withStrings, bare } = readCode(source)
  return FORMS.flatMap((form) =>
    [...withStrings.matchAll(form)]
      // A match that begins in a string is text, not code.
      .filter((match) => bare[match.index] === withStrings[match.index])
      .map((match) => ({ specifier: match[2] ?? '', line: lineAt(source, match.index) })),
  )
}

/** `@scope/name` of `@scope/name/sub/path`, `name` of `name/sub`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
