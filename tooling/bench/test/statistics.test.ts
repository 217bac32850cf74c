import { describe, expect, it } from 'vitest'
import { median, medianRatio, quantile, summarize } from '../src/statistics.ts'

describe('median', () => {
  it.each([
    { values: [7], is: 7 },
    { values: [3, 1, 2], is: 2 },
    { values: [4, 1, 3, 2], is: 2.5 },
    { values: [1_000, 9, 10], is: 10 },
  ])('of $values is $is', ({ values, is }) => {
    expect(median(values)).toBe(is)
  })

  it('is no number where there are no values', () => {
    expect(median([])).toBeNaN()
  })

  it('leaves the values in their order', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

it('interpolates a quantile between its neighbours', () => {
  expect(quantile([10, 20, 30, 40, 50], 0.25)).toBe(20)
  expect(quantile([10, 20], 0.25)).toBe(12.5)
})

it('gives the spread beside the median', () => {
  expect(summarize([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 })
})

describe('medianRatio', () => {
  it('compares round by round, so that a drift of both falls out', () => {
    // The disk halves from round to round; the ratio stays.
    expect(medianRatio([200, 100, 50], [100, 50, 25])).toBe(2)
  })

  it('leaves out rounds that the reference lacks or did nothing in', () => {
    expect(medianRatio([10, 30, 50], [5, 0])).toBe(2)
    expect(medianRatio([10], [])).toBeNaN()
  })
})
