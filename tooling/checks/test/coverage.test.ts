import { describe, expect, it } from 'vitest'
import { coverageCheck, unreached } from '../src/coverage.ts'
import { manifest, said, tree } from './tree.ts'

const at = (line?: number) => ({ start: line === undefined ? {} : { line } })

describe('what a test reached', () => {
  const reached = {
    statementMap: { 0: at(1), 1: at(2) },
    s: { 0: 1, 1: 3 },
    fnMap: { 0: { loc: at(1) } },
    f: { 0: 3 },
    branchMap: { 0: { loc: at(2), locations: [at(2), at(3)] } },
    b: { 0: [1, 2] },
  }

  it('is everything', () => {
    expect(unreached('a.ts', reached)).toEqual([])
  })

  it('leaves out a function, with what is in it', () => {
    expect(unreached('a.ts', { ...reached, f: { 0: 0 }, s: { 0: 0, 1: 1 } })).toEqual([
      { file: 'a.ts', line: 1, message: 'no test calls this function' },
    ])
  })

  it('leaves out a statement', () => {
    expect(unreached('a.ts', { ...reached, s: { 0: 1, 1: 0 } })).toEqual([
      { file: 'a.ts', line: 2, message: 'no test comes here' },
    ])
  })

  it('leaves out a branch, also one that has no place of its own', () => {
    expect(unreached('a.ts', { ...reached, b: { 0: [1, 0] } })).toEqual([
      { file: 'a.ts', line: 3, message: 'a branch here is taken by no test' },
    ])
    const elseless = { 0: { loc: at(2), locations: [at(2), at()] } }
    expect(unreached('a.ts', { ...reached, branchMap: elseless, b: { 0: [1, 0] } })).toEqual([
      { file: 'a.ts', line: 2, message: 'a branch here is taken by no test' },
    ])
  })
})

it('is asked of the packages that promise it', async () => {
  const repository = tree({
    'packages/a/package.json': manifest('@postroad/a', 0),
    'packages/a/src/index.ts': '// v8 ignore next\n',
  })
  expect(await said(coverageCheck(repository))).toEqual([])
})

it('may not be hidden by a comment', async () => {
  const promised = { postroad: { level: 0, coverage: true } }
  const repository = tree({
    'packages/a/package.json': manifest('@postroad/a', 0, promised),
    'packages/a/src/index.ts': 'export const a = 1\n/* v8 ignore next */\n',
  })
  expect(await said(coverageCheck(repository))).toContain(
    'packages/a/src/index.ts:2: tests must reach it: no comment may hide it',
  )
})
