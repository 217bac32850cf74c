/**
 * Ports, their contract suites and who implements them, found in the sources. Nobody keeps a list.
 *
 * A suite is an exported function `describeXContract` below `src/testing`; its port is the type `X` that the same package
 * exports, or the one whose name ends so. An implementation is a function, or a class, that an entry point exports and that
 * makes a port or what extends one. What only chooses among implementations, from level 10 on, is none.
 */

import { readCode } from './code.ts'
import { levelOf } from './ladder.ts'
import { entriesOf } from './published.ts'
import { lineAt, type Package, type Repository } from './repository.ts'

/** From this level on, packages put others together. */
const FIRST_COMPOSING_LEVEL = 10

/** A suite and the port it is for. */
export interface Suite {
  /** The package that has both. */
  readonly package: Package
  /** `describeControlContract`. */
  readonly name: string
  /** `QueueControl`; `undefined` where the package exports no such type. */
  readonly port: string | undefined
  /** The other suites that it runs; empty for one that has tests of its own. */
  readonly runs: readonly string[]
}

/** A source file that makes a port. */
export interface Implementation {
  readonly package: Package
  readonly suite: Suite & { readonly port: string }
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** What makes it, as a test names it. */
  readonly makers: readonly string[]
}

/** Every suite of the repository. */
export function findSuites(repository: Repository): Suite[] {
  return repository.packages().flatMap((one) => {
    const types = exportedNames(repository, one)
    return codeBelow(repository, `${one.folder}/src/testing`).flatMap(([, code]) =>
      [...code.matchAll(/^export function (describe(\w+)Contract)\b/gm)].map(
        ({ index, 1: name = '', 2: noun = '' }) => {
          const called = [...code.slice(index, endOfFunction(code, index)).matchAll(/\b(describe\w+Contract)\(/g)]
          return {
            package: one,
            name,
            port: types.has(noun) ? noun : [...types].find((type) => type.endsWith(noun)),
            runs: [...new Set(called.map(([, suite = '']) => suite))].filter((suite) => suite !== name),
          }
        },
      ),
    )
  })
}

/** Every implementation of the ports of these suites; one for each file and port. */
export function findImplementations(repository: Repository, suites: readonly Suite[]): Implementation[] {
  return repository
    .packages()
    .filter(({ manifest }) => (levelOf(manifest) ?? 0) < FIRST_COMPOSING_LEVEL)
    .flatMap((one) => {
      const seen = new Set([one.manifest.name, ...Object.keys(one.manifest.dependencies ?? {})])
      const known = suites.filter((suite) => seen.has(suite.package.manifest.name))
      if (known.length === 0) return []
      const exported = exportedNames(repository, one)
      const own = codeBelow(repository, `${one.folder}/src`).filter(([file]) => !file.includes('/src/testing/'))
      const theirs = known.flatMap((suite) => codeBelow(repository, `${suite.package.folder}/src`))
      const ports = withSubtypes(
        known,
        [...own, ...theirs].map(([, code]) => code),
      )
      return own.flatMap(([file, code]) => implementationsIn(one, file, code, ports, exported))
    })
}

/** The sources below a folder, without comments and strings. */
function codeBelow(repository: Repository, folder: string): (readonly [file: string, code: string])[] {
  return repository.files(folder, ['.ts']).map((file) => [file, readCode(repository.read(file)).bare])
}

/** Every name that an entry point of the package exports. */
function exportedNames(repository: Repository, one: Package): ReadonlySet<string> {
  const sources = entriesOf(one).flatMap(({ source }) => (repository.exists(source) ? [repository.read(source)] : []))
  return new Set(
    sources.flatMap((source) => {
      const { bare } = readCode(source)
      const lists = [...bare.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) => names.split(','))
      const direct = bare.matchAll(/^export (?:async |abstract )*(?:function|const|class|interface|type) (\w+)/gm)
      return [
        ...lists.map((name) =>
          name
            .trim()
            .replace(/^type /, '')
            .replace(/^.* as /, ''),
        ),
        ...[...direct].map(([, name = '']) => name),
      ]
    }),
  )
}

type PortSuite = Implementation['suite']

/** The suites by the name of their port, and of every interface that extends one. */
function withSubtypes(suites: readonly Suite[], sources: readonly string[]): ReadonlyMap<string, PortSuite> {
  const found = new Map<string, PortSuite>()
  for (const suite of suites) if (suite.port !== undefined) found.set(suite.port, { ...suite, port: suite.port })
  const extending = [...new Set(sources)].flatMap((source) =>
    [...source.matchAll(/\binterface (\w+)(?:<[^{]*?>)? extends ([^{]+)\{/g)].map(([, name = '', bases = '']) => ({
      name,
      bases: [...bases.matchAll(/\w+/g)].map(([base]) => base),
    })),
  )
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const { name, bases } of extending) {
      const base = bases.find((candidate) => found.has(candidate)) ?? ''
      const suite = found.get(base)
      if (suite !== undefined && !found.has(name)) found.set(name, suite)
    }
  }
  return found
}

/** What one file exports that makes a port. */
function implementationsIn(
  one: Package,
  file: string,
  code: string,
  ports: ReadonlyMap<string, PortSuite>,
  exported: ReadonlySet<string>,
): Implementation[] {
  const found = new Map<string, Implementation>()
  for (const { index, 1: kind = '', 2: name = '' } of code.matchAll(
    /^export (?:async |abstract )*(function|class) (\w+)/gm,
  )) {
    const suite = [...makes(code, index, kind)].map((type) => ports.get(type)).find((known) => known !== undefined)
    if (suite === undefined || !exported.has(name)) continue
    const { makers = [], line = lineAt(code, index) } = found.get(suite.port) ?? {}
    found.set(suite.port, { package: one, suite, file, line, makers: [...makers, name] })
  }
  return [...found.values()]
}

/** Where a function at the left margin ends at the latest: at its brace there, or at what is exported next. */
function endOfFunction(code: string, from: number): number {
  const end = code.slice(from + 1).search(/^(?:\}|export\b)/m)
  return end === -1 ? code.length : from + 1 + end
}

/** The types that a function gives, alone or as a promise, or that a class implements. */
function makes(code: string, from: number, kind: string): string[] {
  if (kind === 'class') {
    const [, list = ''] = /\simplements\s([^{]+)\{/.exec(code.slice(from, code.indexOf('{', from) + 1)) ?? []
    return [...list.matchAll(/\w+/g)].map(([type]) => type)
  }
  const result = code.slice(endOfParameters(code, from))
  const [, type] = /^\)\s*:\s*(?:Promise<)?([A-Z]\w*)/.exec(result) ?? []
  return type === undefined ? [] : [type]
}

/** Where the parameters of a function end: at their last parenthesis. */
function endOfParameters(code: string, from: number): number {
  let depth = 0
  for (let at = code.indexOf('(', from); at !== -1 && at < code.length; at++) {
    if (code[at] === '(') depth++
    if (code[at] === ')' && --depth === 0) return at
  }
  return code.length
}
