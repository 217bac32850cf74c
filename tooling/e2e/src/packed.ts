/**
 * The packages as npm would publish them, in a folder that has nothing else: packed, unpacked beside one another, with
 * the libraries that the lockfile names.
 */

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The manifest of a package, as far as it is read here. */
interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, unknown>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
}

/** Packed packages. */
export interface PackedPackages extends AsyncDisposable {
  /** A project whose `node_modules` holds them. */
  readonly project: string
  /** What can be imported: `@postroad/bytes`, `@postroad/queue/memory` ... */
  readonly specifiers: readonly string[]
  /** Commands by name, each a path. */
  readonly commands: ReadonlyMap<string, string>
}

/** Packs everything that is published; it must have been built. */
export async function packPackages(root: string): Promise<PackedPackages> {
  const project = await mkdtemp(join(tmpdir(), 'postroad-packed-'))
  const folders = await foldersOf(root)
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project, ...folders], { cwd: root })

  const specifiers: string[] = []
  const commands = new Map<string, string>()
  for (const folder of folders) {
    const manifest: Manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'))
    const target = join(project, 'node_modules', manifest.name)
    await mkdir(target, { recursive: true })
    const tarball = (await readdir(project)).find((name) => name.startsWith(`${tarballName(manifest.name)}-0`))
    if (tarball === undefined) throw new Error(`${manifest.name} was not packed`)
    await run('tar', ['-xzf', join(project, tarball), '-C', target, '--strip-components=1'])
    await linkLibraries(join(root, folder), project, manifest)
    for (const path of Object.keys(manifest.exports ?? {})) specifiers.push(manifest.name + path.slice(1))
    for (const [name, path] of Object.entries(manifest.bin ?? {})) commands.set(name, join(target, path))
  }
  return {
    project,
    specifiers,
    commands,
    [Symbol.asyncDispose]: () => rm(project, { recursive: true, force: true }),
  }
}

/** The four services are private: the command brings them along in its own bundle. */
async function foldersOf(root: string): Promise<readonly string[]> {
  const packages = await readdir(join(root, 'packages'))
  return [...packages.map((name) => `./packages/${name}`), './apps/postroad']
}

/** Libraries from elsewhere come from where the package itself finds them. */
async function linkLibraries(folder: string, project: string, { dependencies = {} }: Manifest): Promise<void> {
  const require = createRequire(join(folder, 'package.json'))
  for (const [name, range] of Object.entries(dependencies)) {
    if (range.startsWith('workspace:')) continue
    const link = join(project, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(libraryFolder(require.resolve(name), name), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

function libraryFolder(entry: string, name: string): string {
  let folder = dirname(entry)
  while (!(basename(folder) === basename(name) && dirname(folder).includes('node_modules'))) {
    if (folder === dirname(folder)) throw new Error(`${name} is nowhere above ${entry}`)
    folder = dirname(folder)
  }
  return folder
}

const tarballName = (name: string): string => name.replace('@', '').replace('/', '-')
