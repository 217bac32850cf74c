/**
 * The packages keep what their `engines.node` says: their unit suites pass on the oldest Node it names.
 *
 * By default those up to the drivers, which need no service; `--every-suite` takes all of `packages/`.
 */

import { join } from 'node:path'
import type { Check, Failure } from './check.ts'
import { levelOf } from './ladder.ts'
import { type Node, oldestNode } from './oldest-node.ts'
import { runTool } from './process.ts'
import type { Repository } from './repository.ts'

/** Up to here a package is pure and synchronous, and its tests need no worker of their own for each file. */
const LAST_SYNCHRONOUS_LEVEL = 4

/** The drivers: what runs beside them needs a service, or a disk for long. */
const LAST_LEVEL = 6

/** Runs the suites on the oldest Node. */
export function enginesCheck(repository: Repository, { everySuite = false } = {}): Check {
  return {
    name: 'engines',
    run: async () => {
      const suites = repository
        .packages()
        .filter(({ folder }) => folder.startsWith('packages/'))
        .filter(({ folder }) => repository.files(`${folder}/test`, ['.test.ts']).length > 0)
        .map(({ folder, manifest }) => ({ folder: `${folder}/`, level: levelOf(manifest) ?? 0 }))
      const foldersTo = (last: number, first = 0): string[] =>
        suites.filter(({ level }) => first <= level && level <= last).map(({ folder }) => folder)
      const pure = foldersTo(LAST_SYNCHRONOUS_LEVEL)
      const others = foldersTo(everySuite ? Infinity : LAST_LEVEL, LAST_SYNCHRONOUS_LEVEL + 1)
      if (pure.length + others.length === 0) return []
      const node = await oldestNode(repository)
      if (!node.ok) return node.failures
      return [
        ...(await runSuites(repository, node.value, pure, ['--no-isolate', '--maxWorkers=100%'])),
        ...(await runSuites(repository, node.value, others, [])),
      ]
    },
  }
}

async function runSuites(
  { root }: Repository,
  { version, path }: Node,
  folders: readonly string[],
  how: readonly string[],
): Promise<Failure[]> {
  if (folders.length === 0) return []
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const { ok, output } = await runTool(path, [vitest, 'run', ...folders, '--reporter=dot', '--bail=10', ...how], root, {
    // The tests' own tables are enough.
    env: { POSTROAD_CORPUS: join(root, '.cache/none'), NODE_OPTIONS: '' },
  })
  return ok ? [] : [{ message: `tests fail on Node ${version}\n${output}` }]
}
