import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ladderCheck, type Ladder } from '../../checks/src/ladder.ts'
import { purityCheck } from '../../checks/src/purity.ts'
import { readmesCheck } from '../../checks/src/readmes.ts'
import { Repository } from '../../checks/src/repository.ts'
import { runTool } from '../../checks/src/process.ts'
import { addToLadder } from '../src/ladder.ts'
import { layPackage, type NewPackage } from '../src/lay-package.ts'

const lint = join(import.meta.dirname, '../../lint/oxlint.json')
const format = join(import.meta.dirname, '../../format/oxfmt.json')

describe.each<Omit<NewPackage, 'root'>>([
  { name: 'pure-port', level: 5, about: 'A port for tests.', app: false, entries: ['memory', 'testing'] },
  { name: 'driver', level: 6, about: 'A driver for tests.', app: false, entries: [] },
  { name: 'service', level: 11, about: 'An app for tests.', app: true, entries: [] },
])('a new package $name', (options) => {
  const root = mkdtempSync(join(tmpdir(), 'postroad-new-package-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  const laid = layPackage({ root, ...options })

  it('passes the checks', async () => {
    const folder = await laid
    const repository = new Repository(root)
    const ladder: Ladder = { [options.level]: [folder] }
    const own = { ...ladder }
    // The build preset is not in this tree, so the ladder finds no such package, and nothing else.
    const failures = await ladderCheck(repository, own).run()
    expect(
      failures.filter(({ message }) => !message.includes('@postroad/tooling-tsup') && !message.startsWith('vitest ')),
    ).toEqual([])
    expect(await purityCheck(repository).run()).toEqual([])
    expect(await readmesCheck(repository).run()).toEqual([])
  })

  it('passes lint and format', async () => {
    const folder = await laid
    expect(
      await runTool('oxlint', ['-c', lint, '--deny-warnings', `${folder}/src`, `${folder}/test`], root),
    ).toMatchObject({ ok: true })
    expect(await runTool('oxfmt', ['-c', format, '--check', folder, '!**/*.json', '!**/*.md'], root)).toMatchObject({
      ok: true,
    })
  })

  it('is not laid over one that exists', async () => {
    await laid
    await expect(layPackage({ root, ...options })).rejects.toThrow('EEXIST')
  })
})

describe('the ladder', () => {
  const text = readFileSync(join(import.meta.dirname, '../../checks/ladder.json'), 'utf8')

  it('gets a new package on its rung and keeps the others', () => {
    const before: Ladder = JSON.parse(text)
    const after: Ladder = JSON.parse(addToLadder(text, 'packages/brand-new', 9))
    expect(after).toEqual({ ...before, '9': [...(before['9'] ?? []), 'packages/brand-new'] })
  })

  it('stays as it is for a package that was planned', () => {
    expect(addToLadder(text, 'packages/bytes', 0)).toBe(text)
  })

  it('is laid out as it was', () => {
    const added = addToLadder(text, 'packages/brand-new', 0)
    expect(added.replace(', "packages/brand-new"', '')).toBe(text)
  })
})
