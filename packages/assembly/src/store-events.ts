/** What a store in SQLite reports, as lines: only what an operator must hear of. */

import type { Log } from '@postroad/observe'
import type { SqliteStoreEvent } from '@postroad/store-sqlite'

/** Lines of a store in SQLite. */
export function observeSqliteStore(log: Log): (event: SqliteStoreEvent) => void {
  return (event) => {
    switch (event.kind) {
      case 'batch':
      case 'checkpoint':
      case 'files-removed':
        return
      case 'damaged': {
        const pages = event.pages.map(({ page }) => page).filter((page) => page !== undefined)
        return log.error(
          { event: 'store.damaged', pages },
          'the database is damaged; what lies on these pages is passed over: run postroad store check',
        )
      }
      case 'checkpoint-failed':
        return log.warn(
          { event: 'store.checkpoint.failed', error: event.error },
          'the log of the database could not be moved into it, and grows',
        )
      case 'files-not-removed':
        return log.warn(
          { event: 'store.files.failed', error: event.error },
          'files of ended messages could not be removed, which is tried again',
        )
    }
  }
}
