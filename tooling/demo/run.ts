/** `pnpm demo [--keep]`: builds what the demo needs, then runs it. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

process.stdout.write('building ...\n')
const steps: readonly (readonly [command: string, ...args: string[]])[] = [
  ['turbo', 'run', 'build', '--filter=@postroad/tooling-demo...', '--output-logs=errors-only', '--log-prefix=none'],
  [process.execPath, '--no-warnings', fileURLToPath(new URL('src/demo.ts', import.meta.url)), ...process.argv.slice(2)],
]

for (const [command, ...args] of steps) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' } })
  if (status !== 0) process.exit(status ?? 1)
}
