import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contractsCheck, TEST_REPORT } from '../src/contracts.ts'
import { findImplementations, findSuites } from '../src/ports.ts'
import type { Repository } from '../src/repository.ts'
import { manifest, said, tree } from './tree.ts'

const contract = {
  '@postroad/source': './src/testing/index.ts',
  types: './dist/testing/index.d.ts',
  default: './dist/testing/index.js',
}
const { exports: own } = manifest('', 1) as { exports: object }
const files = {
  'packages/queue/package.json': manifest('@postroad/queue', 5, { exports: { ...own, './testing': contract } }),
  'packages/queue/src/index.ts':
    "export type { Store } from './store.ts'\nexport { type Queue, type QueueControl } from './store.ts'\n",
  'packages/queue/src/store.ts':
    'export interface Store<Job> { queue: Queue<Job> }\nexport interface LocalStore<Job> extends Store<Job>, AsyncDisposable {}\n',
  'packages/queue/src/testing/index.ts': `
    export function describeQueueContract(name: string): void {}
export function describeQueueContract(name: string): void {}
export function describeControlContract(name: string): void {}
`,
  'packages/queue/src/testing/store.ts': `
export function describeStoreContract(name: string): void {
  describeQueueContract(name)
  describeControlContract(name)
}
`,
  'packages/store-x/package.json': manifest('@postroad/store-x', 9, {
    dependencies: { '@postroad/queue': 'workspace:^' },
  }),
  'packages/store-x/src/index.ts': "export { openStore } from './open.ts'\n",
  'packages/store-x/src/open.ts': `// A store.
export async function openStore<Job>(
  options: { open: () => Promise<number> } = {},
): Promise<LocalStore<Job>> {}
export function unseen(): Store<string> {}
`,
  'packages/store-x/test/contract.test.ts': `import { openStore } from '../src/index.ts'
describeStoreContract('The x store', { open: openStore })
`,
  'packages/parts/package.json': manifest('@postroad/parts', 10, {
    dependencies: { '@postroad/queue': 'workspace:^' },
  }),
  'packages/parts/src/index.ts': 'export function openAny(): Store<string> {}\n',
}

/** A run of all tests with these results of the contract test, later than every file. */
const reported = (
  changes: Readonly<Record<string, unknown>>,
  results: readonly (readonly [title: string, status: string])[],
  startTime: number = Date.now() + 60_000,
): Repository => {
  const repository = tree({ ...files, ...changes })
  mkdirSync(join(repository.root, '.cache'))
  const assertionResults = results.map(([title, status]) => ({ ancestorTitles: [title], status }))
  const testResults = [{ name: join(repository.root, 'packages/store-x/test/contract.test.ts'), assertionResults }]
  writeFileSync(join(repository.root, TEST_REPORT), JSON.stringify({ startTime, testResults }))
  return repository
}

const kept = [
  ['The x store keeps the Queue contract', 'passed'],
  ['The x store keeps the QueueControl contract', 'passed'],
] as const

describe('ports', () => {
  it('are found by their suites, implementations by what they make', () => {
    const repository = tree(files)
    const suites = findSuites(repository)
    expect(suites.map(({ name, port, runs }) => ({ name, port, runs }))).toEqual([
      { name: 'describeQueueContract', port: 'Queue', runs: [] },
      { name: 'describeControlContract', port: 'QueueControl', runs: [] },
      { name: 'describeStoreContract', port: 'Store', runs: ['describeQueueContract', 'describeControlContract'] },
    ])
    expect(
      findImplementations(repository, suites).map(({ file, line, makers, suite }) => [file, line, makers, suite.port]),
    ).toEqual([['packages/store-x/src/open.ts', 2, ['openStore'], 'Store']])
  })

  it('are implemented by exported classes too', () => {
    const source = 'export class XStore<Job> extends Base implements AsyncDisposable, Store<Job> {\n}\n'
    const repository = tree({
      ...files,
      'packages/store-x/src/index.ts': "export { XStore } from './open.ts'\n",
      'packages/store-x/src/open.ts': source,
    })
    const suites = findSuites(repository)
    expect(findImplementations(repository, suites).map(({ makers }) => makers)).toEqual([['XStore']])
  })
})

describe('contracts', () => {
  it('are kept where their suites ran and passed', async () =>
    expect(await said(contractsCheck(reported({}, kept)))).toEqual([]))

  it('are found through a helper beside the test', async () => {
    const changes = {
      'packages/store-x/test/contract.test.ts':
        "import { open } from './open.ts'\ndescribeStoreContract('x', { open })\n",
      'packages/store-x/test/open.ts': "import { openStore } from '../src/index.ts'\n",
    }
    expect(await said(contractsCheck(reported(changes, kept)))).toEqual([])
  })

  it.each([
    {
      changes: { 'packages/store-x/test/contract.test.ts': "import { openStore } from '../src/index.ts'\n" },
      says: 'packages/store-x/src/open.ts:2: openStore makes a Store, and no test of the package calls describeStoreContract',
    },
    {
      changes: { 'packages/store-x/test/contract.test.ts': '// describeStoreContract(openStore)\n' },
      says: 'no test of the package calls describeStoreContract',
    },
    {
      changes: { 'packages/store-x/test/contract.test.ts': "describeStoreContract('another one')\n" },
      says: 'no test of the package calls describeStoreContract',
    },
    {
      changes: { 'packages/queue/src/testing/more.ts': 'export function describeMailContract(): void {}\n' },
      says: 'packages/queue/src/testing: describeMailContract is the suite of no port',
    },
  ])('says: $says', async ({ changes, says }) =>
    expect((await said(contractsCheck(reported(changes, kept)))).join('\n')).toContain(says),
  )

  it('are broken where a test failed, and unknown where none ran', async () => {
    const [queue] = kept
    const skipped = ['The x store keeps the QueueControl contract', 'skipped'] as const
    expect(await said(contractsCheck(reported({}, [queue, skipped])))).toEqual([
      expect.stringContaining('contract.test.ts: no test of the QueueControl contract ran'),
    ])
    const failed = ['The x store keeps the QueueControl contract', 'failed'] as const
    expect(await said(contractsCheck(reported({}, [...kept, failed])))).toEqual([
      'packages/store-x/test/contract.test.ts: breaks the QueueControl contract',
    ])
  })

  it('run again where the report is older than a source', { timeout: 60_000 }, async () => {
    const repository = reported({}, kept)
    const later = Date.now() / 1000 + 120
    utimesSync(join(repository.root, 'packages/store-x/src/open.ts'), later, later)
    // The test cannot run here: it is not what a test file is.
    expect(await said(contractsCheck(repository))).toEqual(
      expect.arrayContaining([expect.stringMatching(/no test of the Queue contract ran|do not run/)]),
    )
  })
})
