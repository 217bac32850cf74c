import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nodeProblem } from '../src/index.ts'

it.each(['22.19.0', '22.20.1', '24.0.0', '100.1.2'])('Node %s will do', (version) => {
  expect(nodeProblem(version)).toBeUndefined()
})

it.each(['22.18.9', '20.20.2', '8.0.0'])('Node %s is too old', (version) => {
  expect(nodeProblem(version)).toBe(`needs Node 22.19 or newer; this is ${version}`)
})

it('the manifest says the same', () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
  expect(manifest.engines.node).toBe('>=22.19')
})
