/**
 * `pnpm check [NAME...] [--write-api] [--write-examples] [--write-references] [--write-standards] [--every-suite]`:
 * everything but the tests, or some of it.
 *
 * Runs each check to its end, prints every failure, and ends with one line. Exit code 1 where any failed, 2 for a wrong
 * command line. Writes `.cache/checks.json` for `.ci/run`.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeApi } from './api.ts'
import { type Failure, formatFailure } from './check.ts'
import { type CheckSummary, allChecks } from './checks.ts'
import { writeExamples } from './examples.ts'
import type { Ladder } from './ladder.ts'
import { REFERENCES_FILE, formatReferences } from './references.ts'
import { Repository } from './repository.ts'
import type { RfcIndex } from './rfc.ts'
import { STANDARDS_FILE, type StandardsNotes, formatStandards } from './standards.ts'

const root = join(import.meta.dirname, '../../..')
const summaryFile = join(root, '.cache/checks.json')
const repository = new Repository(root)
const ladder: Ladder = JSON.parse(readTable('ladder.json'))
const rfcIndex: RfcIndex = JSON.parse(readTable('rfc-index.json'))
const standards: StandardsNotes = JSON.parse(readTable('standards.hand.json'))
const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    'every-suite': { type: 'boolean', default: false },
    'write-api': { type: 'boolean', default: false },
    'write-examples': { type: 'boolean', default: false },
    'write-references': { type: 'boolean', default: false },
    'write-standards': { type: 'boolean', default: false },
  },
})
const checks = allChecks(repository, { ladder, rfcIndex, standards }, { everySuite: values['every-suite'] })

const unknown = wanted.filter((name) => !checks.some((check) => check.name === name))
if (unknown.length > 0) {
  console.error(`check: there is no ${unknown.join(', ')}; there are ${checks.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

if (values['write-standards'])
  writeFileSync(join(root, STANDARDS_FILE), formatStandards(repository, rfcIndex, standards))
if (values['write-examples']) writeExamples(repository)
if (values['write-references'])
  writeFileSync(join(root, REFERENCES_FILE), formatReferences(repository, rfcIndex, standards))
if (values['write-api']) await writeApi(repository)

rmSync(summaryFile, { force: true })
let failed = 0
const selected = checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
for (const check of selected) {
  const started = performance.now()
  const failures = await check
    .run()
    .catch((error: unknown): Failure[] => [{ message: `the check itself broke: ${String(error)}` }])
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const found = failures.length === 1 ? '1 failure' : `${failures.length} failures`
  console.log(
    `${failures.length === 0 ? 'passed' : 'FAILED'} ${check.name.padEnd(10)} ${seconds} s${failures.length === 0 ? '' : `, ${found}`}`,
  )
  for (const failure of failures) console.log(`  ${formatFailure(failure).replaceAll('\n', '\n  ')}`)
  if (failures.length > 0) failed++
}

const summary: CheckSummary = { passed: selected.length - failed, failed, skipped: 0 }
mkdirSync(join(root, '.cache'), { recursive: true })
writeFileSync(summaryFile, `${JSON.stringify(summary)}\n`)
console.log(`checks: ${summary.passed} passed, ${summary.failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

function readTable(name: string): string {
  return readFileSync(join(import.meta.dirname, '..', name), 'utf8')
}
