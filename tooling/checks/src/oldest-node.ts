/** The oldest Node that the packages promise to run on, taken from npm into `.cache`. */

import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Failure } from './check.ts'
import type { Made } from './packed-project.ts'
import { runTool } from './process.ts'
import type { Repository } from './repository.ts'
import { makeWhole } from './whole-folder.ts'

/** A Node. */
export interface Node {
  /** `22.19.0`. */
  readonly version: string
  /** The program, absolute. */
  readonly path: string
}

/** The lowest version that an `engines.node` of the packages names; `undefined` where none does. */
export function oldestVersion(repository: Repository): string | undefined {
  const named = repository.packages().flatMap(({ manifest }) => {
    const [, major, minor, patch = '0'] = /^>=(\d+)\.(\d+)(?:\.(\d+))?$/.exec(manifest.engines?.node ?? '') ?? []
    return major === undefined || minor === undefined ? [] : [`${major}.${minor}.${patch}`]
  })
  return named.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))[0]
}

/** Gives that Node. It comes from npm the first time, some 50 MB, and from the cache later. */
export async function oldestNode(repository: Repository): Promise<Made<Node>> {
  const version = oldestVersion(repository)
  if (version === undefined) return { ok: false, failures: [{ message: 'no engines.node names the oldest Node' }] }
  const folder = join(repository.root, '.cache', `node-${version}-${process.platform}-${process.arch}`)
  const failures = await makeWhole(folder, (work) => fetchNode(version, work))
  return failures.length > 0 ? { ok: false, failures } : { ok: true, value: { version, path: join(folder, 'node') } }
}

async function fetchNode(version: string, work: string): Promise<readonly Failure[]> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const packed = await runTool('npm', ['pack', `${name}@${version}`, '--silent', '--loglevel=error'], work)
  if (!packed.ok) return [{ message: `npm has no ${name}@${version}\n${packed.output}` }]
  const tarball = `${name}-${version}.tgz`
  const unpacked = await runTool('tar', ['-xzf', tarball, 'package/bin/node'], work)
  if (!unpacked.ok) return [{ message: `${tarball} holds no Node\n${unpacked.output}` }]
  renameSync(join(work, 'package/bin/node'), join(work, 'node'))
  for (const left of ['package', tarball]) rmSync(join(work, left), { recursive: true })
  return []
}
