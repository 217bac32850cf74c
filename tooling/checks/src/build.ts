/**
 * The build that checks of built packages need: through turbo, which takes from its cache what has not changed, and at
 * most once in a process.
 *
 * turbo hashes the sources of a package and what it depends on, so nothing old is taken for new.
 */

import type { Failure } from './check.ts'
import { runPnpm } from './pnpm.ts'
import type { Repository } from './repository.ts'

const builds = new Map<string, Promise<readonly Failure[]>>()

/** Builds every package; what keeps it from being built. Nothing to do where there is no `turbo.json`. */
export function buildPackages(repository: Repository): Promise<readonly Failure[]> {
  const { root } = repository
  const known = builds.get(root)
  if (known !== undefined) return known
  const build = repository.exists('turbo.json') ? runBuild(repository) : Promise.resolve([])
  builds.set(root, build)
  return build
}

async function runBuild(repository: Repository): Promise<readonly Failure[]> {
  // turbo asks for the package manager by its name.
  const { ok, output } = await runPnpm(repository, ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only'])
  return ok ? [] : [{ message: `the packages cannot be built\n${output}` }]
}
