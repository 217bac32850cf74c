import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Repository } from '../src/repository.ts'
import { unusedCheck } from '../src/unused.ts'
import { manifest, said, tree } from './tree.ts'

const modules = join(import.meta.dirname, '../../../node_modules')

const files = {
  'package.json': { name: 'root', private: true },
  'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
  'knip.jsonc': '{ "workspaces": { "packages/*": { "project": ["**/*.ts"] } } }',
  'packages/a/package.json': manifest('@postroad/a', 1, {
    exports: { '.': { '@postroad/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' } },
  }),
  'packages/a/src/index.ts': "export { one } from './one.ts'\n",
  'packages/a/src/one.ts': 'export const one = 1\n',
}

const workspace = (changes: Readonly<Record<string, unknown>> = {}): Repository => {
  const repository = tree({ ...files, ...changes })
  symlinkSync(modules, join(repository.root, 'node_modules'))
  return repository
}

it('nothing is said where everything is used', async () => expect(await said(unusedCheck(workspace()))).toEqual([]))

it.each([
  {
    what: 'file',
    changes: { 'packages/a/src/two.ts': 'export const two = 2\n' },
    says: 'packages/a/src/two.ts: is used by nobody',
  },
  {
    what: 'export',
    changes: { 'packages/a/src/one.ts': 'export const one = 1\nexport const two = 2\n' },
    says: 'packages/a/src/one.ts:2: two is exported, and nobody imports it',
  },
  {
    what: 'dependency',
    changes: {
      'packages/a/package.json': { ...files['packages/a/package.json'], dependencies: { vitest: '^5.0.0' } },
    },
    says: 'vitest is a dependency that no source imports',
  },
  {
    what: 'exception',
    changes: { 'knip.jsonc': files['knip.jsonc'].replace(' }', ', "ignoreDependencies": ["left-pad"] }') },
    says: 'knip.jsonc: left-pad packages/a knip.jsonc Remove from ignoreDependencies',
  },
])('an unused $what is refused', async ({ changes, says }) =>
  expect((await said(unusedCheck(workspace(changes)))).join('\n')).toContain(says),
)

it('a broken configuration is told as knip tells it', async () =>
  expect((await said(unusedCheck(workspace({ 'knip.jsonc': '{ "nothing": 1 }' })))).join('\n')).toMatch(
    /^knip refused\n/,
  ))
