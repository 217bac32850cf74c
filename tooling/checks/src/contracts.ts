/**
 * Every implementation of a port is seen to keep its contract: a test of its package calls the suite that the port's package
 * exports, and that test ran and passed.
 *
 * Whether it ran is read from the report of the last `pnpm test`, where that is newer than the sources; what it does not tell
 * runs here.
 */

import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import type { Check, Failure } from './check.ts'
import { readCode } from './code.ts'
import { readImports } from './imports.ts'
import { type Implementation, type Suite, findImplementations, findSuites } from './ports.ts'
import { runTool } from './process.ts'
import type { Repository } from './repository.ts'

/** What `pnpm test` writes. */
export const TEST_REPORT = '.cache/vitest.json'

/** What a run of this check writes. */
const OWN_REPORT = '.cache/contracts.json'

/** The tests that run the suite for an implementation. */
interface Claim {
  readonly implementation: Implementation
  readonly tests: readonly string[]
}

/** Looks for a suite that ran behind every implementation. */
export function contractsCheck(repository: Repository): Check {
  return {
    name: 'contracts',
    run: async () => {
      const suites = findSuites(repository)
      const claims = findImplementations(repository, suites).map((implementation) => ({
        implementation,
        tests: testsOf(repository, implementation, suites),
      }))
      return [
        ...suites.filter(({ port }) => port === undefined).map(sayNoPort),
        ...claims.filter(({ tests }) => tests.length === 0).map(sayNoTest),
        ...(await judgeRuns(repository, suites, claims)),
      ]
    },
  }
}

function sayNoPort({ package: { folder }, name }: Suite): Failure {
  const message = `${name} is the suite of no port: the package exports no type of that name`
  return { file: `${folder}/src/testing`, message }
}

function sayNoTest({ implementation: { file, line, makers, suite } }: Claim): Failure {
  const message = `${makers.join(', ')} makes a ${suite.port}, and no test of the package calls ${suite.name} for it`
  return { file, line, message }
}

/** The tests of the package that call the suite, or one that runs it, and name a maker or the file it lies in. */
function testsOf(
  repository: Repository,
  { package: { folder }, file, makers, suite }: Implementation,
  suites: readonly Suite[],
): string[] {
  const calls = suites.filter(({ name, runs }) => name === suite.name || runs.includes(suite.name))
  const names = (text: string, wanted: readonly string[]): boolean =>
    wanted.some((name) => new RegExp(String.raw`\b${name}\b`).test(text))
  return repository.files(`${folder}/test`, ['.test.ts']).filter((test) => {
    const text = readCode(repository.read(test)).bare
    const called = calls.some(({ name }) => new RegExp(String.raw`^[^'"\n]*\b${name}\(`, 'm').test(text))
    if (!called) return false
    const imported = importedBy(repository, test)
    const helpers = imported.filter((path) => path.startsWith(`${folder}/test/`)).map((path) => repository.read(path))
    return imported.includes(file) || [text, ...helpers].some((source) => names(source, makers))
  })
}

/** What a test imports relatively: the sources it names, and the helpers beside it. */
function importedBy(repository: Repository, file: string): string[] {
  return readImports(repository.read(file))
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => posix.join(posix.dirname(file), specifier))
    .filter((path) => repository.exists(path))
}

/** What vitest reports of one file. */
interface FileReport {
  /** Absolute. */
  readonly name: string
  readonly assertionResults: readonly { readonly ancestorTitles: readonly string[]; readonly status: string }[]
}

/** What vitest reports of a run. */
interface RunReport {
  /** Milliseconds since the epoch. */
  readonly startTime: number
  readonly testResults: readonly FileReport[]
}

async function judgeRuns(
  repository: Repository,
  suites: readonly Suite[],
  claims: readonly Claim[],
): Promise<readonly Failure[]> {
  const told = new Map<string, FileReport>()
  const last = readReport(repository, TEST_REPORT)
  const untold = new Set<string>()
  for (const { implementation, tests } of claims) {
    const changedAt = newestOf(repository, [implementation.package.folder, implementation.suite.package.folder])
    for (const test of tests) {
      const report = last !== undefined && last.startTime > changedAt ? last.files.get(test) : undefined
      if (report === undefined) untold.add(test)
      else told.set(test, report)
    }
  }
  if (untold.size > 0) {
    rmSync(join(repository.root, OWN_REPORT), { force: true })
    const report = ['--reporter=json', `--outputFile=${join(repository.root, OWN_REPORT)}`]
    const { output } = await runTool('vitest', ['run', ...untold, ...report], repository.root)
    const own = readReport(repository, OWN_REPORT)
    if (own === undefined) return [{ message: `the contract suites do not run\n${output}` }]
    for (const [file, found] of own.files) told.set(file, found)
  }
  return claims.flatMap(({ implementation, tests }) =>
    tests.flatMap((test) => judgeRun(test, portsOf(implementation.suite, suites), told.get(test))),
  )
}

/** The ports whose tests a suite has: its own, or those of the suites it runs. */
function portsOf({ port, runs }: Suite, suites: readonly Suite[]): string[] {
  const ports = runs.length === 0 ? [port] : suites.filter(({ name }) => runs.includes(name)).map((suite) => suite.port)
  return ports.filter((name) => name !== undefined)
}

function judgeRun(file: string, ports: readonly string[], report: FileReport | undefined): Failure[] {
  return ports.flatMap((port) => {
    const results = (report?.assertionResults ?? []).filter(({ ancestorTitles }) =>
      ancestorTitles.some((title) => title.endsWith(`keeps the ${port} contract`)),
    )
    if (results.some(({ status }) => status === 'failed')) return [{ file, message: `breaks the ${port} contract` }]
    if (results.some(({ status }) => status === 'passed')) return []
    return [{ file, message: `no test of the ${port} contract ran ("keeps the ${port} contract")` }]
  })
}

function readReport(
  { root }: Repository,
  file: string,
): { readonly startTime: number; readonly files: ReadonlyMap<string, FileReport> } | undefined {
  if (!existsSync(join(root, file))) return undefined
  try {
    const { startTime, testResults }: RunReport = JSON.parse(readFileSync(join(root, file), 'utf8'))
    return { startTime, files: new Map(testResults.map((report) => [relative(root, report.name), report])) }
  } catch {
    // Cut off while it was written: as good as none.
    return undefined
  }
}

/** When a source or test below the folders was last changed, in milliseconds since the epoch. */
function newestOf(repository: Repository, folders: readonly string[]): number {
  const files = folders.flatMap((folder) => repository.files(folder, ['.ts', '.lua']))
  return Math.max(0, ...files.map((file) => statSync(join(repository.root, file)).mtimeMs))
}
