/**
 * Time, randomness and the machine come in as values: the pure levels name none of them, and above them the clock still
 * comes from `runtime`. Only the apps, and the doors in `runtime` and `bytes`, take the real ones.
 */

import type { Check, Failure } from './check.ts'
import { readCode } from './code.ts'
import { LAST_PURE_LEVEL, NODE_DOORS, levelOf } from './ladder.ts'
import { type Repository, lineAt } from './repository.ts'

/** Refused at every level: time and chance come from `runtime`. */
const EVERYWHERE: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/(?<![\w$.])Date\s*\.\s*now\b/g, 'Date.now'],
  [/(?<![\w$.])new\s+Date\s*(?:\(\s*\)|(?![\s\w$(]))/g, 'new Date() without argument'],
  [/(?<![\w$.])Math\s*\.\s*random\b/g, 'Math.random'],
]

/** Refused in the pure levels too. */
const IN_PURE_LEVELS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/(?<![\w$.'"-])process\s*[.[]/g, 'process'],
  [/(?<![\w$.])Buffer\s*[.[(]/g, 'Buffer'],
  [/(?<![\w$.])(?:new\s+Buffer|globalThis)\b/g, 'globalThis'],
  [/(?<![\w$.])(?:set|clear)(?:Timeout|Interval|Immediate)\s*\(/g, 'a timer'],
  [/(?<![\w$.])queueMicrotask\s*\(/g, 'queueMicrotask'],
  [/(?<![\w$.])performance\s*\./g, 'performance'],
  [/(?<![\w$.])crypto\s*\./g, 'crypto'],
  [/(?<![\w$.])console\s*\./g, 'console'],
]

/** Checks the sources of `packages/`; contract suites under `src/testing` count as tests. */
export function purityCheck(repository: Repository): Check {
  return {
    name: 'purity',
    run: async () =>
      repository
        .packages()
        .filter(({ folder }) => folder.startsWith('packages/'))
        .flatMap(({ folder, manifest }) => {
          const pure = (levelOf(manifest) ?? 0) <= LAST_PURE_LEVEL
          const rules = pure ? [...EVERYWHERE, ...IN_PURE_LEVELS] : EVERYWHERE
          return repository
            .files(`${folder}/src`, ['.ts'])
            .filter((file) => !NODE_DOORS.includes(file) && !file.startsWith(`${folder}/src/testing/`))
            .flatMap((file) => findAll(file, repository.read(file), rules))
        }),
  }
}

function findAll(file: string, source: string, rules: typeof EVERYWHERE): Failure[] {
  const { bare } = readCode(source)
  return rules.flatMap(([pattern, what]) =>
    [...bare.matchAll(pattern)].map(({ index }) => ({
      file,
      line: lineAt(source, index),
      message: `${what}: take it as a value (clock and randomness are in @postroad/runtime)`,
    })),
  )
}
