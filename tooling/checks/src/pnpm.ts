/** Runs the workspace's pnpm: the one that runs this process, or the one that the root's manifest names. */

import { type Ended, runTool } from './process.ts'
import type { Repository } from './repository.ts'

/** Runs pnpm in the root. It installs nothing on its own. */
export function runPnpm(repository: Repository, args: readonly string[]): Promise<Ended> {
  const [command, ...first] = commandOf(repository, process.env['npm_execpath'] ?? '')
  return runTool(command, [...first, '--config.verify-deps-before-run=false', ...args], repository.root)
}

/** @param parent What npm's kin say of themselves to what they run. */
function commandOf(repository: Repository, parent: string): readonly [command: string, ...args: string[]] {
  const [, ending] = /[/\\]pnpm(\.c?js|\.exe|)$/.exec(parent) ?? []
  if (ending === undefined) return ['npx', '-y', repository.rootManifest().packageManager ?? 'pnpm']
  return ending.endsWith('js') ? [process.execPath, parent] : [parent]
}
