/** The repository as the checks see it: its packages and its text files, read from a folder, without git. */

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What the checks read of a `package.json`. */
export interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly description?: string
  readonly license?: string
  readonly type?: string
  readonly private?: boolean
  readonly packageManager?: string
  readonly sideEffects?: unknown
  readonly engines?: { readonly node?: string }
  readonly files?: unknown
  readonly exports?: unknown
  readonly postroad?: { readonly level?: unknown; readonly tooling?: boolean; readonly coverage?: boolean }
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly bin?: Readonly<Record<string, string>>
}

/** A package of the workspace. */
export interface Package {
  /** `packages/smtp`, relative to the root. */
  readonly folder: string
  readonly manifest: Manifest
}

/** Made by tools, or not ours. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage', '.git', '.turbo', '.cache'])

/** Read afresh on each call, so that a test may change the folder between two. */
export class Repository {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  /** The packages under `packages/` and `apps/`, which the ladder holds. */
  packages(): Package[] {
    return [...this.#packagesIn('packages'), ...this.#packagesIn('apps')]
  }

  /** The packages under `tooling/`, which stand beside the ladder. */
  tooling(): Package[] {
    return this.#packagesIn('tooling')
  }

  /** The root's own manifest. */
  rootManifest(): Manifest {
    return this.exists('package.json') ? JSON.parse(this.read('package.json')) : {}
  }

  /** Every file below a folder (default: the root) whose name ends with one of `ends`; sorted, relative to the root. */
  files(folder = '', ends: readonly string[] = ['']): string[] {
    const found: string[] = []
    const visit = (at: string): void => {
      if (!existsSync(join(this.root, at))) return
      for (const entry of readdirSync(join(this.root, at), { withFileTypes: true })) {
        const path = at === '' ? entry.name : `${at}/${entry.name}`
        if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) visit(path)
        else if (entry.isFile() && ends.some((end) => entry.name.endsWith(end))) found.push(path)
      }
    }
    visit(folder)
    return found.toSorted()
  }

  /** The folders directly in a folder; none where it does not exist. */
  folders(folder: string): string[] {
    if (!existsSync(join(this.root, folder))) return []
    return readdirSync(join(this.root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name))
      .map((entry) => `${folder}/${entry.name}`)
      .toSorted()
  }

  exists(path: string): boolean {
    return existsSync(join(this.root, path))
  }

  /** A file as text, relative to the root. */
  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  #packagesIn(folder: string): Package[] {
    return this.folders(folder)
      .filter((path) => this.exists(`${path}/package.json`))
      .map((path) => ({ folder: path, manifest: JSON.parse(this.read(`${path}/package.json`)) }))
  }
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}
