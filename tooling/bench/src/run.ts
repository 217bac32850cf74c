/**
 * `pnpm bench`: lists the benchmarks. `pnpm bench NAME [--quick] [--rounds N] [--case TEXT] [--json FILE]`: runs one.
 *
 * pnpm puts the pinned Node first on the PATH; whoever starts this file with another one (22.19 or later) measures on
 * the pinned one all the same, for contestants are started on it by its path.
 *
 * Status: 0, 1 where a contestant failed, 2 where the arguments are wrong, 130 and the like where a signal ended it. In
 * each case what was started has ended, and its data is gone.
 */

import { runInterruptibly } from './interruption.ts'
import { runSession } from './session.ts'

await runInterruptibly((signal) =>
  runSession({ args: process.argv.slice(2), stdout: process.stdout, stderr: process.stderr, signal }),
)
