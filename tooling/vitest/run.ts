/**
 * `pnpm test [ARGUMENT...]`: builds every package, then runs every test once. Arguments go to vitest: a folder, `-t NAME`.
 *
 * With `CI` set the slow tests run too (`src/slow.ts`). Writes `.cache/tests.json`, which `.ci/run` reads.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { slow } from './src/slow.ts'
import { summarize } from './src/summary.ts'

const root = join(import.meta.dirname, '../..')
const reportFile = join(root, '.cache/vitest.json')
const summaryFile = join(root, '.cache/tests.json')
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', ...(slow && { POSTROAD_SLOW: '1' }) }

// What an earlier run left must not count.
for (const file of [reportFile, summaryFile]) rmSync(file, { force: true })
mkdirSync(join(root, '.cache'), { recursive: true })

const built = run('turbo', ['run', 'build', '--output-logs=errors-only'])
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
if (built !== 0)
  console.error('test: the build failed; the tests run from source all the same, those of built packages will fail')
const tested = run('vitest', ['run', ...reporters, ...process.argv.slice(2)])
const status = built === 0 ? tested : built
writeFileSync(summaryFile, `${JSON.stringify(summarize(reportFile, status === 0))}\n`)
process.exitCode = status

/** Runs a program to its end; 1 where it could not be started or was killed. */
function run(command: string, args: readonly string[]): number {
  const { status: code, error } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' })
  if (error) console.error(`${command}: ${error.message}`)
  return code ?? 1
}
