import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { enginesCheck } from '../src/engines.ts'
import { oldestVersion } from '../src/oldest-node.ts'
import type { Repository } from '../src/repository.ts'
import { manifest, said, tree } from './tree.ts'

const node = `.cache/node-22.19.0-${process.platform}-${process.arch}/node`
const files = {
  // Stands for the oldest Node: says what it was asked, and refuses.
  [node]: '#!/bin/sh\necho "$@"\nexit 1\n',
  'packages/a/package.json': manifest('@postroad/a', 4),
  'packages/a/test/a.test.ts': '',
  'packages/b/package.json': manifest('@postroad/b', 6),
  'packages/b/test/b.test.ts': '',
  'packages/store-redis/package.json': manifest('@postroad/store-redis', 9),
  'packages/store-redis/test/c.test.ts': '',
  'packages/d/package.json': manifest('@postroad/d', 1),
}

const repositoryWith = (changes: Readonly<Record<string, unknown>> = {}): Repository => {
  const repository = tree({ ...files, ...changes })
  chmodSync(join(repository.root, node), 0o755)
  return repository
}

describe('the oldest Node', () => {
  it.each([
    { named: ['>=22.19'], version: '22.19.0' },
    { named: ['>=24.1.2', '>=22.19'], version: '22.19.0' },
    { named: ['>=9.1', '>=22.19'], version: '9.1.0' },
    { named: ['^22', undefined], version: undefined },
  ])('of $named is $version', ({ named, version }) => {
    const manifests = named.map((engine, n) => [
      `packages/p${n}/package.json`,
      manifest(`@postroad/p${n}`, 1, { engines: { node: engine } }),
    ])
    expect(oldestVersion(tree(Object.fromEntries(manifests)))).toBe(version)
  })

  it('runs the suites, the pure ones together, and leaves out those that take minutes', async () => {
    const [pure, others, ...more] = await said(enginesCheck(repositoryWith()))
    expect(pure).toMatch(
      /^tests fail on Node 22\.19\.0\n.*vitest\.mjs run packages\/a\/ --reporter=dot --bail=10 --no-isolate/,
    )
    expect(others).toMatch(/vitest\.mjs run packages\/b\/ --reporter=dot --bail=10$/)
    expect(more).toEqual([])
  })

  it('runs every suite where it is asked to', async () => {
    const [, others] = await said(enginesCheck(repositoryWith(), { everySuite: true }))
    expect(others).toContain('run packages/b/ packages/store-redis/ --reporter=dot')
  })

  it('is content where the tests pass', async () =>
    expect(await said(enginesCheck(repositoryWith({ [node]: '#!/bin/sh\n' })))).toEqual([]))
})
