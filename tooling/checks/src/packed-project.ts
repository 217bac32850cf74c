/**
 * The packages as npm gets them, and as somebody has them who installs one: packed by pnpm, so that `workspace:` and
 * `catalog:` have become versions, then installed by npm into a project that has nothing else.
 *
 * The project has one workspace for each package, a "taker", which depends on that package alone and on what the examples of
 * its README import besides. Siblings come from their tarballs, everything else from the registry or npm's cache. npm's linked
 * layout gives each package only what it declares, so an import that works here because of a neighbour does not exist.
 *
 * Both lie in `.cache/packed` under a hash of everything that goes into them; the same packages are packed once.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { buildPackages } from './build.ts'
import type { Failure } from './check.ts'
import { readQuotes } from './examples.ts'
import { packageOf, readImports } from './imports.ts'
import { runPnpm } from './pnpm.ts'
import { runTool } from './process.ts'
import { publishedPackages } from './published.ts'
import type { Package, Repository } from './repository.ts'
import { makeWhole } from './whole-folder.ts'

/** The packed packages. */
export interface Tarballs {
  /** The folder of this state of the packages, absolute. */
  readonly folder: string
  /** By the package's name, absolute. */
  readonly files: ReadonlyMap<string, string>
}

/** The project. */
export interface PackedProject {
  /** Absolute. */
  readonly folder: string
  /** Where the taker of each package lies, absolute; by the package's name. */
  readonly takers: ReadonlyMap<string, string>
}

/** What was made, or why it could not be. */
export type Made<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failures: readonly Failure[] }

/** How long a state that is not the newest may lie in the cache. */
const KEEP_MS = 3_600_000

const FOLDER = '.cache/packed'

/** Builds and packs everything that is published. */
export async function packTarballs(repository: Repository): Promise<Made<Tarballs>> {
  const unbuilt = await buildPackages(repository)
  if (unbuilt.length > 0) return { ok: false, failures: unbuilt }
  const packages = publishedPackages(repository)
  const folder = join(repository.root, FOLDER, hashOf(repository, packages))
  const tarballs = join(folder, 'tarballs')
  dropOld(repository, folder)
  const unpacked = await makeWhole(tarballs, async (work) => {
    const filters = packages.flatMap((one) => ['--filter', `./${one.folder}`])
    const { ok, output } = await runPnpm(repository, ['--recursive', ...filters, 'pack', '--pack-destination', work])
    return ok ? [] : [{ message: `pnpm cannot pack the packages\n${output}` }]
  })
  if (unpacked.length > 0) return { ok: false, failures: unpacked }
  const names = new Set(readdirSync(tarballs))
  const files = new Map<string, string>()
  const failures: Failure[] = []
  for (const { folder: at, manifest } of packages) {
    const { name = '', version = '' } = manifest
    const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
    if (names.has(file)) files.set(name, join(tarballs, file))
    else failures.push({ file: at, message: `pnpm packed no ${file}` })
  }
  return failures.length > 0 ? { ok: false, failures } : { ok: true, value: { folder, files } }
}

/** Packs, and installs each package for a taker of its own. */
export async function installPacked(repository: Repository): Promise<Made<PackedProject>> {
  const packed = await packTarballs(repository)
  if (!packed.ok) return packed
  const { folder, files } = packed.value
  const project = join(folder, 'project')
  const packages = publishedPackages(repository)
  const failures = await makeWhole(project, (work) => install(repository, work, packages, files))
  if (failures.length > 0) return { ok: false, failures }
  const takers = new Map(packages.map((one) => [one.manifest.name ?? '', join(project, 'takers', takerOf(one))]))
  return { ok: true, value: { folder: project, takers } }
}

/** The packages that a taker installs beside the one it is for: what the examples of the README import. */
export function importsOfExamples(repository: Repository, { folder, manifest }: Package): ReadonlySet<string> {
  const readme = `${folder}/README.md`
  const quotes = repository.exists(readme) ? readQuotes(repository.read(readme)) : []
  const names = quotes.flatMap(({ text }) => readImports(text).map(({ specifier }) => specifier))
  return new Set(
    names
      .filter((name) => !/^(?:node:|\.)/.test(name))
      .map(packageOf)
      .filter((name) => name !== manifest.name),
  )
}

async function install(
  repository: Repository,
  project: string,
  packages: readonly Package[],
  tarballs: ReadonlyMap<string, string>,
): Promise<Failure[]> {
  const siblings = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]))
  writeJson(join(project, 'package.json'), {
    name: 'takers',
    version: '1.0.0',
    private: true,
    workspaces: ['takers/*'],
    // What a package asks of a sibling is what lies here, not what a registry may have under that name.
    overrides: siblings,
    devDependencies: { '@types/node': '^22.19.0' },
  })
  for (const one of packages) {
    const needed = [one.manifest.name ?? '', ...importsOfExamples(repository, one)]
    const dependencies = Object.fromEntries(
      needed.flatMap((name) => (name in siblings ? [[name, siblings[name]]] : [])),
    )
    const taker = join(project, 'takers', takerOf(one))
    mkdirSync(taker, { recursive: true })
    const name = `taker-of-${takerOf(one)}`
    writeJson(join(taker, 'package.json'), { name, version: '1.0.0', private: true, type: 'module', dependencies })
  }
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  const { ok, output } = await runTool(
    'npm',
    ['install', '--install-strategy=linked', '--ignore-scripts', '--prefer-offline', ...quiet],
    project,
  )
  return ok ? [] : [{ message: `npm cannot install the packed packages\n${output}` }]
}

function dropOld({ root }: Repository, folder: string): void {
  const parent = join(root, FOLDER)
  if (!existsSync(parent)) return
  for (const name of readdirSync(parent)) {
    const age = Date.now() - statSync(join(parent, name)).mtimeMs
    if (name !== basename(folder) && age > KEEP_MS) rmSync(join(parent, name), { recursive: true, force: true })
  }
}

/** Over everything that goes into a tarball, and what packs it. */
function hashOf(repository: Repository, packages: readonly Package[]): string {
  const hash = createHash('sha256')
  const shared = ['LICENSE', 'pnpm-workspace.yaml'].filter((file) => repository.exists(file))
  const own = packages.flatMap(({ folder }) => [
    ...['package.json', 'README.md'].map((name) => `${folder}/${name}`).filter((file) => repository.exists(file)),
    ...repository.files(`${folder}/dist`),
  ])
  hash
    .update(`${repository.rootManifest().packageManager} ${process.version}\n`)
    .update(readFileSync(import.meta.filename))
  for (const file of [...shared, ...own]) hash.update(`${file}\n`).update(repository.read(file))
  return hash.digest('hex').slice(0, 20)
}

const takerOf = ({ folder }: Package): string => basename(folder)

const writeJson = (file: string, value: unknown): void =>
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`)
