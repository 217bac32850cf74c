import { expect, it } from 'vitest'
import { rotate } from '../src/order.ts'

it('begins each round one contestant further on', () => {
  const rounds = [0, 1, 2, 3].map((round) => rotate(['a', 'b', 'c'], round).join(''))
  expect(rounds).toEqual(['abc', 'bca', 'cab', 'abc'])
})

it('has no order where there is nobody', () => {
  expect(rotate([], 3)).toEqual([])
})
