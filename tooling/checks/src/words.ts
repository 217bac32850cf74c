/** What must not stand in the repository: paths of somebody's machine, and a reminder without an issue number. */

import type { Check } from './check.ts'
import { type Repository, lineAt } from './repository.ts'

const ENDS: readonly string[] = [
  '.ts',
  '.mts',
  '.js',
  '.json',
  '.md',
  '.yaml',
  '.yml',
  '.toml',
  '.lua',
  '.txt',
  '.sh',
  '/run',
]

const RULES: readonly (readonly [pattern: RegExp, message: string])[] = [
  [/(?<![\w.)\]}*-])\/(?:work|home\/\w+|Users\/\w+|root)\//g, 'a path of one machine'],
  [/\b(?:TOD[O]|FIXM[E]|XX[X])\b(?!\s*\(?#\d)/g, 'a reminder needs an issue number behind it, as in "(#12)"'],
]

/** Checks every text file but the lock file. */
export function wordsCheck(repository: Repository): Check {
  return {
    name: 'words',
    run: async () =>
      repository
        .files('')
        .filter((file) => ENDS.some((end) => `/${file}`.endsWith(end)) && file !== 'pnpm-lock.yaml')
        .flatMap((file) => {
          const text = repository.read(file)
          return RULES.flatMap(([pattern, message]) =>
            [...text.matchAll(pattern)].map(({ index, 0: found }) => ({
              file,
              line: lineAt(text, index),
              message: `"${found}": ${message}`,
            })),
          )
        }),
  }
}
