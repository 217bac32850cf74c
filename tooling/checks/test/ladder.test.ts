import { describe, expect, it } from 'vitest'
import { ladderCheck } from '../src/ladder.ts'
import { manifest, said, tree } from './tree.ts'

const LADDER = { '1': ['packages/low'], '6': ['packages/high', 'packages/peer'] }
const preset = { name: '@postroad/tooling-tsup', postroad: { tooling: true } }

/** Two packages, one above the other, and what one file of the higher one holds. */
function check(options: {
  readonly source?: string
  readonly file?: string
  readonly high?: Readonly<Record<string, unknown>>
  readonly low?: Readonly<Record<string, unknown>>
}): Promise<string[]> {
  return said(
    ladderCheck(
      tree({
        'package.json': { devDependencies: { vitest: '1' } },
        'tooling/tsup/package.json': preset,
        'packages/low/package.json': manifest('@postroad/low', 1, options.low),
        'packages/low/src/index.ts': 'export const low = 1\n',
        'packages/peer/package.json': manifest('@postroad/peer', 6),
        'packages/high/package.json': manifest('@postroad/high', 6, {
          dependencies: { '@postroad/low': 'workspace:^', zod: 'catalog:' },
          devDependencies: { '@postroad/tooling-tsup': 'workspace:^', pino: 'catalog:' },
          ...options.high,
        }),
        [options.file ?? 'packages/high/src/index.ts']: options.source ?? '',
      }),
      LADDER,
    ),
  )
}

describe('a right package', () => {
  it('takes what is never published into its bundle', async () => {
    const high = { dependencies: {}, devDependencies: { '@postroad/low': 'workspace:^' } }
    const source = "import { low } from '@postroad/low'"
    expect(await check({ source, high, low: { private: true } })).toEqual([])
    expect(await check({ source, high })).toEqual([expect.stringContaining('is not in the dependencies')])
  })

  it.each([
    "import { low } from '@postroad/low'",
    "import type { low } from '@postroad/low'",
    "import {\n  low,\n} from '@postroad/low'\nimport zod from 'zod'",
    "import { x } from './x.ts'",
    "import { readFile } from 'node:fs'",
    "// import { y } from 'left-pad'\n/* import 'left-pad' */\nconst text = `import 'left-pad'`",
    'const text = "\\nimport { y } from \'left-pad\'"',
    "const pattern = /import 'left-pad'/",
  ])('may say %j', async (source) => {
    expect(await check({ source })).toEqual([])
  })

  it('may use in tests what only tests need', async () => {
    const source = "import pino from 'pino'\nimport { it } from 'vitest'\nimport { high } from '@postroad/high'\n"
    expect(await check({ source, file: 'packages/high/test/x.test.ts' })).toEqual([])
  })
})

describe('an import is refused', () => {
  it.each([
    { source: "\nimport { y } from 'left-pad'", says: ':2: left-pad is not in the dependencies' },
    { source: "export { y } from 'left-pad'", says: ':1: left-pad is not in the dependencies' },
    { source: "export * from 'left-pad/sub'", says: 'left-pad is not' },
    { source: "export type { Y } from '@scope/pad/sub'", says: '@scope/pad is not' },
    { source: "import 'left-pad'", says: 'left-pad is not' },
    { source: "const y = await import('left-pad')", says: 'left-pad is not' },
    { source: "type Y = import('left-pad').Y", says: 'left-pad is not' },
    { source: "const y = import.meta.resolve('left-pad')", says: 'left-pad is not' },
    { source: "const y = require.resolve('left-pad')", says: 'left-pad is not' },
    { source: 'const a = `${await import("left-pad")}`', says: 'left-pad is not' },
    { source: "import pino from 'pino'", says: 'pino is not in the dependencies' },
    { source: "import { it } from 'vitest'", says: 'vitest is not in the dependencies' },
    { source: "import { low } from '@postroad/low/src/index.ts'", says: 'is no entry in the exports of @postroad/low' },
    { source: "import { low } from '../../low/src/index.ts'", says: 'leaves the package' },
    { source: "import { x } from '@postroad/high'", says: 'is the package itself' },
    { source: "import { x } from '/etc/x.js'", says: 'neither relative nor a package' },
  ])('$source', async ({ source, says }) => {
    expect((await check({ source })).join('\n')).toContain(says)
  })

  it('of Node below level 6', async () => {
    const source = "import { readFile } from 'node:fs'"
    expect(await check({ source, file: 'packages/low/src/index.ts' })).toEqual([
      'packages/low/src/index.ts:1: node:fs: level 1 imports nothing of Node',
    ])
    expect(await check({ source, file: 'packages/low/test/x.test.ts' })).toEqual([])
  })
})

describe('a manifest is refused', () => {
  it.each([
    {
      high: { dependencies: { '@postroad/peer': 'workspace:^' } },
      says: '@postroad/peer (level 6) is not below level 6',
    },
    {
      high: { devDependencies: { '@postroad/peer': 'workspace:^' } },
      says: 'devDependencies: @postroad/peer (level 6)',
    },
    {
      high: { peerDependencies: { '@postroad/peer': 'workspace:^' } },
      says: 'peerDependencies: @postroad/peer (level 6)',
    },
    { high: { dependencies: { '@postroad/none': 'workspace:^' } }, says: 'there is no package @postroad/none' },
    { high: { dependencies: { '@postroad/low': '^1.0.0' } }, says: 'not "workspace:^"' },
    {
      high: { dependencies: { '@postroad/tooling-tsup': 'workspace:^' } },
      says: 'is tooling, for devDependencies only',
    },
    { high: { postroad: {} }, says: '"postroad": { "level": N } is missing' },
    { high: { postroad: { level: 7 } }, says: 'level 7 is 6 in tooling/checks/ladder.json' },
    {
      low: { dependencies: { '@postroad/high': 'workspace:^' } },
      says: '@postroad/high (level 6) is not below level 1',
    },
  ])('that $says', async ({ says, ...changes }) => {
    expect((await check(changes)).join('\n')).toContain(says)
  })

  it('of a package without a place on the ladder', async () => {
    const repository = tree({ 'packages/new/package.json': manifest('@postroad/new', 3) })
    expect(await said(ladderCheck(repository, LADDER))).toEqual([
      'packages/new/package.json: packages/new has no place in tooling/checks/ladder.json',
    ])
  })
})
