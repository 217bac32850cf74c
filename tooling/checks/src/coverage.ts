/**
 * Packages that say `"postroad": { "coverage": true }` have tests that take every branch, call every function and run
 * every statement, without the help of data that may not be there.
 */

import { readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Check, Failure } from './check.ts'
import { runTool } from './process.ts'
import { lineAt, type Package, type Repository } from './repository.ts'

/** Where the run writes. */
const FOLDER = '.cache/coverage'

/** What would hide a branch. */
const IGNORES = /(?:v8|c8|istanbul|node:coverage) (?:ignore|disable)/

/** Where something lies in a source. */
interface Place {
  readonly start: { readonly line?: number }
}

/** What vitest writes of one file: how often each statement, function and path of a branch was taken. */
export interface FileCoverage {
  readonly statementMap: Readonly<Record<string, Place>>
  readonly s: Readonly<Record<string, number>>
  readonly fnMap: Readonly<Record<string, { readonly loc: Place }>>
  readonly f: Readonly<Record<string, number>>
  readonly branchMap: Readonly<Record<string, { readonly loc: Place; readonly locations: readonly Place[] }>>
  readonly b: Readonly<Record<string, readonly number[]>>
}

/** Runs the tests of the packages that promise it, and names what they leave out. */
export function coverageCheck(repository: Repository): Check {
  return {
    name: 'coverage',
    run: async () => {
      const covered = repository.packages().filter(({ manifest }) => manifest.postroad?.coverage === true)
      if (covered.length === 0) return []
      const ignored = covered.flatMap(({ folder }) => ignoresIn(repository, folder))
      return [...ignored, ...(await leftOut(repository, covered))]
    },
  }
}

/** Comments that would hide what is left out. */
function ignoresIn(repository: Repository, folder: string): Failure[] {
  return repository.files(`${folder}/src`, ['.ts']).flatMap((file) => {
    const text = repository.read(file)
    const at = text.search(IGNORES)
    return at === -1 ? [] : [{ file, line: lineAt(text, at), message: 'tests must reach it: no comment may hide it' }]
  })
}

async function leftOut(repository: Repository, packages: readonly Package[]): Promise<Failure[]> {
  const folder = join(repository.root, FOLDER)
  rmSync(folder, { recursive: true, force: true })
  const included = packages.map((one) => `--coverage.include=${one.folder}/src/**`)
  const reports = ['--coverage.reporter=json', `--coverage.reportsDirectory=${folder}`, '--reporter=dot']
  // Pure packages need no worker of their own for each file, and nothing else runs meanwhile.
  const workers = ['--no-isolate', '--maxWorkers=100%']
  const { ok, output } = await runTool(
    'vitest',
    ['run', ...packages.map((one) => `${one.folder}/`), '--coverage', ...included, ...reports, ...workers],
    repository.root,
    // The tests' own tables are enough.
    { env: { POSTROAD_CORPUS: join(folder, 'none') } },
  )
  if (!ok) return [{ message: `the tests failed\n${output}` }]
  const files: Readonly<Record<string, FileCoverage>> = JSON.parse(
    readFileSync(join(folder, 'coverage-final.json'), 'utf8'),
  )
  return Object.entries(files)
    .flatMap(([path, coverage]) => unreached(relative(repository.root, path), coverage))
    .toSorted((a, b) => ((a.file ?? '') < (b.file ?? '') ? -1 : 1))
}

/** What no test of a file reached: a line once, by the first of what it leaves out. */
export function unreached(file: string, coverage: FileCoverage): Failure[] {
  const { statementMap, s, fnMap, f, branchMap, b } = coverage
  const lines = new Map<number, string>()
  const note = (place: Place | undefined, message: string): void => {
    const { line = 1 } = place?.start ?? {}
    if (!lines.has(line)) lines.set(line, message)
  }
  for (const [id, count] of Object.entries(f)) if (count === 0) note(fnMap[id]?.loc, 'no test calls this function')
  for (const [id, count] of Object.entries(s)) if (count === 0) note(statementMap[id], 'no test comes here')
  for (const [id, counts] of Object.entries(b)) {
    const branch = branchMap[id]
    for (const [n, count] of counts.entries()) {
      const place = branch?.locations[n]
      if (count === 0) note(place?.start.line === undefined ? branch?.loc : place, 'a branch here is taken by no test')
    }
  }
  return [...lines].map(([line, message]) => ({ file, line, message })).toSorted((a, b2) => a.line - b2.line)
}
