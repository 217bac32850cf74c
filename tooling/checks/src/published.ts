/** What a package publishes: which packages go to npm, and the entry points by which they are imported. */

import type { Package, Repository } from './repository.ts'

/** One key of a package's `exports`. */
export interface Entry {
  /** What is imported: `@postroad/queue/memory`. */
  readonly specifier: string
  /** `queue`, `queue.memory`: a name for files that tell of it. */
  readonly name: string
  /** The source, its declarations and the JavaScript made of it; relative to the root. */
  readonly source: string
  readonly types: string
  readonly script: string
}

/** The packages that npm gets: all of `packages/` and `apps/` but the private ones. */
export function publishedPackages(repository: Repository): Package[] {
  return repository.packages().filter(({ manifest }) => manifest.private !== true)
}

/** The entry points of a package that have source, declarations and JavaScript; the others are the `readmes` check's. */
export function entriesOf({ folder, manifest }: Package): Entry[] {
  const { name = '', exports = {} } = manifest
  if (typeof exports !== 'object' || exports === null) return []
  return Object.entries(exports).flatMap(([path, conditions]: [string, unknown]) => {
    if (typeof conditions !== 'object' || conditions === null) return []
    const { source, types, script } = pathsOf(conditions)
    if (source === undefined || types === undefined || script === undefined) return []
    const own = folder.split('/').at(-1) ?? folder
    return [
      {
        specifier: name + path.slice(1),
        name: path === '.' ? own : `${own}.${path.slice(2).replaceAll('/', '.')}`,
        source: join(folder, source),
        types: join(folder, types),
        script: join(folder, script),
      },
    ]
  })
}

/** A condition may be split further (`node`, `default`): what everybody can load counts, which is the last. */
function pathsOf(conditions: object): Partial<Pick<Entry, 'source' | 'types' | 'script'>> {
  const source = lastPath(Reflect.get(conditions, '@postroad/source'))
  const types = lastPath(Reflect.get(conditions, 'types'))
  const script = lastPath(Reflect.get(conditions, 'default'))
  return { ...(source && { source }), ...(types && { types }), ...(script && { script }) }
}

function lastPath(node: unknown): string | undefined {
  if (typeof node === 'string') return node
  return typeof node === 'object' && node !== null ? lastPath(Object.values(node).at(-1)) : undefined
}

const join = (folder: string, path: string): string => `${folder}/${path.replace(/^\.\//, '')}`
