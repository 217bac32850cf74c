import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Case, Contestant, Measured, Scene } from '../src/benchmark.ts'
import { type CaseResult, runScene, type RunOptions } from '../src/rounds.ts'
import { Stage } from '../src/stage.ts'

const log: string[] = []

const contestant = (name: string, measure: () => Promise<Measured> = async () => ({ operations: 10, seconds: 2 })) => ({
  name,
  start: async (stage: Stage) => {
    const child = stage.spawn('sleep', ['60'])
    await once(child, 'spawn')
    return {
      prepare: async () => void log.push(`prepare ${name}`),
      measure: async () => {
        log.push(name)
        return measure()
      },
      finish: async () => void log.push(`finish ${name}`),
    }
  },
})

const oneCase = (only?: readonly string[]): Case => ({
  name: 'work',
  reference: 'a',
  work: {},
  ...(only !== undefined && { only }),
})

const scene = (contestants: readonly Contestant[], cases: readonly Case[] = [oneCase()]): Scene => ({
  name: 'scene',
  contestants,
  cases,
  roundMs: 1,
})

/** Runs a scene; gives the results and the stages, which are closed then. */
const run = async (
  what: Scene,
  options: Partial<RunOptions> = {},
): Promise<{ results: readonly CaseResult[]; stages: readonly Stage[]; error: unknown }> => {
  log.length = 0
  const results: CaseResult[] = []
  const stages: Stage[] = []
  const error = await runScene(what, {
    rounds: 3,
    signal: new AbortController().signal,
    tell: () => {},
    onCase: async (given) => void results.push(...given),
    openStage: async () => {
      const stage = await Stage.open()
      stages.push(stage)
      return stage
    },
    ...options,
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { results, stages, error }
}

const expectClosed = async (stages: readonly Stage[]): Promise<void> => {
  for (const stage of stages) expect(existsSync(stage.folder)).toBe(false)
}

describe('runScene', () => {
  it('warms up, then interleaves the contestants in rotating order', async () => {
    await run(scene([contestant('a'), contestant('b'), contestant('c')]))
    expect(log.filter((line) => line.length === 1).join('')).toBe('abcabcbcacab')
  })

  it('prepares before and finishes after each turn', async () => {
    await run(scene([contestant('a'), contestant('b')]), { rounds: 1 })
    const turn = (name: string): readonly string[] => [`prepare ${name}`, name, `finish ${name}`]
    expect(log).toEqual([...turn('a'), ...turn('b'), ...turn('a'), ...turn('b')])
  })

  it('gives rate, CPU for 1,000 and memory of each round, the warm-up left out', async () => {
    const { results, stages } = await run(scene([contestant('a')]))
    expect(results).toHaveLength(1)
    expect(results[0]?.turns).toHaveLength(3)
    for (const turn of results[0]?.turns ?? []) {
      expect(turn.rate).toBe(5)
      expect(turn.cpuPer1000).toBeGreaterThanOrEqual(0)
      expect(turn.memoryMiB).toBeGreaterThan(0)
    }
    await expectClosed(stages)
  })

  it('starts only those that a case asks for', async () => {
    const { results, stages } = await run(scene([contestant('a'), contestant('b')], [oneCase(['b'])]))
    expect(results.map((result) => result.contestant)).toEqual(['b'])
    expect(stages).toHaveLength(1)
  })

  it('names the contestant that fails, and ends everybody', async () => {
    const fails = contestant('b', async () => {
      throw new Error('out of luck')
    })
    const { error, stages, results } = await run(scene([contestant('a'), fails]))
    expect(String(error)).toContain('b, work: out of luck')
    expect(results).toEqual([])
    expect(stages).toHaveLength(2)
    await expectClosed(stages)
  })

  it('refuses a round in which nothing was done', async () => {
    const idle = contestant('a', async () => ({ operations: 0, seconds: 1 }))
    expect(String((await run(scene([idle]))).error)).toContain('nothing was measured')
  })

  it('ends everybody when the signal fires, also in the middle of a turn', async () => {
    const interruption = new AbortController()
    // It ends only because its process does, as a real one would.
    const slow: Contestant = {
      name: 'slow',
      start: async (stage) => {
        const child = stage.spawn('sleep', ['60'])
        await once(child, 'spawn')
        return {
          prepare: async () => {},
          measure: async () => {
            const gone = once(child, 'exit')
            interruption.abort(new Error('enough'))
            await gone
            throw new Error('the process ended')
          },
          finish: async () => {},
        }
      },
    }
    const { error, stages } = await run(scene([contestant('a'), slow]), { signal: interruption.signal })
    expect(String(error)).toContain('enough')
    await expectClosed(stages)
  })
})
