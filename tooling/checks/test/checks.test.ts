import { join } from 'node:path'
import { expect, it } from 'vitest'
import { allChecks } from '../src/checks.ts'
import { Repository } from '../src/repository.ts'

it('the page of the checks has a line for each, in the order in which they run', () => {
  const repository = new Repository(join(import.meta.dirname, '../../..'))
  const tables = { ladder: {}, rfcIndex: {}, standards: { names: {}, notOurs: {}, background: [] } }
  const rows = [...repository.read('docs/checks.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  expect(rows).toEqual(allChecks(repository, tables).map(({ name }) => name))
})
