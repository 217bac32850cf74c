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
  /** Its steps make the content they name in `spool`, and their records in `journal`, durable with the entries. */
  readonly queue: Queue<Job>
  /** Looks into `queue` and changes it by hand. */
  readonly control: QueueControl<Job>
  /** Needs no `drop`: content goes with the last entry that names it. */
  readonly spool: StoreSpool
  /** Counts for every process that has the store open; a crash may forget them. */
  readonly limits: Limits
  /** Holds the records of settlements, and what `write` is given. */
  readonly journal: Journal
}
