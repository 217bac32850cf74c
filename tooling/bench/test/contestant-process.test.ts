import { afterEach, expect, it } from 'vitest'
import { NODE, startContestant } from '../src/contestant-process.ts'
import { Stage } from '../src/stage.ts'

const COUNTER = new URL('fixtures/counter.ts', import.meta.url)

let stage: Stage | undefined
const told: string[] = []
const open = async (): Promise<Stage> => {
  stage = await Stage.open((text) => told.push(text))
  return stage
}
afterEach(async () => {
  told.length = 0
  await stage?.[Symbol.asyncDispose]()
})

it('runs on the Node that the repository pins', () => {
  expect(NODE).toMatch(/node_modules\/node\/bin\/node$/)
})

it('answers step by step, and ends', async () => {
  const contestant = await startContestant(await open(), COUNTER, {})
  expect(told).toEqual(['half'])
  await contestant.prepare({ kind: 'x' }, 7)
  expect(await contestant.measure({ kind: 'x' }, 7)).toEqual({ operations: 10, seconds: 0.5, figures: { steps: 2 } })
  await contestant.finish({ kind: 'x' }, 7)
  expect((await contestant.measure({ kind: 'x' }, 7)).figures).toEqual({ steps: 4 })
  expect(await stage?.meter.pids()).toHaveLength(1)
  await contestant.end()
  expect(await stage?.meter.pids()).toEqual([])
})

it('does not count one that only helps', async () => {
  await startContestant(await open(), COUNTER, {}, { counted: false })
  expect(await stage?.meter.pids()).toEqual([])
})

it('has an environment beside that of this process', async () => {
  const started = startContestant(await open(), COUNTER, { how: 'say' }, { env: { POSTROAD_BENCH_TOLD: 'something' } })
  await expect(started).rejects.toThrow('it was told something')
})

it('says what a contestant threw', async () => {
  await expect(startContestant(await open(), COUNTER, { how: 'refuse' })).rejects.toThrow('it will not start')
})

it('says what a contestant that died had to say', async () => {
  await expect(startContestant(await open(), COUNTER, { how: 'die' })).rejects.toThrow(/ended \(3\)\.\na last word/)
})

it('rejects a question to one that dies over it, and one to one that is dead', async () => {
  const contestant = await startContestant(await open(), COUNTER, {})
  await expect(contestant.measure({ kind: 'die' }, 7)).rejects.toThrow('ended (4)')
  await expect(contestant.measure({ kind: 'x' }, 7)).rejects.toThrow('ended (4)')
})
