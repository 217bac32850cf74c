/**
 * Examples: each file of a package's `examples/` stands in its README, letter by letter, and no published package is without.
 * Apps are: they are programs.
 *
 * A quoted example is a `ts` block whose first line is that of the file, `// examples/NAME.ts`; `--write-examples` brings
 * blocks up to date. That examples run, and print what they say under `// Prints:`, is the tests' part: they find Redis at
 * `REDIS_URL` and a mail server at `SMTP_PORT` of this machine.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Check, Failure } from './check.ts'
import { publishedPackages } from './published.ts'
import { type Repository, lineAt } from './repository.ts'

/** A `ts` block that begins with the line of an example. */
const QUOTE = /^```ts\n(\/\/ (examples\/[\w.-]+\.ts)\n[^]*?)^```$/gm

/** An example and the README that quotes it. */
interface Quote {
  /** Of the README, relative to the root. */
  readonly readme: string
  readonly line: number
  /** Of the example, relative to the root. */
  readonly file: string
  /** The block, without its fences. */
  readonly text: string
}

/** Compares quotes with files, both ways; asks published packages for a quote. */
export function examplesCheck(repository: Repository): Check {
  return {
    name: 'examples',
    run: async () => {
      const quotes = findQuotes(repository)
      return [
        ...findExamples(repository).flatMap((file) => checkExample(repository, file, quotes)),
        ...quotes.flatMap((quote) => checkQuote(repository, quote)),
        ...findWithout(repository, quotes),
      ]
    },
  }
}

/** Every example of a package, relative to the root. */
export function findExamples(repository: Repository): string[] {
  return repository.packages().flatMap(({ folder }) => repository.files(`${folder}/examples`, ['.ts']))
}

/** What an example says it prints: the comment under `// Prints:` at its end; `undefined` where it says nothing. */
export function readPrints(source: string): string | undefined {
  const [, after] = source.split('\n// Prints:\n')
  return after?.replace(/^\/\/ ?/gm, '')
}

/** Puts the text of each example into the block that quotes it. */
export function writeExamples(repository: Repository): void {
  for (const { folder } of repository.packages()) {
    const readme = `${folder}/README.md`
    if (!repository.exists(readme)) continue
    const before = repository.read(readme)
    const after = before.replace(QUOTE, (block, _text, name: string) =>
      repository.exists(`${folder}/${name}`) ? `\`\`\`ts\n${repository.read(`${folder}/${name}`)}\`\`\`` : block,
    )
    if (after !== before) writeFileSync(join(repository.root, readme), after)
  }
}

/** The examples that a README quotes. */
export function readQuotes(page: string): { readonly line: number; readonly name: string; readonly text: string }[] {
  return [...page.matchAll(QUOTE)].map(({ index, 1: text = '', 2: name = '' }) => ({
    line: lineAt(page, index),
    name,
    text,
  }))
}

function findQuotes(repository: Repository): Quote[] {
  return repository.packages().flatMap(({ folder }) => {
    const readme = `${folder}/README.md`
    if (!repository.exists(readme)) return []
    return readQuotes(repository.read(readme)).map(({ line, name, text }) => ({
      readme,
      line,
      file: `${folder}/${name}`,
      text,
    }))
  })
}

function checkExample(repository: Repository, file: string, quotes: readonly Quote[]): Failure[] {
  const failures: Failure[] = []
  const source = repository.read(file)
  const name = file.split('/').slice(2).join('/')
  if (!source.startsWith(`// ${name}\n`))
    failures.push({ file, line: 1, message: `the first line is not "// ${name}"` })
  if (readPrints(source) === undefined)
    failures.push({ file, message: 'does not end with "// Prints:" and what it prints' })
  if (!quotes.some((quote) => quote.file === file)) failures.push({ file, message: 'is quoted in no README' })
  return failures
}

function checkQuote(repository: Repository, { readme, line, file, text }: Quote): Failure[] {
  if (!repository.exists(file)) return [{ file: readme, line, message: `there is no ${file}` }]
  if (repository.read(file) === text) return []
  return [{ file: readme, line, message: `differs from ${file}; pnpm check examples --write-examples mends it` }]
}

/** The published packages of `packages/` whose README quotes no example. */
function findWithout(repository: Repository, quotes: readonly Quote[]): Failure[] {
  const readmes = publishedPackages(repository).map(({ folder }) => `${folder}/README.md`)
  return readmes
    .filter((readme) => readme.startsWith('packages/') && !quotes.some((quote) => quote.readme === readme))
    .map((file) => ({ file, message: 'quotes no example: a published package has one, in examples/' }))
}
