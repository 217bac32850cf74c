/** What stores report, as lines. */

import type { Log } from './log.ts'

/** An event of any store: its dotted name, and what it carries. */
export interface StoreEvent {
  readonly type: string
  readonly error?: unknown
  readonly entry?: string
}

/** Lines of a store: an error for what carries one, else information. */
export function observeStore(log: Log): (event: StoreEvent) => void {
  return ({ type, error, entry }) => {
    const fields = { event: type, entryId: entry, error }
    if (error === undefined) log.info(fields, type.replaceAll('.', ' '))
    else log.error(fields, type.replaceAll('.', ' '))
  }
}
