/**
 * Finds `redis-server`: on the PATH, in the project's cache, or in the distribution's packages.
 *
 * On a system of Debian's kind the packages are fetched by `apt-get download` and unpacked by `dpkg -x`, with lists and
 * caches of their own: no root is needed, nothing is installed, nothing outside the project's cache folder changes.
 */

import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** How to run a Redis server. */
export interface RedisBinary {
  readonly path: string
  /** Folders of shared libraries that the system itself may lack; empty for an installed server. */
  readonly libraries: readonly string[]
}

const run = promisify(execFile)

const CACHE = fileURLToPath(new URL('../../../.cache/redis/', import.meta.url))
const PACKAGES = ['redis-server', 'redis-tools']
const FETCH_LIMIT_MS = 300_000

/**
 * Finds or unpacks a server.
 *
 * @throws Where there is none and none can be had; the message says what to do.
 */
export async function findRedis(): Promise<RedisBinary> {
  const installed = await onPath('redis-server')
  if (installed !== undefined) return { path: installed, libraries: [] }
  const folder = join(CACHE, `debian-${process.arch}`)
  const unpacked = await unpackedIn(folder)
  if (unpacked !== undefined) return unpacked
  if ((await onPath('apt-get')) === undefined || (await onPath('dpkg')) === undefined) throw absent()
  try {
    await unpackInto(folder)
  } catch (cause) {
    throw absent(cause)
  }
  const found = await unpackedIn(folder)
  if (found === undefined) throw absent()
  return found
}

function absent(cause?: unknown): Error {
  return new Error(
    'The tests need a Redis and there is none: install redis-server (7.0 or later), or set REDIS_URL to one that may be ' +
      'used (appendonly yes, appendfsync always, maxmemory-policy noeviction).' +
      (cause === undefined ? '' : ` Unpacking the packages of this distribution failed too: ${reasonOf(cause)}`),
    { cause },
  )
}

/** What the program that failed said was wrong: apt-get and dpkg begin that with `E:` and `dpkg`. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const said = 'stderr' in cause ? String(cause.stderr) : ''
  return /^(?:E:|dpkg).*$/m.exec(said)?.[0] ?? cause.message
}

async function onPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && (await isExecutable(join(folder, name)))) return join(folder, name)
  }
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function unpackedIn(folder: string): Promise<RedisBinary | undefined> {
  const path = join(folder, 'usr/bin/redis-server')
  if (!(await isExecutable(path))) return undefined
  const libraries: string[] = []
  for (const parent of [join(folder, 'usr/lib'), join(folder, 'lib')]) {
    const names = await readdir(parent).catch((): string[] => [])
    libraries.push(parent, ...names.filter((name) => name.includes('-linux-')).map((name) => join(parent, name)))
  }
  return { path, libraries }
}

/** Everything happens in a folder of this run alone; the last step names it, and the first of two runs wins. */
async function unpackInto(folder: string): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  const work = await mkdtemp(join(CACHE, 'unpacking-'))
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
      [...apt, '--simulate', '--no-install-recommends', 'install', ...PACKAGES],
      options,
    )
    const lacking = [...plan.stdout.matchAll(/^Inst (\S+)/gm)].map((line) => line[1] ?? '')
    // The system's own C library and its loader belong together; another one beside them cannot be loaded.
    const names = new Set([...PACKAGES, ...lacking].filter((name) => !name.startsWith('libc6')))
    await run('apt-get', [...apt, 'download', ...names], options)
    for (const deb of await readdir(debs)) await run('dpkg', ['-x', deb, root], options)
    await rename(root, folder).catch(async () => {
      if ((await unpackedIn(folder)) !== undefined) return
      // What lies there is not whole.
      await rename(folder, join(work, 'broken'))
      await rename(root, folder)
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
