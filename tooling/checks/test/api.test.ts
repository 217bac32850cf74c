import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { apiCheck, writeApi } from '../src/api.ts'
import type { Repository } from '../src/repository.ts'
import { manifest, said, tree } from './tree.ts'

const more = { '@postroad/source': './src/more.ts', types: './dist/more.d.ts', default: './dist/more.js' }
const { exports: own } = manifest('@postroad/a', 1) as { exports: object }
const files = {
  'packages/a/package.json': manifest('@postroad/a', 1, { exports: { ...own, './more': more } }),
  'packages/a/dist/index.d.ts': "/** One. */\nexport declare const one: 'one';\n",
  'packages/a/dist/more.d.ts':
    "import { one } from './index.js';\ninterface Hidden {\n  readonly of: typeof one;\n}\n/** Two. */\nexport declare function two(hidden: Hidden): void;\nexport {};\n",
  'packages/b/package.json': manifest('@postroad/b', 2, { private: true }),
}

const change = ({ root }: Repository, file: string, text: string): void => writeFileSync(join(root, file), text)

describe('reports of what packages export', { timeout: 60_000 }, () => {
  it('are one for each entry point, but of what is private', async () => {
    const repository = tree(files)
    expect(await said(apiCheck(repository))).toEqual([
      'docs/api/a.api.md: is missing: pnpm check api --write-api writes it',
      'docs/api/a.more.api.md: is missing: pnpm check api --write-api writes it',
    ])
    await writeApi(repository)
    expect(repository.read('docs/api/a.api.md')).toContain("export const one: 'one';")
    expect(repository.read('docs/api/a.more.api.md')).toContain('export function two(hidden: Hidden): void;')
    expect(await said(apiCheck(repository))).toEqual([])
  })

  it('tell what stands in a signature and cannot be imported', async () => {
    const repository = tree(files)
    await writeApi(repository)
    const report = repository.read('docs/api/a.more.api.md')
    expect(report).toContain('The symbol "Hidden" needs to be exported')
    // It stands in the package's other entry point.
    expect(report).not.toContain('The symbol "one" needs')
  })

  it('are refused where a name has no doc comment that needs one', async () => {
    const repository = tree({
      ...files,
      'packages/a/dist/index.d.ts': `
        /** One. */
        export declare const one: 'one';
        export declare const bare: number;
        /** One of two. */
        export interface One {
          readonly kind: 'one';
          readonly size: number;
          /** Not above 3. */
          readonly count: number;
        }
        /** Goes wrong. */
        export declare class Wrong extends Error {
          readonly name: string;
          readonly code: string;
        }
        /** Does as it is told. */
        export declare class Told implements One {
          readonly kind: 'one';
          readonly size: number;
          readonly count: number;
        }
      `,
    })
    await writeApi(repository)
    expect((await said(apiCheck(repository))).map((text) => text.replace(/^.*: has/, 'has'))).toEqual([
      'has no doc comment: export const bare: number;',
      'has no doc comment: One: readonly size: number;',
      'has no doc comment: Wrong: readonly code: string;',
    ])
  })

  it('are refused where the package exports something else', async () => {
    const repository = tree(files)
    await writeApi(repository)
    change(repository, 'packages/a/dist/index.d.ts', "/** One. */\nexport declare const one: 'another';\n")
    expect((await said(apiCheck(repository))).join('\n')).toMatch(
      /^docs\/api\/a\.api\.md:\d+: is not what the package exports.*\n- export const one: 'one';\n\+ export const one: 'another';$/,
    )
  })

  it('of an entry point that is no more are refused, and taken away', async () => {
    const repository = tree({ ...files, 'docs/api/old.api.md': 'old' })
    expect(await said(apiCheck(repository))).toContain('docs/api/old.api.md: is the report of no entry point')
    await writeApi(repository)
    expect(repository.exists('docs/api/old.api.md')).toBe(false)
  })

  it('need declarations, and what is there stays where there are none', async () => {
    const { 'packages/a/dist/more.d.ts': _, ...unbuilt } = files
    const repository = tree({ ...unbuilt, 'docs/api/a.api.md': 'kept' })
    expect(await said(apiCheck(repository))).toEqual(['packages/a/dist/more.d.ts: was not built'])
    await writeApi(repository)
    expect(repository.read('docs/api/a.api.md')).toBe('kept')
  })
})
