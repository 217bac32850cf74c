import { expect, it } from 'vitest'
import { nearest } from '../src/nearest.ts'

it.each([
  { name: 'store-opne', is: 'store-open' },
  { name: 'stor', is: 'store' },
  { name: 'loop', is: 'store' },
  { name: 'x'.repeat(1_000), is: 'store' },
])('finds $is for a mistyped name', ({ name, is }) => {
  expect(nearest(name, ['store', 'store-open'])).toBe(is)
})

it('finds nothing among nothing', () => {
  expect(nearest('store', [])).toBeUndefined()
})
