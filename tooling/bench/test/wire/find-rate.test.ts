import { expect, it } from 'vitest'
import { findRate } from '../../src/benches/wire/find-rate.ts'

/** A run with a constant part; keeps what was asked of it. */
const running = (perSecond: number, constantSeconds: number) => {
  const asked: number[] = []
  const run = async (operations: number): Promise<number> => {
    asked.push(operations)
    return constantSeconds + operations / perSecond
  }
  return { asked, run }
}

it('grows the run until it lasts a third of a round', async () => {
  const { asked, run } = running(1_000, 0.1)
  const rate = await findRate(run, { least: 1, most: 1e6, roundMs: 3_000 })
  expect(asked).toEqual([10, 40, 160, 640, 2_560])
  expect(rate).toBeGreaterThan(900)
})

it('begins with as many as there are sessions, and ends with the most', async () => {
  const { asked, run } = running(1e9, 0)
  await findRate(run, { least: 400, most: 5_000, roundMs: 1_000 })
  expect(asked).toEqual([400, 1_600, 5_000])
})
