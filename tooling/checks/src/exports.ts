/**
 * What is published can be imported by everybody who can import ES modules: publint and "are the types wrong?" (with its
 * profile for packages that are only that) look at each tarball.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Check, Failure } from './check.ts'
import { type Made, packTarballs, type Tarballs } from './packed-project.ts'
import { publishedPackages } from './published.ts'
import { SOURCE_CONDITION } from './readmes.ts'
import type { Repository } from './repository.ts'

/** A package and what it is packed in. */
interface Packed {
  readonly folder: string
  readonly tarball: Uint8Array
}

/** Asks both tools about every tarball. */
export function exportsCheck(repository: Repository): Check {
  return {
    name: 'exports',
    run: async () => {
      const made: Made<Tarballs> = await packTarballs(repository)
      if (!made.ok) return made.failures
      const packed = publishedPackages(repository).map(({ folder, manifest }) => ({
        folder,
        tarball: readFileSync(made.value.files.get(manifest.name ?? '') ?? ''),
      }))
      const failures: Failure[] = []
      for (const one of packed) failures.push(...(await lintPackage(one)), ...(await checkTypes(one)))
      return failures
    },
  }
}

/** publint, with its suggestions. */
async function lintPackage({ folder, tarball }: Packed): Promise<Failure[]> {
  const [{ publint }, { formatMessage }] = await Promise.all([import('publint'), import('publint/utils')])
  const { messages, pkg } = await publint({ pack: { tarball: Uint8Array.from(tarball).buffer }, strict: true })
  return (
    messages
      // Source is not published; the condition that leads to it is known only in this repository.
      .filter(({ path }) => !path.includes(SOURCE_CONDITION))
      .map((message) => ({
        file: `${folder}/package.json`,
        message: `publint ${message.code}: ${formatMessage(message, pkg, { color: false }) ?? message.path.join('.')}`,
      }))
  )
}

/** What is used of `@arethetypeswrong/core`. */
interface TypesCore {
  createPackageFromTarballData(tarball: Uint8Array): unknown
  checkPackage(pkg: unknown): Promise<{
    readonly types: unknown
    readonly problems?: readonly {
      readonly kind: string
      readonly entrypoint?: string
      readonly resolutionKind?: string
    }[]
  }>
}

/** Ways of resolving that need CommonJS, or a `main`: what its profile `esm-only` leaves out. */
const NOT_OURS: readonly (string | undefined)[] = ['node10', 'node16-cjs']

async function checkTypes({ folder, tarball }: Packed): Promise<Failure[]> {
  const core = await loadTypesCore()
  const { types, problems = [] } = await core.checkPackage(core.createPackageFromTarballData(new Uint8Array(tarball)))
  const file = `${folder}/package.json`
  if (types === false) return [{ file, message: 'attw: has no types' }]
  return problems
    .filter(({ resolutionKind }) => !NOT_OURS.includes(resolutionKind))
    .map(({ kind, entrypoint = '', resolutionKind = '' }) => ({
      file,
      message: `attw ${kind} ${entrypoint} ${resolutionKind}`.trim(),
    }))
}

/** The command has no interface of its own; what it stands on lies beside it. */
async function loadTypesCore(): Promise<TypesCore> {
  const command = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')
  const core: TypesCore = await import(pathToFileURL(createRequire(command).resolve('@arethetypeswrong/core')).href)
  return core
}
