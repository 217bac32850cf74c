import { describe, expect, it } from 'vitest'
import { changesetsCheck } from '../src/changesets.ts'
import { errorsCheck } from '../src/errors.ts'
import { readmesCheck } from '../src/readmes.ts'
import { wordsCheck } from '../src/words.ts'
import { manifest, said, tree } from './tree.ts'

const R = 'RFC'
const byName = (a: string, b: string): number => a.localeCompare(b)

describe('readmes', () => {
  const readme =
    '# @postroad/a\n\nIt does.\n\n## Use\n\n```sh\n## Place\n```\n\n## Guarantees\n\n## Limits\n\n## Place\n'

  function check(
    files: Readonly<Record<string, unknown>>,
    changes: Readonly<Record<string, unknown>> = {},
  ): Promise<string[]> {
    return said(
      readmesCheck(
        tree({
          'packages/a/package.json': manifest('@postroad/a', 5, changes),
          'packages/a/README.md': readme,
          'packages/a/src/index.ts': 'export const a = 1\n',
          ...files,
        }),
      ),
    )
  }

  it('accepts a package with everything', async () => expect(await check({})).toEqual([]))

  it.each([
    {
      files: { 'packages/a/README.md': readme.replace('# @postroad/a', '# a') },
      says: ':1: the first line is not "# @postroad/a"',
    },
    {
      files: { 'packages/a/README.md': '# @postroad/a\n' },
      says: 'lacks "## Use", "## Guarantees", "## Limits", "## Place"',
    },
    {
      files: { 'packages/a/README.md': readme.replace('\n## Place\n\n', '').replace(/## Place\n$/, '') },
      says: 'lacks "## Place"',
    },
    { files: { 'packages/a/README.md': `${readme}## Limits\n` }, says: '"## Limits" comes after "## Place"' },
    { files: { 'packages/a/src/x.ts': `// ${R} 1 §2` }, says: 'lacks "## Standards"' },
    {
      files: { 'packages/a/src/testing/x.ts': 'export function describeAContract() {}' },
      says: 'lacks "## Implementing"',
    },
    { files: { 'packages/b/package.json': manifest('@postroad/b', 1) }, says: 'packages/b/README.md: is missing' },
    {
      files: { 'apps/b/package.json': manifest('b', 11), 'apps/b/README.md': '# b\n', 'apps/b/src/index.ts': '' },
      says: 'lacks "## Use", "## Place"',
    },
  ])('says: $says', async ({ files, says }) => expect((await check(files)).join('\n')).toContain(says))

  it.each([
    { changes: { description: '' }, says: 'description' },
    { changes: { license: 'ISC' }, says: 'license' },
    { changes: { type: 'commonjs' }, says: 'type' },
    { changes: { sideEffects: true }, says: 'sideEffects' },
    { changes: { engines: { node: '>=20' } }, says: 'engines.node' },
    { changes: { files: ['src'] }, says: 'files' },
    { changes: { exports: undefined }, says: 'exports is missing' },
    { changes: { exports: { '.': './dist/index.js' } }, says: 'exports["."] has no conditions' },
    {
      changes: { exports: { '.': { types: './x', '@postroad/source': './src/index.ts', default: './x' } } },
      says: 'is not the first condition',
    },
    {
      changes: { exports: { '.': { '@postroad/source': './src/index.ts', default: './x' } } },
      says: '"types" is not the second',
    },
    {
      changes: { exports: { '.': { '@postroad/source': './src/none.ts', types: './x', default: './x' } } },
      says: 'there is no ./src/none.ts',
    },
    {
      changes: { exports: { '.': { '@postroad/source': { node: './src/none.ts' }, types: './x', default: './x' } } },
      says: 'there is no ./src/none.ts',
    },
  ])('refuses $changes', async ({ changes, says }) => expect((await check({}, changes)).join('\n')).toContain(says))
})

describe('errors', () => {
  const sources = {
    'packages/a/package.json': manifest('@postroad/a', 5),
    'packages/a/src/errors.ts': [
      "export type ACode = 'A_FIRST' | 'A_SECOND'",
      'export type LongCode =',
      "  | 'A_THIRD'",
      "  | 'A_FOURTH'",
      'export class AError extends Error {',
      "  readonly code: ACode = 'A_FIRST'",
      "  readonly code = 'A_FIFTH'",
      '}',
      "throw new AError('A_SIXTH', 'text')",
      "throw Object.assign(new Error(''), { code: 'A_SEVENTH' })",
      "if (error.code === 'NOT_OURS') return",
      "const other = { kind: 'NOT_A_CODE', code: 'ERR_NODE_HAS' }",
      "// code: 'IN_COMMENT'",
    ].join('\n'),
  }
  const names = ['FIRST', 'SECOND', 'THIRD', 'FOURTH', 'FIFTH', 'SIXTH', 'SEVENTH'].map((word) => `A_${word}`)
  const page = names.map((name) => `## ${name}\n\ntext\n`).join('\n')

  it('accepts a page that is whole', async () => {
    expect(await said(errorsCheck(tree({ ...sources, 'docs/errors.md': page })))).toEqual([])
  })

  it('wants a heading for every code', async () => {
    expect((await said(errorsCheck(tree(sources)))).map((text) => text.split(' ')[1] ?? '').toSorted(byName)).toEqual(
      names.toSorted(byName),
    )
  })

  it('wants a code for every heading', async () => {
    expect(await said(errorsCheck(tree({ ...sources, 'docs/errors.md': `${page}\n## A_GONE\n` })))).toEqual([
      'docs/errors.md:29: A_GONE is the code of no error',
    ])
  })
})

describe('words', () => {
  // In parts, so that the check does not find them here.
  const reminder = ['TO', 'DO'].join('')
  const [work, home] = ['work', 'home']
  it.each([
    { text: `see /${work}/main/x`, says: `a.md:1: "/${work}/": a path of one machine` },
    { text: `\ncd /${home}/someone/x`, says: `a.md:2: "/${home}/someone/"` },
    { text: `// ${reminder}: later`, says: `"${reminder}": a reminder needs an issue number` },
  ])('refuses $text', async ({ text, says }) =>
    expect((await said(wordsCheck(tree({ 'a.md': text })))).join()).toContain(says),
  )

  it.each([
    `// ${reminder} (#12): later`,
    `${reminder} #12`,
    'our/work/is',
    'https://example.org/work/x',
    '/var/lib/x',
    'the root/ folder',
  ])('accepts %s', async (text) => expect(await said(wordsCheck(tree({ 'a.md': text })))).toEqual([]))
})

describe('changesets', () => {
  const base = { 'packages/a/package.json': manifest('@postroad/a', 5), '.changeset/README.md': 'free text' }
  it.each(['---\n"@postroad/a": minor\n---\n\nIt does more.\n', "---\n'@postroad/a': patch\n---\ntext", '---\n---\n'])(
    'accepts %j',
    async (text) => expect(await said(changesetsCheck(tree({ ...base, '.changeset/x.md': text })))).toEqual([]),
  )
  it.each([
    { text: '---\n"@postroad/b": minor\n---\ntext', says: '.changeset/x.md:2: there is no package "@postroad/b"' },
    { text: '---\n"@postroad/a": huge\n---\ntext', says: '.changeset/x.md:2: "huge" is not patch, minor or major' },
    { text: '---\n"@postroad/a": patch\n---\n\n', says: '.changeset/x.md: says nothing' },
    { text: 'just text', says: '.changeset/x.md:1: has no front matter' },
  ])('refuses $text', async ({ text, says }) =>
    expect((await said(changesetsCheck(tree({ ...base, '.changeset/x.md': text })))).join()).toContain(says),
  )
})
