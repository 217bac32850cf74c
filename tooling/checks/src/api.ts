/**
 * `docs/api/`: what each entry point of each published package exports, one report each, so that a change of what others
 * call is seen in the review. The check compares, and refuses a public name that no doc comment explains; `--write-api`
 * writes.
 *
 * The reports are made by API Extractor from the built declarations. One program holds all of them, which is why the whole
 * takes seconds.
 */

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type * as ApiExtractor from '@microsoft/api-extractor'
import { buildPackages } from './build.ts'
import type { Check, Failure } from './check.ts'
import { type Entry, entriesOf, publishedPackages } from './published.ts'
import type { Repository } from './repository.ts'

/** Where the reports are kept. */
export const API_FOLDER = 'docs/api'

/** How a report ends. */
const END = '.api.md'

/** A report as it should be. */
interface Report {
  /** Relative to the root. */
  readonly file: string
  readonly text: string
}

/** Reports, and what stands in their way. */
interface Reports {
  readonly reports: readonly Report[]
  readonly failures: readonly Failure[]
}

/** Compares the reports with what the packages export. */
export function apiCheck(repository: Repository): Check {
  return {
    name: 'api',
    run: async () => {
      const { reports, failures } = await makeReports(repository)
      const expected = new Set(reports.map(({ file }) => file))
      const left = repository.files(API_FOLDER, [END]).filter((file) => !expected.has(file))
      return [
        ...failures,
        ...reports.flatMap((report) => [...compare(repository, report), ...unexplained(report)]),
        ...(failures.length === 0 ? left.map((file) => ({ file, message: 'is the report of no entry point' })) : []),
      ]
    },
  }
}

/** Writes every report anew, and takes away those of entry points that are no more. */
export async function writeApi(repository: Repository): Promise<void> {
  const { reports, failures } = await makeReports(repository)
  if (reports.length === 0 && failures.length > 0) return
  rmSync(join(repository.root, API_FOLDER), { recursive: true, force: true })
  mkdirSync(join(repository.root, API_FOLDER), { recursive: true })
  for (const { file, text } of reports) writeFileSync(join(repository.root, file), text)
}

function compare(repository: Repository, { file, text }: Report): Failure[] {
  const mend = 'pnpm check api --write-api writes it'
  if (!repository.exists(file)) return [{ file, message: `is missing: ${mend}` }]
  const before = repository.read(file)
  if (before === text) return []
  const [was, is] = [before.split('\n'), text.split('\n')]
  const at = is.findIndex((line, index) => line !== was[index])
  const line = at === -1 ? is.length : at
  return [
    {
      file,
      line: line + 1,
      message: `is not what the package exports: ${mend}\n- ${was[line] ?? ''}\n+ ${is[line] ?? ''}`,
    },
  ]
}

/**
 * A member that tells its type from others of a union, or its error from other errors: the type says it all; and one that
 * only the package itself uses.
 */
const SPEAKS_FOR_ITSELF = /^protected |^(?:readonly )?(?:\w+: (?:'[^']*'|true|false);|name(?:: string;| = "\w+";))$/

/** The names of a report without a doc comment. Members of a class that implements an interface are explained there. */
function unexplained({ file, text }: Report): Failure[] {
  const failures: Failure[] = []
  const lines = text.split('\n')
  let owner = ''
  let asPromised = false
  for (const [at, line] of lines.entries()) {
    if (/^(?:export )?(?:declare |abstract )*(?:class|interface|function|const|let|type|namespace) /.test(line)) {
      owner = /(?:class|interface|function|const|let|type|namespace) (\w+)/.exec(line)?.[1] ?? ''
      asPromised = /\bclass\b.* implements /.test(line)
    }
    if (!line.endsWith('(undocumented)')) continue
    const name = lines.slice(at + 1).find((next) => !next.trimStart().startsWith('//')) ?? ''
    const inside = name.startsWith(' ')
    if (inside && (asPromised || SPEAKS_FOR_ITSELF.test(name.trim()))) continue
    const where = inside ? `${owner}: ` : ''
    failures.push({ file, line: at + 1, message: `has no doc comment: ${where}${name.trim()}` })
  }
  return failures
}

async function makeReports(repository: Repository): Promise<Reports> {
  const unbuilt = await buildPackages(repository)
  if (unbuilt.length > 0) return { reports: [], failures: unbuilt }
  const packages = publishedPackages(repository).map((one) => ({ ...one, entries: entriesOf(one) }))
  const entries = packages.flatMap((one) => one.entries)
  const missing = entries.filter(({ types }) => !repository.exists(types))
  if (missing.length > 0) {
    return { reports: [], failures: missing.map(({ types }) => ({ file: types, message: 'was not built' })) }
  }
  if (entries.length === 0) return { reports: [], failures: [] }

  // Heavy, and only this check needs it.
  const extractor = await import('@microsoft/api-extractor')
  const { CompilerState, Extractor, ExtractorLogLevel } = extractor
  const made: Report[] = []
  const failures: Failure[] = []
  let program: ApiExtractor.CompilerState | undefined
  for (const one of packages) {
    for (const entry of one.entries) {
      const config = configOf(repository, one.folder, entry, entries, extractor)
      program ??= CompilerState.create(config, {
        additionalEntryPoints: entries.map(({ types }) => join(repository.root, types)),
      })
      Extractor.invoke(config, {
        compilerState: program,
        localBuild: true,
        messageCallback: (message) => {
          message.handled = true
          if (message.logLevel === ExtractorLogLevel.Error) failures.push({ file: entry.types, message: message.text })
        },
      })
    }
    const texts = one.entries.map((entry) => repository.read(`${WORK}/${entry.name}${END}`))
    const exported = new Set(texts.flatMap(namesIn))
    for (const [n, { name }] of one.entries.entries())
      made.push({ file: `${API_FOLDER}/${name}${END}`, text: withoutKnown(texts[n] ?? '', exported) })
  }
  return { reports: made, failures }
}

/** Where API Extractor writes. */
const WORK = '.cache/api'

function configOf(
  { root }: Repository,
  folder: string,
  entry: Entry,
  all: readonly Entry[],
  { ExtractorConfig, ExtractorLogLevel }: typeof ApiExtractor,
): ApiExtractor.ExtractorConfig {
  mkdirSync(join(root, WORK), { recursive: true })
  const report = `${entry.name}${END}`
  rmSync(join(root, WORK, report), { force: true })
  const { Error: refused, None: none } = ExtractorLogLevel
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, folder, 'package.json'),
    configObject: {
      projectFolder: join(root, folder),
      mainEntryPointFilePath: join(root, entry.types),
      newlineKind: 'lf',
      compiler: { overrideTsconfig: tsconfigOf(root, all) },
      apiReport: {
        enabled: true,
        reportFileName: report,
        reportFolder: join(root, WORK),
        reportTempFolder: join(root, WORK, 'made'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: refused } },
        extractorMessageReporting: {
          default: { logLevel: none },
          'ae-forgotten-export': { logLevel: none, addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: none } },
      },
    },
  })
}

/** The declarations as somebody sees them who imports the package. */
function tsconfigOf(root: string, entries: readonly Entry[]): object {
  return {
    compilerOptions: {
      target: 'ES2023',
      lib: ['ES2023', 'ESNext.Disposable'],
      module: 'NodeNext',
      moduleResolution: 'NodeNext',
      types: existsSync(join(root, 'node_modules/@types/node')) ? ['node'] : [],
      typeRoots: [join(root, 'node_modules/@types')],
      strict: true,
      skipLibCheck: true,
      noEmit: true,
    },
    files: entries.map(({ types }) => join(root, types)),
  }
}

/** The names that a report exports. */
function namesIn(report: string): string[] {
  return [...report.matchAll(/^export (?:declare |abstract )*[a-z]+ (\w+)/gm)].map(([, name = '']) => name)
}

/**
 * A report without the warning that it does not export what another entry point of the package does, and without the places of
 * the other warnings, which change with every line.
 */
function withoutKnown(report: string, exported: ReadonlySet<string>): string {
  const above = /^ *\/\/ Warning: \(ae-forgotten-export\) The symbol "(\w+)" .*\n(?: *\/\/\n)?/gm
  const below = /^\/\/ \S+ - (\(ae-forgotten-export\) The symbol "(\w+)" .*\n)/gm
  return report
    .replace(above, (whole, name: string) => (exported.has(name) ? '' : whole))
    .replace(below, (_, warning: string, name: string) => (exported.has(name) ? '' : `// ${warning}`))
    .replace(/^\/\/ Warnings were encountered during analysis:\n\/\/\n\n/m, '')
}
