/**
 * Packages of a distribution of Debian's kind, unpacked into the project's cache.
 *
 * They are fetched by `apt-get download` and unpacked by `dpkg -x`, with lists and caches of their own: no root is
 * needed, nothing is installed, no maintainer script runs, nothing outside the cache folder changes. Programs that
 * conflict with each other lie side by side, each under its name. The libraries that the machine lacks come with them.
 *
 * Everything happens in a folder of this call alone; the last step names it, so what lies under a name is whole, also
 * after a kill, and of several calls at the same time the first wins.
 */

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { onPath } from './on-path.ts'

/** Packages that lie unpacked, and how to run what is in them. */
export interface Unpacked {
  /** The folder that stands for `/`. */
  readonly root: string
  /** Folders with shared libraries among the unpacked; empty where there are none. */
  readonly libraries: readonly string[]
  /** This process's environment at the time of the call, with `libraries` first in LD_LIBRARY_PATH where there are any. */
  readonly env: NodeJS.ProcessEnv
  /** The place of a file, such as `usr/bin/strace`. It need not exist. */
  readonly path: (relative: string) => string
}

const run = promisify(execFile)

const CACHE = fileURLToPath(new URL('../../../.cache/', import.meta.url))
/** Written last into the folder: which packages were asked for. */
const MARK = '.unpacked'
const FETCH_LIMIT_MS = 300_000

/**
 * Gives packages unpacked, from the cache where the same ones lie there already.
 *
 * @param name The folder under `.cache`; one for each set of packages. Lower-case letters, digits, dots and hyphens.
 * @param packages Names as `apt-get install` takes them.
 * @throws Where they cannot be had; the message says what to do, and what apt-get or dpkg said.
 */
export async function unpackDebian(name: string, packages: readonly string[]): Promise<Unpacked> {
  for (const text of [name, ...packages]) {
    if (!/^[a-z0-9][a-z0-9+.-]*$/.test(text)) throw new Error(`"${text}" is not the name of a package.`)
  }
  const cache = join(CACHE, name)
  const folder = join(cache, `debian-${process.arch}`)
  const mark = `${[...new Set(packages)].toSorted().join(' ')}\n`
  if (!(await isWhole(folder, mark))) {
    if ((await onPath('apt-get')) === undefined || (await onPath('dpkg')) === undefined) {
      throw new Error(
        `${sentence(packages)}: this system has no apt-get and dpkg. Install what is in them, or run this on Debian or a kin.`,
      )
    }
    try {
      await unpackInto(cache, folder, packages, mark)
    } catch (cause) {
      throw new Error(
        `${sentence(packages)}: ${reasonOf(cause)}. Install them, or run this where the distribution's packages can be fetched.`,
        { cause },
      )
    }
  }
  const libraries = await librariesIn(folder)
  const searched = [...libraries, process.env['LD_LIBRARY_PATH'] ?? ''].filter((entry) => entry !== '')
  return {
    root: folder,
    libraries,
    env: libraries.length === 0 ? { ...process.env } : { ...process.env, LD_LIBRARY_PATH: searched.join(':') },
    path: (relative) => join(folder, relative),
  }
}

function sentence(packages: readonly string[]): string {
  return `The packages ${packages.join(', ')} could not be unpacked`
}

/** What the program that failed said was wrong: apt-get and dpkg begin that with `E:` and `dpkg`. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const said = 'stderr' in cause ? String(cause.stderr) : ''
  return (/^(?:E:|dpkg).*$/m.exec(said)?.[0] ?? cause.message).replace(/\.$/, '')
}

async function isWhole(folder: string, mark: string): Promise<boolean> {
  return readFile(join(folder, MARK), 'utf8').then(
    (text) => text === mark,
    () => false,
  )
}

/** The usual library folders, and those of the machine's kind (`x86_64-linux-gnu`), that hold a shared library. */
async function librariesIn(root: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const parent of [join(root, 'usr/lib'), join(root, 'lib')]) {
    const names = await namesIn(parent)
    for (const folder of [
      parent,
      ...names.filter((name) => name.includes('-linux-')).map((name) => join(parent, name)),
    ]) {
      if ((await namesIn(folder)).some((name) => /\.so(?:\.|$)/.test(name))) found.push(folder)
    }
  }
  return found
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch((): string[] => [])

async function unpackInto(cache: string, folder: string, packages: readonly string[], mark: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, 'unpacking-'))
  try {
    const apt = [
      `Dir::State::Lists=${join(work, 'lists')}`,
      `Dir::Cache=${join(work, 'cache')}`,
      // The work folder may lie where the user _apt may not write; as another user than root there is no sandbox at all.
      'APT::Sandbox::User=root',
      'Acquire::Retries=3',
    ].flatMap((setting) => ['-o', setting])
    const debs = join(work, 'debs')
    const root = join(work, 'root')
    for (const needed of [join(work, 'lists/partial'), join(work, 'cache/archives/partial'), debs, root]) {
      await mkdir(needed, { recursive: true })
    }
    const options = {
      cwd: debs,
      timeout: FETCH_LIMIT_MS,
      env: { ...process.env, LC_ALL: 'C' },
      maxBuffer: 16 * 2 ** 20,
    }
    await run('apt-get', [...apt, 'update'], options)
    // A simulation (which needs no root) names exactly the libraries that this machine lacks.
    const plan = await run(
      'apt-get',
      [...apt, '--simulate', '--no-install-recommends', 'install', ...packages],
      options,
    )
    const lacking = [...plan.stdout.matchAll(/^Inst (\S+)/gm)].map((line) => line[1] ?? '')
    // The system's own C library and its loader belong together; another one beside them cannot be loaded.
    const names = new Set([...packages, ...lacking].filter((name) => !name.startsWith('libc6')))
    await run('apt-get', [...apt, 'download', ...names], options)
    for (const deb of await readdir(debs)) await run('dpkg', ['-x', deb, root], options)
    await writeFile(join(root, MARK), mark)
    await name(root, folder, mark, join(work, 'stale'))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Moves what is whole to its place, unless another call was first; what lies there otherwise is moved away. */
async function name(root: string, folder: string, mark: string, stale: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rename(root, folder)
    } catch (error) {
      if (await isWhole(folder, mark)) return
      if (attempt === 3) throw error
    }
    await rename(folder, `${stale}-${attempt}`).catch(() => {})
  }
}
