/**
 * What is published works for whoever installs one package and nothing else: every entry point loads and its declarations
 * compile, every command answers, and the examples of the README compile and print what they say, on the Node that runs here
 * and on the oldest that the packages promise.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startAgreeableHost } from './agreeable-host.ts'
import type { Check, Failure } from './check.ts'
import { readPrints, readQuotes } from './examples.ts'
import { type Node, oldestNode } from './oldest-node.ts'
import { installPacked, type PackedProject } from './packed-project.ts'
import { runTool } from './process.ts'
import { entriesOf, publishedPackages } from './published.ts'
import type { Repository } from './repository.ts'

/** Examples that run at the same time. */
const AT_ONCE = 2

/** How long an example may take. */
const EXAMPLE_LIMIT_MS = 60_000

/** One example, laid before the taker of its package. */
interface Laid {
  readonly readme: string
  readonly line: number
  /** Absolute; the source, beside which the compiler writes the script. */
  readonly file: string
  readonly text: string
}

/** Installs what is published, and uses it. */
export function packedCheck(repository: Repository): Check {
  return {
    name: 'packed',
    run: async () => {
      const made = await installPacked(repository)
      if (!made.ok) return made.failures
      const oldest = await oldestNode(repository)
      if (!oldest.ok) return oldest.failures
      const examples = layExamples(repository, made.value)
      const nodes = [{ version: process.versions.node, path: process.execPath }, oldest.value]
      return [
        ...(await loadEntries(repository, made.value)),
        ...(await askCommands(repository, made.value)),
        ...(await compileAll(made.value)),
        ...(await runExamples(examples, nodes)),
      ]
    },
  }
}

/** Writes every example, and a program that names every entry point, before the takers. */
function layExamples(repository: Repository, { takers }: PackedProject): Laid[] {
  return publishedPackages(repository).flatMap((one) => {
    const taker = takers.get(one.manifest.name ?? '') ?? ''
    // What the tarball brought, not what lies in the repository.
    const readme = join(taker, 'node_modules', one.manifest.name ?? '', 'README.md')
    const names = entriesOf(one).map(
      ({ specifier }, at) => `import * as entry${at} from '${specifier}'\nvoid entry${at}\n`,
    )
    writeFileSync(join(taker, 'entries.ts'), names.join(''))
    if (!existsSync(readme)) return []
    return readQuotes(readFileSync(readme, 'utf8')).map(({ name, line, text }) => {
      const file = join(taker, name)
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, text)
      return { readme: `${one.folder}/README.md`, line, file, text }
    })
  })
}

/** Imports every entry point that is no program, in one process: modules are found by where the importer lies. */
async function loadEntries(repository: Repository, { folder, takers }: PackedProject): Promise<Failure[]> {
  const loads = publishedPackages(repository).flatMap((one) => {
    const taker = takers.get(one.manifest.name ?? '') ?? ''
    const optional = Object.entries(one.manifest.peerDependenciesMeta ?? {}).flatMap(([name, { optional: is }]) =>
      is === true ? [name] : [],
    )
    const entries = entriesOf(one).map(({ specifier, types }) => ({
      specifier,
      program: repository.exists(types) && isProgram(repository.read(types)),
    }))
    const module = join(taker, 'load.mjs')
    writeFileSync(module, LOADER)
    return [{ module, folder: one.folder, entries, optional }]
  })
  const program = `for (const load of ${JSON.stringify(loads)}) {
    const { default: run } = await import(load.module)
    for (const said of await run(load)) console.log(JSON.stringify({ file: load.folder, message: said }))
  }`
  const { ok, output } = await runTool(process.execPath, ['--input-type=module', '--eval', program], folder, {
    env: CLEAN,
  })
  if (!ok) return [{ message: `the entry points cannot be loaded\n${output}` }]
  return output === '' ? [] : output.split('\n').map(readFailure)
}

/** A program, or a thread, runs when it is imported, and has nothing to import: so its declarations say. */
const isProgram = (declarations: string): boolean =>
  /^export \{\s*\};?$/m.test(declarations) && !/^export (?!\{\s*\})/m.test(declarations)

/** Stands before each taker, so that what it imports is found from there. */
const LOADER = `import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
export default async ({ entries, optional }) => {
  const said = []
  for (const { specifier, program } of entries) {
    try {
      if (!existsSync(fileURLToPath(import.meta.resolve(specifier)))) said.push(specifier + ' leads to no file')
      else if (!program) await import(specifier)
    } catch (error) {
      const wanted = optional.some((name) => error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes("'" + name + "'"))
      if (!wanted) said.push(specifier + ' cannot be imported: ' + error.message)
    }
  }
  return said
}
`

function readFailure(line: string): Failure {
  try {
    const failure: Failure = JSON.parse(line)
    return failure
  } catch {
    return { message: `an entry point says when it is imported: ${line}` }
  }
}

/** Every command answers, found as npm lays it. */
async function askCommands(repository: Repository, { takers }: PackedProject): Promise<Failure[]> {
  const failures: Failure[] = []
  for (const { folder, manifest } of publishedPackages(repository)) {
    const taker = takers.get(manifest.name ?? '') ?? ''
    for (const command of Object.keys(manifest.bin ?? {})) {
      const { ok, output } = await runTool(join(taker, 'node_modules/.bin', command), ['--help'], taker, { env: CLEAN })
      if (!ok) failures.push({ file: folder, message: `the command ${command} --help fails\n${output}` })
    }
  }
  return failures
}

/** Compiles examples and entry points in one program, as a strict project of today does, and writes JavaScript. */
async function compileAll({ folder }: PackedProject): Promise<Failure[]> {
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2023'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    types: ['node'],
    strict: true,
    skipLibCheck: false,
    rootDir: '.',
  }
  const include = ['takers/*/entries.ts', 'takers/*/examples/*.ts']
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }))
  const { ok, output } = await runTool('tsc', ['-p', folder], folder)
  return ok ? [] : [{ message: `a strict project that installs the packages cannot compile them\n${output}` }]
}

async function runExamples(examples: readonly Laid[], nodes: readonly Node[]): Promise<Failure[]> {
  const redis = examples.some(({ text }) => text.includes('REDIS_URL')) ? await openRedis() : undefined
  const host = await startAgreeableHost()
  const given = { SMTP_PORT: String(host.port), ...(redis && { REDIS_URL: redis.url }) }
  try {
    const waiting = [...examples]
    const failures: Failure[] = []
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { readme, line } = next
        let message: string | undefined
        // What fails on one Node is told of that one.
        for (const node of nodes) message ??= await runExample(next, node, given)
        if (message !== undefined) failures.push({ file: readme, line, message })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    return failures.toSorted((a, b) => ((a.file ?? '') < (b.file ?? '') ? -1 : 1))
  } finally {
    await redis?.stop()
    await host.stop()
  }
}

/** What is wrong with one run; `undefined` where it prints what the example says. */
async function runExample(
  { file, text }: Laid,
  { version, path }: Node,
  given: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  // What an old Node warns of, because it is new there, is no fault of ours.
  const env = { ...CLEAN, ...given, ...(path !== process.execPath && { NODE_NO_WARNINGS: '1' }) }
  const script = file.replace(/\.ts$/, '.js')
  const { ok, output } = await runTool(path, [script], dirname(file), { env, limitMs: EXAMPLE_LIMIT_MS })
  // Lines of mail end with CRLF; a comment's do not.
  const printed = output.replaceAll('\r', '')
  const where = `where the packed package is installed, on Node ${version}`
  if (!ok) return `the example fails ${where}\n${printed}`
  return printed === (readPrints(text) ?? '').trim()
    ? undefined
    : `the example prints something else ${where}\n${printed}`
}

async function openRedis(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { provideRedis } = await import('../../redis/src/index.ts')
  return provideRedis()
}

/** Our own conditions must not reach what is published. */
const CLEAN: Readonly<Record<string, string>> = { NODE_OPTIONS: '' }
