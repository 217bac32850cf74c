/** A store: every port over one medium. Opening is a function of the adapter. */

import type { QueueControl } from './control.ts'
import type { Journal } from './journal.ts'
import type { Limits } from './limits.ts'
import type { Queue } from './queue.ts'
import type { Spool } from './spool.ts'

/** Disposing ends waiting leases with an empty list, lets what was begun finish, and closes the medium. */
export interface Store<Job> extends AsyncDisposable {
  readonly queue: Queue<Job>
  readonly control: QueueControl<Job>
  readonly spool: Spool
  readonly limits: Limits
  readonly journal: Journal
}
