import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { redisUrl } from '../../vitest/src/provided.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAgreeableHost } from '../src/agreeable-host.ts'
import { examplesCheck, findExamples, readPrints, writeExamples } from '../src/examples.ts'
import { Repository } from '../src/repository.ts'
import { manifest, said, tree } from './tree.ts'

const run = promisify(execFile)

describe('examples', () => {
  const example = '// examples/x.ts\nconsole.log(1)\n\n// Prints:\n// 1\n'
  const quoting = (text: string): string => `# @postroad/a\n\n## Use\n\n\`\`\`ts\n${text}\`\`\`\n`
  const files = {
    'packages/a/package.json': manifest('@postroad/a', 5),
    'packages/a/examples/x.ts': example,
    'packages/a/README.md': quoting(example),
  }

  it('accepts one that is quoted', async () => expect(await said(examplesCheck(tree(files)))).toEqual([]))

  it('accepts blocks that quote no example', async () => {
    const readme = `${files['packages/a/README.md']}\n\`\`\`ts\nfree()\n\`\`\`\n`
    expect(await said(examplesCheck(tree({ ...files, 'packages/a/README.md': readme })))).toEqual([])
  })

  it.each([
    { what: 'an app', path: 'apps/b', changes: {} },
    { what: 'a package that is not published', path: 'packages/b', changes: { private: true } },
  ])('are not asked of $what', async ({ path, changes }) => {
    const b = { [`${path}/package.json`]: manifest('b', 5, changes), [`${path}/README.md`]: '# b\n' }
    expect(await said(examplesCheck(tree({ ...files, ...b })))).toEqual([])
  })

  it.each([
    { what: 'quotes something else', readme: '# @postroad/b\n\n```ts\nfree()\n```\n' },
    { what: 'names a file', readme: '# @postroad/b\n\n`examples/x.ts`\n' },
    { what: 'is not there', readme: undefined },
  ])('are missed where the README of a published package $what', async ({ readme }) => {
    const b = {
      'packages/b/package.json': manifest('@postroad/b', 5),
      ...(readme && { 'packages/b/README.md': readme }),
    }
    expect(await said(examplesCheck(tree({ ...files, ...b })))).toEqual([
      'packages/b/README.md: quotes no example: a published package has one, in examples/',
    ])
  })

  it.each([
    {
      change: { 'packages/a/README.md': quoting(example.replace('log(1)', 'log(2)')) },
      says: 'packages/a/README.md:5: differs from packages/a/examples/x.ts',
    },
    {
      change: { 'packages/a/README.md': quoting(`${example}// more\n`) },
      says: 'packages/a/README.md:5: differs from packages/a/examples/x.ts',
    },
    {
      change: { 'packages/a/README.md': quoting(example.replace('x.ts', 'y.ts')) },
      says: 'there is no packages/a/examples/y.ts',
    },
    { change: { 'packages/a/README.md': '# @postroad/a\n' }, says: 'packages/a/examples/x.ts: is quoted in no README' },
    {
      change: { 'packages/a/examples/x.ts': 'console.log(1)\n' },
      says: 'packages/a/examples/x.ts:1: the first line is not "// examples/x.ts"',
    },
    { change: { 'packages/a/examples/x.ts': '// examples/x.ts\n' }, says: 'does not end with "// Prints:"' },
  ])('says: $says', async ({ change, says }) =>
    expect((await said(examplesCheck(tree({ ...files, ...change })))).join('\n')).toContain(says),
  )

  it('are brought up to date in place', async () => {
    const repository = tree({
      ...files,
      'packages/a/README.md': `${quoting('// examples/x.ts\nold $& old\n')}\nafter\n`,
    })
    writeExamples(repository)
    expect(repository.read('packages/a/README.md')).toBe(`${quoting(example)}\nafter\n`)
  })
})

const repository = new Repository(join(import.meta.dirname, '../../..'))

describe('the examples of the packages', () => {
  let host: Awaited<ReturnType<typeof startAgreeableHost>>
  beforeAll(async () => {
    host = await startAgreeableHost()
  })
  afterAll(() => host.stop())

  it.each(findExamples(repository))('%s prints what it says', { timeout: 60_000 }, async (file) => {
    const { stdout, stderr } = await run(process.execPath, ['--conditions=@postroad/source', file], {
      cwd: repository.root,
      env: { ...process.env, REDIS_URL: redisUrl(), SMTP_PORT: String(host.port) },
      timeout: 50_000,
    })
    // Lines of mail end with CRLF; a comment's do not.
    const printed = stdout.replaceAll('\r', '')
    expect({ printed, stderr }).toEqual({ printed: readPrints(repository.read(file)), stderr: '' })
  })
})
