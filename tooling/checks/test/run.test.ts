import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const script = join(import.meta.dirname, '../src/run.ts')

it('a check that does not exist is refused before anything runs', () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [script, 'changesets', 'nothing'], {
    encoding: 'utf8',
  })
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain('there is no nothing; there are ladder, purity, rfc,')
})
