/**
 * One vitest run over every package, from source: the `@postroad/source` condition stands first in each `exports`.
 *
 * Worker threads and child processes that a test starts inherit the condition through `execArgv`, and load source that is
 * stripped of its types already from `.cache/compile`: half the time that a store takes to open.
 */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const CONDITION = '@postroad/source'

// oxlint-disable-next-line import/no-default-export -- vitest reads the default export of its configuration
export default defineConfig({
  resolve: { conditions: [CONDITION, 'node', 'import', 'module', 'default'] },
  ssr: {
    resolve: {
      conditions: [CONDITION, 'node', 'import', 'module', 'default'],
      externalConditions: [CONDITION, 'node'],
    },
  },
  test: {
    include: ['{packages,apps,tooling}/*/test/**/*.test.ts'],
    pool: 'forks',
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../.cache/compile') },
    execArgv: [`--conditions=${CONDITION}`],
    globalSetup: ['tooling/vitest/src/global-setup.ts'],
    // Tests mostly wait: two at a time is worth it where there are two processors, too.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
