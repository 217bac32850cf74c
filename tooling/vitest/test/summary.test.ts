import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { summarize } from '../src/summary.ts'

const folder = mkdtempSync(join(tmpdir(), 'postroad-summary-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function report(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const counts = JSON.stringify({ numPassedTests: 7, numFailedTests: 0, numPendingTests: 2, numTodoTests: 1 })

it.each([
  { what: 'a good run', file: report('good.json', counts), ok: true, summary: { passed: 7, failed: 0, skipped: 3 } },
  {
    what: 'a run that broke outside of its tests',
    file: report('broke.json', counts),
    ok: false,
    summary: { passed: 7, failed: 1, skipped: 3 },
  },
  {
    what: 'a run with failures',
    file: report('bad.json', JSON.stringify({ numPassedTests: 1, numFailedTests: 4 })),
    ok: false,
    summary: { passed: 1, failed: 4, skipped: 0 },
  },
  { what: 'no report', file: join(folder, 'none.json'), ok: true, summary: { passed: 0, failed: 1, skipped: 0 } },
  {
    what: 'half a report',
    file: report('half.json', counts.slice(0, 20)),
    ok: true,
    summary: { passed: 0, failed: 1, skipped: 0 },
  },
  { what: 'another file', file: report('other.json', 'null'), ok: true, summary: { passed: 0, failed: 1, skipped: 0 } },
])('$what is counted', ({ file, ok, summary }) => {
  expect(summarize(file, ok)).toEqual(summary)
})
