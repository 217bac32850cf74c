/** `pnpm test`: builds every package, then runs every test once. */

import { spawnSync } from 'node:child_process'

const steps: readonly (readonly string[])[] = [
  ['turbo', 'run', 'build', '--output-logs=errors-only'],
  ['vitest', 'run', ...process.argv.slice(2)],
]

for (const [command = '', ...args] of steps) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
