import { expect, it } from 'vitest'
import { entriesOf, publishedPackages } from '../src/published.ts'
import { manifest, tree } from './tree.ts'

it('what is private is not published', () => {
  const repository = tree({
    'packages/a/package.json': manifest('@postroad/a', 1),
    'apps/b/package.json': manifest('b', 12),
    'apps/c/package.json': manifest('@postroad/app-c', 11, { private: true }),
  })
  expect(publishedPackages(repository).map(({ folder }) => folder)).toEqual(['packages/a', 'apps/b'])
})

it('an entry point is source, declarations and script, those that everybody can load', () => {
  const conditions = {
    '@postroad/source': { node: './src/node.ts', default: './src/index.ts' },
    types: './dist/index.d.ts',
    node: './dist/node.js',
    default: './dist/index.js',
  }
  const exports = { '.': conditions, './deep/one': conditions, './package.json': './package.json', './no': {} }
  const entry = {
    source: 'packages/a/src/index.ts',
    types: 'packages/a/dist/index.d.ts',
    script: 'packages/a/dist/index.js',
  }
  expect(entriesOf({ folder: 'packages/a', manifest: manifest('@postroad/a', 1, { exports }) })).toEqual([
    { specifier: '@postroad/a', name: 'a', ...entry },
    { specifier: '@postroad/a/deep/one', name: 'a.deep.one', ...entry },
  ])
})
