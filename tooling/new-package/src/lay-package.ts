/** Writes the files of a new package; refuses a folder that exists. */

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What a new package is. */
export interface NewPackage {
  /** The repository's root folder. */
  readonly root: string
  /** Kebab-case noun; the npm name becomes `@postroad/NAME` (apps: `@postroad/app-NAME`). */
  readonly name: string
  /** Its rung on the ladder, 0 to 12. */
  readonly level: number
  /** One sentence, for the README and the manifest. */
  readonly about: string
  /** Lay it under `apps/` and keep it off the registry. */
  readonly app: boolean
  /** Entry points beside `.`: `testing`, `memory`. */
  readonly entries: readonly string[]
}

/** Lays the package and gives its folder, relative to the root. Throws where the folder exists. */
export async function layPackage(options: NewPackage): Promise<string> {
  const folder = `${options.app ? 'apps' : 'packages'}/${options.name}`
  await mkdir(dirname(join(options.root, folder)), { recursive: true })
  await mkdir(join(options.root, folder))
  for (const [path, text] of Object.entries(filesOf(options))) {
    const file = join(options.root, folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  return folder
}

function filesOf({ name, level, about, app, entries }: NewPackage): Record<string, string> {
  const scope = app ? `@postroad/app-${name}` : `@postroad/${name}`
  const testing = entries.includes('testing')
  const manifest = {
    name: scope,
    version: '0.0.0',
    ...(app && { private: true }),
    description: about,
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    engines: { node: '>=22.19' },
    files: ['dist'],
    exports: {
      '.': entry('index'),
      ...Object.fromEntries(
        entries.map((path) => [`./${path}`, entry(path === 'testing' ? 'testing/index' : path)] as const),
      ),
    },
    postroad: { level },
    scripts: {
      build: `tsup --silent && ${declarations('.')}${testing ? ` && ${declarations('tsconfig.testing.json')}` : ''}`,
      types: 'tsc -p . && tsc -p test',
    },
    devDependencies: {
      '@postroad/tooling-tsup': 'workspace:^',
      ...(testing && { vitest: 'catalog:' }),
    },
    ...(testing && {
      peerDependencies: { vitest: '>=3' },
      peerDependenciesMeta: { vitest: { optional: true } },
    }),
  }
  const preset = level <= 5 ? 'pure' : 'node'
  return {
    'package.json': json(manifest),
    'tsconfig.json': json({ extends: `../../tooling/tsconfig/${preset}.json` }),
    ...(testing && { 'tsconfig.testing.json': json({ extends: '../../tooling/tsconfig/testing.json' }) }),
    'test/tsconfig.json': json({ extends: '../../../tooling/tsconfig/test.json' }),
    'tsup.config.ts': "import { preset } from '@postroad/tooling-tsup'\n\nexport default preset()\n",
    'README.md': readmeOf(scope, about, level, app, testing),
    'src/index.ts': `/**\n * ${about}\n *\n * @packageDocumentation\n */\n\n${PLACEHOLDER}`,
    ...(entries.includes('memory') && { 'src/memory.ts': `/** The memory version of the port. */\n\n${PLACEHOLDER}` }),
    ...(testing && { 'src/testing/index.ts': `/** The contract suite of the port. */\n\n${PLACEHOLDER}` }),
    'test/index.test.ts': TEST,
  }
}

/** An export is needed, or the file is no module; the package's first real export takes its place. */
const PLACEHOLDER = `/** Takes the place of the first export, and goes with it. */
export const placeholder = true
`

const TEST = `import { expect, it } from 'vitest'
import { placeholder } from '../src/index.ts'

it('has an entry point', () => {
  expect(placeholder).toBe(true)
})
`

/** The sections that `pnpm check readmes` asks for. */
function readmeOf(scope: string, about: string, level: number, app: boolean, port: boolean): string {
  const sections = app ? ['Use', 'Place'] : ['Use', 'Guarantees', 'Limits', 'Place', ...(port ? ['Implementing'] : [])]
  const texts = sections.map(
    (section) => `\n## ${section}\n\n${section === 'Place' ? `Level ${level}.` : 'Not written yet.'}\n`,
  )
  return `# ${scope}\n\n${about}\n${texts.join('')}`
}

function entry(source: string): Record<string, string> {
  return {
    '@postroad/source': `./src/${source}.ts`,
    types: `./dist/${source}.d.ts`,
    default: `./dist/${source}.js`,
  }
}

function declarations(project: string): string {
  return `tsc -p ${project} --customConditions null --noEmit false --emitDeclarationOnly --outDir dist --rootDir src`
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
