/**
 * The packages keep what their `engines.node` says: their unit suites pass on the oldest Node it names.
 *
 * By default all but those of the stores that keep what they are given; `--every-suite` takes these, too.
 */

import { join } from 'node:path'
import type { Check, Failure } from './check.ts'
import { levelOf } from './ladder.ts'
import { type Node, oldestNode } from './oldest-node.ts'
import { runTool } from './process.ts'
import type { Repository } from './repository.ts'

/** Up to here a package is pure and synchronous, and its tests need no worker of their own for each file. */
const LAST_SYNCHRONOUS_LEVEL = 4

/** They take minutes, over real Redis and on the disk. */
const LONG: ReadonlySet<string> = new Set(['packages/store-redis/', 'packages/store-sqlite/'])

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
        .filter(({ folder }) => everySuite || !LONG.has(folder))
      const foldersWhere = (wanted: (level: number) => boolean): string[] =>
        suites.filter(({ level }) => wanted(level)).map(({ folder }) => folder)
      const pure = foldersWhere((level) => level <= LAST_SYNCHRONOUS_LEVEL)
      const others = foldersWhere((level) => level > LAST_SYNCHRONOUS_LEVEL)
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
