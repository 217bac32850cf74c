import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Benchmark, Contestant } from '../src/benchmark.ts'
import { BENCHMARKS } from '../src/catalogue.ts'
import { runSession } from '../src/session.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postroad-bench-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const contestant = (name: string, fails = false): Contestant => ({
  name,
  start: async (stage) => {
    stage.spawn('sleep', ['60'])
    return {
      prepare: async () => {},
      measure: async ({ kind }) => {
        if (fails && kind === 'two') throw new Error('out of luck')
        return { operations: 100, seconds: 0.5 }
      },
      finish: async () => {},
    }
  },
})

const benchmark = (name: string, fails = false): Benchmark => ({
  name,
  about: `What ${name} does.`,
  scenes: ({ quick }) => [
    {
      name: 'scene',
      roundMs: quick ? 1 : 2,
      contestants: [contestant('a'), contestant('b', fails)],
      cases: ['one', 'two'].map((kind) => ({ name: `work ${kind}`, reference: 'a', work: { kind } })),
    },
  ],
})

const run = async (args: readonly string[], fails = false) => {
  let stdout = ''
  let stderr = ''
  const status = await runSession({
    args,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    signal: new AbortController().signal,
    benchmarks: [benchmark('store-first', fails), benchmark('store-second'), benchmark('relay')],
  })
  return { status, stdout, stderr }
}

const rowsIn = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'))

describe('pnpm bench', () => {
  it('lists the benchmarks with a sentence each, and what names several', async () => {
    const { status, stdout } = await run([])
    expect(status).toBe(0)
    expect(stdout).toMatch(/store-first +What store-first does\./)
    expect(stdout).toMatch(/store +All whose name begins with store-/)
    expect(stdout).not.toMatch(/relay +All/)
  })

  it('writes rows as JSON: an array of bench, case, contestant, rate, cpuPer1000, memoryMiB, rounds', async () => {
    const file = join(folder, 'rows.json')
    const { status, stdout, stderr } = await run(['relay', '--quick', '--rounds', '1', '--json', file])
    expect(status).toBe(0)
    expect(await rowsIn(file)).toEqual(
      ['one', 'two'].flatMap((kind) =>
        ['a', 'b'].map((name) => ({
          bench: 'relay',
          case: `work ${kind}`,
          contestant: name,
          rate: 200,
          cpuPer1000: expect.any(Number),
          memoryMiB: expect.any(Number),
          rounds: 1,
        })),
      ),
    )
    expect(await readdir(folder)).toEqual(['rows.json'])
    expect(stdout).toContain('work two   (ratio to a)')
    expect(stderr.split('\n')).toContain('relay: work two: round 1 of 1')
  })

  it('runs every benchmark of a family', async () => {
    const { stdout } = await run(['store', '--rounds', '1', '--case', 'ONE'])
    expect(stdout).toContain('store-first: ')
    expect(stdout).toContain('store-second: ')
    expect(stdout).not.toContain('work two')
  })

  it('keeps the rows of the cases before the one that failed, and says who it was', async () => {
    const file = join(folder, 'rows.json')
    const { status, stderr } = await run(['store-first', '--rounds', '1', '--json', file], true)
    expect(status).toBe(1)
    expect(stderr).toContain('bench: b, work two: out of luck')
    expect(await rowsIn(file)).toHaveLength(2)
  })

  it.each([
    { args: ['stroe'], says: 'there is no "stroe"; the nearest is "store"' },
    { args: ['store-secnd'], says: 'the nearest is "store-second"' },
    { args: ['relay', 'store'], says: 'one benchmark at a time' },
    { args: ['relay', '--case', 'three'], says: 'there are:\n  work one\n  work two' },
    { args: ['relay', '--rounds', '0'], says: '--rounds takes a number' },
    { args: ['relay', '--rounds', 'many'], says: '--rounds takes a number' },
    { args: ['relay', '--quik'], says: "Unknown option '--quik'" },
    { args: ['--quick'], says: 'which benchmark?' },
    { args: ['relay', '--json', '/no/such/folder/rows.json'], says: 'cannot be written' },
  ])('refuses $args with status 2', async ({ args, says }) => {
    const { status, stderr } = await run(args)
    expect(status).toBe(2)
    expect(stderr).toContain(says)
  })
})

describe('each benchmark that there is', () => {
  it.each(BENCHMARKS.map(({ name, scenes }) => ({ name, scenes })))(
    '$name names its cases once, with a reference that takes part',
    ({ scenes }) => {
      for (const quick of [true, false]) {
        const all = scenes({ quick })
        const names = all.flatMap((scene) => scene.cases.map((one) => one.name))
        expect(new Set(names).size).toBe(names.length)
        expect(names.length).toBeGreaterThan(0)
        for (const { contestants, cases } of all) {
          const there = contestants.map(({ name }) => name)
          expect(new Set(there).size).toBe(there.length)
          for (const { reference, only = there } of cases) {
            expect(there).toContain(reference)
            expect(only).toContain(reference)
          }
        }
      }
    },
  )
})
