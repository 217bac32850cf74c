import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportsCheck } from '../src/exports.ts'
import { packedCheck } from '../src/packed.ts'
import type { Repository } from '../src/repository.ts'
import { manifest, said, tree } from './tree.ts'

const example = `// examples/x.ts
import { greet } from '@postroad/a'
import { readFileSync } from 'node:fs'
console.log(greet('Ada'), readFileSync.length)

// Prints:
// hello Ada 2
`

const version = { version: '0.0.0' }
const testing = {
  '@postroad/source': './src/testing.ts',
  types: './dist/testing.d.ts',
  default: './dist/testing.js',
}
const { exports: own } = manifest('', 1) as { exports: object }

/** Stands for the oldest Node, and is this one. */
const node = `.cache/node-22.19.0-${process.platform}-${process.arch}/node`

const files = {
  [node]: `#!/bin/sh\nexec '${process.execPath}' "$@"\n`,
  'package.json': { name: 'root', private: true, packageManager: 'pnpm@10.34.8' },
  'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
  LICENSE: 'MIT\n',
  'packages/a/package.json': manifest('@postroad/a', 1, {
    ...version,
    bin: { greet: './dist/greet.js' },
    dependencies: { '@postroad/b': 'workspace:^' },
    exports: { ...own, './testing': testing },
    peerDependencies: { 'not-installed': '>=1' },
    peerDependenciesMeta: { 'not-installed': { optional: true } },
  }),
  'packages/a/README.md': `# @postroad/a\n\n## Use\n\n\`\`\`ts\n${example}\`\`\`\n`,
  'packages/a/dist/index.js':
    "import { hello } from '@postroad/b'\nexport const greet = (name) => `${hello} ${name}`\n",
  'packages/a/dist/index.d.ts': 'export declare const greet: (name: string) => string;\n',
  // Stands for a contract suite: it needs what only those have who write tests.
  'packages/a/dist/testing.js': "import 'not-installed'\nexport const suite = 1\n",
  'packages/a/dist/testing.d.ts': 'export declare const suite: number;\n',
  'packages/a/dist/greet.js': '#!/usr/bin/env node\n',
  'packages/b/package.json': manifest('@postroad/b', 0, version),
  'packages/b/dist/index.js': "export const hello = 'hello'\n",
  'packages/b/dist/index.d.ts': "export declare const hello = 'hello';\n",
}

/** A workspace as pnpm leaves it. */
const workspace = (changes: Readonly<Record<string, unknown>> = {}): Repository => {
  const repository = tree({ ...files, ...changes })
  chmodSync(join(repository.root, node), 0o755)
  const link = join(repository.root, 'packages/a/node_modules/@postroad/b')
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync('../../../b', link)
  return repository
}

describe('packed packages', { timeout: 120_000 }, () => {
  it('are good where each works alone, and are packed once', async () => {
    const repository = workspace()
    expect(await said(exportsCheck(repository))).toEqual([])
    expect(await said(packedCheck(repository))).toEqual([])
    expect(await said(packedCheck(repository))).toEqual([])
    expect(readdirSync(join(repository.root, '.cache/packed'))).toHaveLength(1)
  })

  it('are refused where they import what they do not declare, or their example prints something else', async () => {
    const { dependencies: _, ...undeclared } = files['packages/a/package.json']
    const repository = workspace({
      'packages/a/package.json': undeclared,
      'packages/a/README.md': files['packages/a/README.md'].replace('// hello Ada', '// hello Bob'),
      // The neighbour, which installs both, must not hide it.
      'packages/c/package.json': manifest('@postroad/c', 2, version),
      'packages/c/dist/index.js': 'export const c = 1\n',
      'packages/c/dist/index.d.ts': 'export declare const c = 1;\n',
    })
    const failures = await said(packedCheck(repository))
    expect(failures).toEqual([
      expect.stringMatching(/^packages\/a: @postroad\/a cannot be imported: Cannot find package '@postroad\/b'/),
      expect.stringMatching(/^packages\/a\/README.md:5: the example fails where the packed package is installed/),
    ])
  })

  it('are refused where examples or declarations do not compile, or print something else', async () => {
    const repository = workspace({
      'packages/a/README.md': files['packages/a/README.md'].replace("greet('Ada')", "greet('Bob')"),
      'packages/b/dist/index.d.ts': "import type { Nothing } from 'nothing';\nexport declare const hello: Nothing;\n",
    })
    const failures = (await said(packedCheck(repository))).join('\n')
    expect(failures).toContain('cannot compile them')
    expect(failures).toContain("Cannot find module 'nothing'")
    expect(failures).toMatch(/README\.md:5: the example prints something else .*\nhello Bob 2/)
  })

  it('are refused where an entry point leads nowhere, or a command fails', async () => {
    const { 'packages/b/dist/index.js': _, ...without } = files
    const repository = workspace({ 'packages/a/dist/greet.js': '#!/usr/bin/env node\nprocess.exit(3)\n' })
    const broken = tree({
      ...without,
      'packages/a/package.json': manifest('@postroad/a', 1, { ...version, private: true }),
    })
    expect(await said(packedCheck(repository))).toEqual([
      expect.stringContaining('packages/a: the command greet --help fails'),
    ])
    const said1 = (await said(packedCheck(broken))).join('\n')
    expect(said1).toContain('packages/b: @postroad/b leads to no file')
    expect(existsSync(join(broken.root, '.cache/packed'))).toBe(true)
  })
})

describe('exports', { timeout: 120_000 }, () => {
  it('are refused by publint, with package and rule', async () => {
    const faulty = manifest('@postroad/b', 0, { ...version, bin: './dist/none.js', exports: { '.': './dist/none.js' } })
    const failures = (await said(exportsCheck(workspace({ 'packages/b/package.json': faulty })))).join('\n')
    expect(failures).toMatch(/^packages\/b\/package\.json: publint FILE_DOES_NOT_EXIST: /m)
  })

  it('are refused by attw, with package and rule', async () => {
    // Without its ending nobody but a bundler finds it.
    const endless = {
      'packages/b/dist/index.d.ts': "export { hello } from './hello';\n",
      'packages/b/dist/hello.d.ts': "export declare const hello = 'hello';\n",
    }
    const failures = (await said(exportsCheck(workspace(endless)))).join('\n')
    expect(failures).toMatch(/^packages\/b\/package\.json: attw InternalResolutionError/m)
  })

  it('without types are refused', async () => {
    const { 'packages/b/dist/index.d.ts': _, ...without } = files
    const untyped = manifest('@postroad/b', 0, { ...version, exports: { '.': { default: './dist/index.js' } } })
    const repository = tree({
      ...without,
      'packages/a/package.json': manifest('@postroad/a', 1, { ...version, private: true }),
      'packages/b/package.json': untyped,
    })
    expect(await said(exportsCheck(repository))).toContain('packages/b/package.json: attw: has no types')
  })
})
