/** Every changeset names packages that exist and how they change, and says it to the person who upgrades. */

import type { Check, Failure } from './check.ts'
import type { Repository } from './repository.ts'

/** Checks `.changeset/*.md`. */
export function changesetsCheck(repository: Repository): Check {
  return {
    name: 'changesets',
    run: async () => {
      const names = new Set([...repository.packages(), ...repository.tooling()].map(({ manifest }) => manifest.name))
      return repository
        .files('.changeset', ['.md'])
        .filter((file) => file !== '.changeset/README.md')
        .flatMap((file) => checkChangeset(file, repository.read(file), names))
    },
  }
}

function checkChangeset(file: string, text: string, names: ReadonlySet<string | undefined>): Failure[] {
  const [, front, summary = ''] = /^---\r?\n([\s\S]*?)^---\s*$([\s\S]*)/m.exec(text) ?? []
  if (front === undefined || !text.startsWith('---'))
    return [{ file, line: 1, message: 'has no front matter between two lines "---"' }]
  const failures: Failure[] = []
  for (const [index, line] of front.split('\n').entries()) {
    if (line.trim() === '') continue
    const [, name = '', bump = ''] = /^\s*["']?([^"':]+)["']?\s*:\s*["']?(\w+)["']?\s*$/.exec(line) ?? []
    if (!names.has(name))
      failures.push({ file, line: index + 2, message: `there is no package "${name || line.trim()}"` })
    else if (!['patch', 'minor', 'major'].includes(bump)) {
      failures.push({ file, line: index + 2, message: `"${bump}" is not patch, minor or major` })
    }
  }
  // An empty front matter is an empty changeset: a change that no user sees.
  if (front.trim() !== '' && summary.trim() === '')
    failures.push({ file, message: 'says nothing to the person who upgrades' })
  return failures
}
