/** A store: every port over one medium. Opening is a function of the adapter. */

import type { QueueControl } from './control.ts'
import type { Journal } from './journal.ts'
import type { Limits } from './limits.ts'
import type { Queue } from './queue.ts'
import type { StoreSpool } from './spool.ts'

/**
 * Every port of one store.
 *
 * Disposing ends waiting leases with an empty list and waiting `changes` with none, lets what was begun finish, and closes
 * the medium; a second time it does nothing. Every later call rejects with `QueueUnavailableError`. Leases that are out
 * stay so and run out, unless the store is open elsewhere and they are settled there.
 */
export interface Store<Job> extends AsyncDisposable {
  readonly queue: Queue<Job>
  readonly control: QueueControl<Job>
  readonly spool: StoreSpool
  readonly limits: Limits
  readonly journal: Journal
}
