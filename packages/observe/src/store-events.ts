/** What stores report, as lines. */

import type { Log } from './log.ts'

/** An event of any store: its dotted name, and what it carries. */
export interface StoreEvent {
  /** `store.unavailable`: the event of the line, and with blanks for dots its sentence. */
  readonly type: string
  /** Absent or `undefined`: all is well, and the line is information. */
  readonly error?: unknown
  /** The id of the entry that it concerns; absent: none, or all of them. */
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
