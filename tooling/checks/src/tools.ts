/** The three checks that other programs do: types, lint, format. What they say is shown only when they refuse. */

import { availableParallelism } from 'node:os'
import type { Check, Failure } from './check.ts'
import { runTool } from './process.ts'
import type { Repository } from './repository.ts'

/**
 * The `types` script of every package, and `tsc` over tooling that has none.
 *
 * Not through turbo: what it kept of one package would hide that another one, which it imports, has changed its types.
 */
export function typesCheck(repository: Repository): Check {
  return {
    name: 'types',
    run: async () => {
      const waiting = typeScripts(repository)
      const failures: Failure[] = []
      const work = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const { folder, script } = next
          const { ok, output } = await runTool('sh', ['-c', script], `${repository.root}/${folder}`)
          if (!ok) failures.push({ file: folder, message: `${script}\n${output}` })
        }
      }
      await Promise.all(Array.from({ length: availableParallelism() }, work))
      return failures.toSorted((a, b) => ((a.file ?? '') < (b.file ?? '') ? -1 : 1))
    },
  }
}

function typeScripts(repository: Repository): { readonly folder: string; readonly script: string }[] {
  const scripts = new Map<string, string>()
  for (const folder of repository.folders('tooling')) {
    const hasSource = repository.files(folder, ['.ts']).length > 0
    if (hasSource && repository.exists(`${folder}/tsconfig.json`)) scripts.set(folder, 'tsc -p .')
  }
  for (const { folder, manifest } of [...repository.tooling(), ...repository.packages()]) {
    const script = manifest.scripts?.['types']
    if (script !== undefined) scripts.set(folder, script)
  }
  return [...scripts].map(([folder, script]) => ({ folder, script }))
}

/** `oxlint` with types; warnings count. */
export function lintCheck(repository: Repository): Check {
  const args = ['-c', 'tooling/lint/oxlint.json', '--type-aware', '--deny-warnings', '--format=unix']
  return { name: 'lint', run: () => failuresOf(repository, 'oxlint', args) }
}

/** `oxfmt` with our line width; texts and data are laid out by hand. */
export function formatCheck(repository: Repository): Check {
  // The patterns stand here too: those of the configuration file count only below its own folder.
  const left = ['!**/*.md', '!**/*.json', '!**/*.yaml', '!**/*.lua']
  const args = ['-c', 'tooling/format/oxfmt.json', '--check', '.', ...left]
  return { name: 'format', run: () => failuresOf(repository, 'oxfmt', args) }
}

async function failuresOf(repository: Repository, command: string, args: readonly string[]): Promise<Failure[]> {
  const { ok, output } = await runTool(command, args, repository.root)
  return ok ? [] : [{ message: output === '' ? `${command} refused without a word` : output }]
}
