/**
 * A package of npm with all it needs, installed into the project's cache: for peers too heavy for the lockfile.
 *
 * npm works in a folder of this call alone and runs no scripts; the last step names the folder, so what lies under a
 * name is whole, also after a kill, and of several calls at the same time the first wins.
 */

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onPath } from '@postroad/tooling-debian'
import { ROOT } from '../../stage.ts'

const run = promisify(execFile)

const CACHE = join(ROOT, '.cache/npm')
/** Written last into the folder: what was asked for. */
const MARK = '.unpacked'
const INSTALL_LIMIT_MS = 300_000

/** What may be said beside the package's name. */
export interface UnpackNpmOptions {
  /** Versions of packages further down, whatever those in between ask for; none. */
  readonly overrides?: Readonly<Record<string, string>>
  /** Default `.cache/npm`. */
  readonly cache?: string
}

/**
 * Gives the folder in whose `node_modules` the package lies, from the cache where it lies there already. Optional
 * dependencies and those for development are left out.
 *
 * @param name The folder under the cache. Lower-case letters, digits, dots and hyphens.
 * @param spec The package and one version of it: `Haraka@3.3.4`.
 * @throws Where it cannot be had; the message says what to do, and what npm said.
 */
export async function unpackNpm(name: string, spec: string, options: UnpackNpmOptions = {}): Promise<string> {
  const { overrides = {}, cache = CACHE } = options
  const asked = /^((?:@[a-z0-9-]+\/)?[\w.-]+)@(\d+\.\d+\.\d+)$/i.exec(spec)
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) throw new Error(`"${name}" is not the name of a folder.`)
  if (asked === null) throw new Error(`"${spec}" is not a package and its version.`)
  const [, dependency = '', version = ''] = asked
  const manifest = JSON.stringify({ private: true, dependencies: { [dependency]: version }, overrides })
  const folder = join(cache, name)
  if (await isWhole(folder, manifest)) return folder
  if ((await onPath('npm')) === undefined) {
    throw new Error(`${spec} could not be installed: there is no npm on the PATH. Install Node with npm.`)
  }
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, 'installing-'))
  try {
    const made = join(work, 'made')
    await mkdir(made)
    await writeFile(join(made, 'package.json'), manifest)
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--omit=dev', '--omit=optional', '--loglevel=error']
    await run('npm', ['install', ...flags], { cwd: made, timeout: INSTALL_LIMIT_MS, maxBuffer: 16 * 2 ** 20 })
    await writeFile(join(made, MARK), manifest)
    await place(made, folder, manifest, join(work, 'stale'))
  } catch (cause) {
    throw new Error(`${spec} could not be installed: ${reasonOf(cause)}. Run this where npm reaches its registry.`, {
      cause,
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return folder
}

async function isWhole(folder: string, manifest: string): Promise<boolean> {
  return readFile(join(folder, MARK), 'utf8').then(
    (text) => text === manifest,
    () => false,
  )
}

/** Moves what is whole to its place, unless another call was first; what lies there otherwise is moved away. */
async function place(made: string, folder: string, manifest: string, stale: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rename(made, folder)
    } catch (error) {
      if (await isWhole(folder, manifest)) return
      if (attempt === 3) throw error
    }
    await rename(folder, `${stale}-${attempt}`).catch(() => {})
  }
}

/** The first line in which npm said what was wrong. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const said = 'stderr' in cause ? String(cause.stderr) : ''
  return (/^npm (?:error|ERR!) (?!code)(.*)$/m.exec(said)?.[1] ?? cause.message).replace(/\.$/, '')
}
