/** The three checks that other programs do: types, lint, format. What they say is shown only when they refuse. */

import type { Check, Failure } from './check.ts'
import { runTool } from './process.ts'
import type { Repository } from './repository.ts'

/** `tsc` over the source and the tests of every package, and over the tooling. */
export function typesCheck(repository: Repository): Check {
  return {
    name: 'types',
    run: async () => {
      // Forced: turbo knows no dependency between the types of two packages, so what it kept may be out of date.
      const turbo = ['run', 'types', '--force', '--continue', '--output-logs=errors-only', '--log-prefix=none']
      const failures = await failuresOf(repository, 'turbo', turbo)
      const hasTypesScript = new Set(
        repository
          .tooling()
          .flatMap(({ folder }) => (/"types":/.test(repository.read(`${folder}/package.json`)) ? [folder] : [])),
      )
      for (const folder of repository.folders('tooling')) {
        const own = repository.exists(`${folder}/tsconfig.json`) && repository.files(folder, ['.ts']).length > 0
        if (own && !hasTypesScript.has(folder)) failures.push(...(await failuresOf(repository, 'tsc', ['-p', folder])))
      }
      return failures
    },
  }
}

/** `oxlint` with types; warnings count. */
export function lintCheck(repository: Repository): Check {
  const args = ['-c', 'tooling/lint/oxlint.json', '--type-aware', '--deny-warnings', '--format=unix']
  return { name: 'lint', run: () => failuresOf(repository, 'oxlint', args) }
}

/** `oxfmt` in its defaults, with our line width. */
export function formatCheck(repository: Repository): Check {
  return {
    name: 'format',
    run: () => failuresOf(repository, 'oxfmt', ['-c', 'tooling/format/oxfmt.json', '--check', '.']),
  }
}

async function failuresOf(repository: Repository, command: string, args: readonly string[]): Promise<Failure[]> {
  const { ok, output } = await runTool(command, args, repository.root)
  return ok ? [] : [{ message: output === '' ? `${command} refused without a word` : output }]
}
