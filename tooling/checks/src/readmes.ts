/** Each package introduces itself: a README with its sections in order, and a manifest that npm and Node understand. */

import type { Check, Failure } from './check.ts'
import { levelOf } from './ladder.ts'
import type { Manifest, Package, Repository } from './repository.ts'
import { findCitations } from './rfc-citations.ts'

/** The sections of a README, in their order. */
const SECTIONS: readonly string[] = ['Standards', 'Use', 'Guarantees', 'Limits', 'Place', 'Implementing']

/** The condition under which Node, the tests and the editors run from source; always the first. */
export const SOURCE_CONDITION = '@postroad/source'

/** Checks every package under `packages/` and `apps/`. */
export function readmesCheck(repository: Repository): Check {
  return {
    name: 'readmes',
    run: async () =>
      repository
        .packages()
        .flatMap((entry) => [...checkReadme(entry, repository), ...checkManifest(entry, repository)]),
  }
}

function checkReadme(entry: Package, repository: Repository): Failure[] {
  const file = `${entry.folder}/README.md`
  if (!repository.exists(file)) return [{ file, message: 'is missing' }]
  const lines = repository.read(file).split('\n')
  const failures: Failure[] = []
  if (lines[0] !== `# ${entry.manifest.name}`)
    failures.push({ file, line: 1, message: `the first line is not "# ${entry.manifest.name}"` })
  const found = headings(lines).filter(({ title }) => SECTIONS.includes(title))
  const missing = requiredSections(entry, repository).filter((section) => !found.some(({ title }) => title === section))
  if (missing.length > 0)
    failures.push({ file, message: `lacks ${missing.map((section) => `"## ${section}"`).join(', ')}` })
  for (const [index, { title, line }] of found.entries()) {
    const before = found[index - 1]
    if (before && SECTIONS.indexOf(before.title) >= SECTIONS.indexOf(title)) {
      failures.push({
        file,
        line,
        message: `"## ${title}" comes after "## ${before.title}": the order is ${SECTIONS.join(', ')}`,
      })
    }
  }
  return failures
}

/** What a README must have: an app tells its use and place; a package that decides rules of RFCs lists them. */
function requiredSections({ folder, manifest }: Package, repository: Repository): string[] {
  if (folder.startsWith('apps/')) return ['Use', 'Place']
  const sources = repository.files(`${folder}/src`, ['.ts']).map((file) => repository.read(file))
  const standards =
    (levelOf(manifest) ?? 0) <= 8 && sources.some((source) => findCitations(source).some(({ place }) => place))
  const port = repository
    .files(`${folder}/src/testing`, ['.ts'])
    .some((file) => /export function describe\w*Contract/.test(repository.read(file)))
  return [
    ...(standards ? ['Standards'] : []),
    'Use',
    'Guarantees',
    'Limits',
    'Place',
    ...(port ? ['Implementing'] : []),
  ]
}

/** Headings of the second level, outside code blocks. */
function headings(lines: readonly string[]): { readonly title: string; readonly line: number }[] {
  let inCode = false
  return lines.flatMap((text, index) => {
    if (text.startsWith('```')) inCode = !inCode
    return !inCode && text.startsWith('## ') ? [{ title: text.slice(3).trim(), line: index + 1 }] : []
  })
}

function checkManifest({ folder, manifest }: Package, repository: Repository): Failure[] {
  const file = `${folder}/package.json`
  const failures: Failure[] = []
  const demand = (holds: boolean, message: string): void => {
    if (!holds) failures.push({ file, message })
  }
  demand((manifest.description ?? '').length > 10, 'description: one sentence is missing')
  demand(manifest.license === 'MIT', 'license is not "MIT"')
  demand(manifest.type === 'module', 'type is not "module"')
  demand(manifest.sideEffects === false, 'sideEffects is not false')
  demand(manifest.engines?.node === '>=22.19', 'engines.node is not ">=22.19"')
  demand(Array.isArray(manifest.files) && manifest.files.includes('dist'), 'files does not name "dist"')
  return [...failures, ...checkExports(file, folder, manifest, repository)]
}

function checkExports(file: string, folder: string, { exports }: Manifest, repository: Repository): Failure[] {
  if (typeof exports !== 'object' || exports === null) return [{ file, message: 'exports is missing' }]
  return Object.entries(exports).flatMap(([path, entry]: [string, unknown]) => {
    if (path === './package.json') return []
    const at = `exports["${path}"]`
    if (typeof entry !== 'object' || entry === null) return [{ file, message: `${at} has no conditions` }]
    const [first, ...others] = Object.keys(entry)
    const failures: Failure[] = []
    if (first !== SOURCE_CONDITION)
      failures.push({ file, message: `${at}: "${SOURCE_CONDITION}" is not the first condition` })
    if (others[0] !== 'types') failures.push({ file, message: `${at}: "types" is not the second condition` })
    if (others.at(-1) !== 'default') failures.push({ file, message: `${at}: "default" is not the last condition` })
    for (const source of leaves(Reflect.get(entry, SOURCE_CONDITION))) {
      if (!repository.exists(`${folder}/${source}`)) failures.push({ file, message: `${at}: there is no ${source}` })
    }
    return failures
  })
}

function leaves(node: unknown): string[] {
  if (typeof node === 'string') return [node]
  return typeof node === 'object' && node !== null ? Object.values(node).flatMap(leaves) : []
}
