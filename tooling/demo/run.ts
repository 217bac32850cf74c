/** `pnpm demo [--keep]`: builds what the demo needs, then runs it. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

process.stdout.write('building (a minute the first time, a moment later on) ...\n')
const build = spawnSync(
  'turbo',
  ['run', 'build', '--filter=@postroad/tooling-demo...', '--output-logs=errors-only', '--log-prefix=none'],
  { encoding: 'utf8', env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' } },
)
if (build.status !== 0) {
  process.stderr.write(`${build.stdout}${build.stderr}`)
  process.exit(build.status ?? 1)
}

const demo = fileURLToPath(new URL('src/demo.ts', import.meta.url))
const { status } = spawnSync(process.execPath, ['--no-warnings', demo, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exitCode = status ?? 1
