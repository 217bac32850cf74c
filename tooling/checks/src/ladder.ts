/**
 * The ladder: a package depends only on packages of a lower level, says so in its manifest, and imports what it says.
 *
 * `ladder.json` has the levels; each manifest repeats its own as `postroad.level`. Packages under `tooling/` stand beside
 * the ladder: they may see everything, and only build presets among them may be depended on.
 */

import { posix } from 'node:path'
import type { Check, Failure } from './check.ts'
import { packageOf, readImports } from './imports.ts'
import type { Manifest, Package, Repository } from './repository.ts'

/** Folders by level: `{ "0": ["packages/bytes"] }`. A folder that does not exist yet is a plan. */
export type Ladder = Readonly<Record<string, readonly string[]>>

/** Where a pure level may name Node: nowhere else. */
export const NODE_DOORS: readonly string[] = ['packages/bytes/src/node.ts', 'packages/runtime/src/system.ts']

/** The highest level without Node. */
export const LAST_PURE_LEVEL = 5

/** Checks manifests and real imports against the ladder. */
export function ladderCheck(repository: Repository, ladder: Ladder): Check {
  return {
    name: 'ladder',
    run: async () => {
      const packages = repository.packages()
      const context: Context = {
        repository,
        byName: new Map([...packages, ...repository.tooling()].map((entry) => [entry.manifest.name ?? '', entry])),
        rootDependencies: Object.keys(repository.rootManifest().devDependencies ?? {}),
      }
      return packages.flatMap((entry) => [
        ...checkLevel(entry, ladder),
        ...checkManifest(entry, context),
        ...checkImports(entry, context),
      ])
    },
  }
}

interface Context {
  readonly repository: Repository
  readonly byName: ReadonlyMap<string, Package>
  /** What tests find at the root: vitest, the types of Node. */
  readonly rootDependencies: readonly string[]
}

function checkLevel({ folder, manifest }: Package, ladder: Ladder): Failure[] {
  const file = `${folder}/package.json`
  const level = levelOf(manifest)
  const [planned] = Object.entries(ladder).find(([, folders]) => folders.includes(folder)) ?? []
  if (level === undefined) return [{ file, message: '"postroad": { "level": N } is missing' }]
  if (planned === undefined) return [{ file, message: `${folder} has no place in tooling/checks/ladder.json` }]
  if (Number(planned) !== level)
    return [{ file, message: `level ${level} is ${planned} in tooling/checks/ladder.json` }]
  return []
}

function checkManifest({ folder, manifest }: Package, { byName }: Context): Failure[] {
  const file = `${folder}/package.json`
  const level = levelOf(manifest) ?? 0
  const failures: Failure[] = []
  for (const field of ['dependencies', 'devDependencies', 'peerDependencies'] as const) {
    for (const [name, range] of Object.entries(manifest[field] ?? {})) {
      const target = byName.get(name)
      if (target === undefined) {
        if (name.startsWith('@postroad/')) failures.push({ file, message: `${field}: there is no package ${name}` })
        continue
      }
      if (range !== 'workspace:^')
        failures.push({ file, message: `${field}: ${name} is "${range}", not "workspace:^"` })
      if (target.manifest.postroad?.tooling === true) {
        if (field !== 'devDependencies')
          failures.push({ file, message: `${field}: ${name} is tooling, for devDependencies only` })
        continue
      }
      const theirs = levelOf(target.manifest)
      if (theirs === undefined || theirs >= level) {
        failures.push({ file, message: `${field}: ${name} (level ${theirs ?? 'unknown'}) is not below level ${level}` })
      }
    }
  }
  return failures
}

function checkImports(entry: Package, context: Context): Failure[] {
  return context.repository
    .files(entry.folder, ['.ts', '.mts'])
    .flatMap((file) =>
      readImports(context.repository.read(file)).flatMap(({ specifier, line }) =>
        judge(specifier, file, entry, context).map((message) => ({ file, line, message })),
      ),
    )
}

/** What is wrong with one import; empty where it is right. */
function judge(specifier: string, file: string, { folder, manifest }: Package, context: Context): string[] {
  const inSource = file.startsWith(`${folder}/src/`)
  const level = levelOf(manifest) ?? 0
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file), specifier)
    return target.startsWith(`${folder}/`) ? [] : [`${specifier} leaves the package: import it by name`]
  }
  if (specifier.startsWith('node:')) {
    const pure = level <= LAST_PURE_LEVEL && inSource && !NODE_DOORS.includes(file)
    return pure ? [`${specifier}: level ${level} imports nothing of Node`] : []
  }
  if (/^(file:|data:|\/|#)/.test(specifier)) return [`${specifier} is neither relative nor a package`]
  const name = packageOf(specifier)
  const failures: string[] = []
  const target = name === manifest.name ? { folder, manifest } : context.byName.get(name)
  if (target !== undefined && !hasEntry(target.manifest, specifier)) {
    failures.push(`${specifier} is no entry in the exports of ${name}`)
  }
  if (name === manifest.name)
    return inSource ? [...failures, `${specifier} is the package itself: import it relatively`] : failures
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
  const inTests = new Set([...declared, ...Object.keys(manifest.devDependencies ?? {}), ...context.rootDependencies])
  // What is never published cannot be a dependency: the build takes it into the bundle.
  const bundled = target?.manifest.private === true && Object.hasOwn(manifest.devDependencies ?? {}, name)
  if (!(inSource ? declared : inTests).has(name) && !bundled) {
    failures.push(
      `${name} is not in the ${inSource ? 'dependencies' : 'dependencies or devDependencies'} of ${manifest.name}`,
    )
  }
  return failures
}

function hasEntry(manifest: Manifest, specifier: string): boolean {
  const { exports } = manifest
  const path = `.${specifier.slice(packageOf(specifier).length)}`
  if (typeof exports !== 'object' || exports === null) return path === '.'
  return Object.hasOwn(exports, path)
}

/** The level that a manifest names. */
export function levelOf(manifest: Manifest): number | undefined {
  const level = manifest.postroad?.level
  return typeof level === 'number' && Number.isInteger(level) && level >= 0 ? level : undefined
}
