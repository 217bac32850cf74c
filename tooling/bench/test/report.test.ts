import { describe, expect, it } from 'vitest'
import { digits, rowsOf, tableOf } from '../src/report.ts'
import type { CaseResult, Turn } from '../src/rounds.ts'

const turn = (rate: number, figures = {}): Turn => ({ rate, cpuPer1000: 100 / rate, memoryMiB: rate / 10, figures })
const work = { name: 'enqueue, callers 10', reference: 'raw', work: {} }
const results: readonly CaseResult[] = [
  { case: work, contestant: 'raw', turns: [turn(1_000), turn(2_000), turn(500)] },
  { case: work, contestant: 'ours', turns: [turn(250, { waitMaxMs: 3 }), turn(1_000, { waitMaxMs: 9 }), turn(250)] },
]

describe('rowsOf', () => {
  it('gives a row for each contestant: medians, and how many rounds', () => {
    const [raw] = rowsOf('store-enqueue', results)
    expect(raw).toEqual({
      bench: 'store-enqueue',
      case: 'enqueue, callers 10',
      contestant: 'raw',
      rate: 1_000,
      cpuPer1000: 0.1,
      memoryMiB: 100,
      rounds: 3,
    })
  })

  it('gives the highest of all rounds of a figure that is a maximum', () => {
    expect(rowsOf('store-enqueue', results)[1]?.figures).toEqual({ waitMaxMs: 9 })
  })
})

describe('tableOf', () => {
  const lines = tableOf(results).split('\n')

  it('says what the ratios are to', () => {
    expect(lines[0]).toBe('enqueue, callers 10   (ratio to raw)')
  })

  it('has medians, spread, and ratios that were taken round by round', () => {
    const cells = lines.at(-1)?.trim().split(/ {2,}/)
    // 0.25, 0.5 and 0.5: the median is of the ratios, not the ratio of the medians.
    expect(cells).toEqual(['ours', '250', '250 .. 1,000', '0.50x', '0.400', '2.00x', '25.0', 'waitMaxMs 9.00'])
  })

  it('keeps the columns under each other', () => {
    expect(lines[2]?.indexOf('x')).toBe(lines[3]?.indexOf('x'))
  })
})

it.each([
  { value: 0, text: '0' },
  { value: 0.01234, text: '0.0123' },
  { value: 1.5, text: '1.50' },
  { value: 123.4, text: '123' },
  { value: 1_234_567.8, text: '1,234,568' },
  { value: Number.NaN, text: '-' },
])('writes $value as $text', ({ value, text }) => {
  expect(digits(value)).toBe(text)
})
