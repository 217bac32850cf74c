/** Entries as control sees and changes them. Pages walk over the entries in the order of their arrival. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { groupId } from '@postroad/envelope'
import { actionChanges, type ControlAction, type EntryFilter, type EntryState } from '@postroad/queue'
import type { PageOfEntries, ViewRow } from '../protocol.ts'
import { bytes, integer, optionalText, type Row, text } from '../row.ts'
import { type Entries, HELD, QUEUED } from './entries.ts'

/** Pages over the entries of one database. */
export class Views {
  readonly #byId: StatementSync
  readonly #after: StatementSync

  constructor(database: DatabaseSync) {
    const columns = 'entry.*, grp.id AS group_id FROM entry JOIN grp ON grp.serial = entry.grp'
    this.#byId = database.prepare(`SELECT ${columns} WHERE entry.id = ?`)
    this.#after = database.prepare(`SELECT ${columns} WHERE entry.serial > ? ORDER BY entry.serial LIMIT ?`)
  }

  /** The entries of a page that match. */
  page(request: PageOfEntries, now: number): { readonly rows: readonly Row[]; readonly cursor: string | undefined } {
    const { rows, cursor } =
      request.filter.ids === undefined ? this.#walk(request) : this.#lookUp(request, request.filter.ids)
    return { rows: rows.filter((row) => matches(row, request.filter, now)), cursor }
  }

  #walk({ cursor, limit }: PageOfEntries): { readonly rows: readonly Row[]; readonly cursor: string | undefined } {
    const rows = this.#after.all(Number(cursor ?? 0), limit + 1)
    if (rows.length <= limit) return { rows, cursor: undefined }
    rows.pop()
    return { rows, cursor: String(integer(rows.at(-1) ?? {}, 'serial')) }
  }

  #lookUp(
    { cursor, limit }: PageOfEntries,
    ids: readonly string[],
  ): { readonly rows: readonly Row[]; readonly cursor: string | undefined } {
    const from = Number(cursor ?? 0)
    const unique = [...new Set(ids)]
    const rows = unique.slice(from, from + limit).map((id) => this.#byId.get(id))
    return {
      rows: rows.filter((row) => row !== undefined),
      cursor: from + limit < unique.length ? String(from + limit) : undefined,
    }
  }
}

/** The state of a row. */
export function stateOf(row: Row, now: number): EntryState {
  const state = integer(row, 'state')
  if (state !== QUEUED) return state === HELD ? 'held' : 'leased'
  return integer(row, 'not_before') <= now ? 'ready' : 'waiting'
}

/** What operators see of a row. */
export function viewOf(row: Row, now: number): ViewRow {
  return {
    id: text(row, 'id'),
    state: stateOf(row, now),
    group: text(row, 'group_id'),
    job: bytes(row, 'job'),
    content: optionalText(row, 'content'),
    priority: integer(row, 'priority'),
    labels: text(row, 'labels'),
    attempt: integer(row, 'leases'),
    enqueuedAt: integer(row, 'enqueued_at'),
    notBefore: integer(row, 'not_before'),
    heldFor: optionalText(row, 'held_for'),
  }
}

/** Whether an action would change a row. */
export function changes(action: ControlAction, row: Row, now: number): boolean {
  return actionChanges(action, { state: stateOf(row, now), group: groupId(text(row, 'group_id')) })
}

/** Does an action to a row that it would change. */
export function change(action: ControlAction, row: Row, entries: Entries, now: number): void {
  switch (action.kind) {
    case 'hold':
      entries.hold(row, action.reason)
      return
    case 'release':
    case 'retry':
      entries.requeue(row, now)
      return
    case 'drop':
      entries.remove(row, now)
      return
    case 'reroute':
      entries.move(row, action.group)
      return
    default:
      action satisfies never
  }
}

function matches(
  row: Row,
  { state, group, labels, enqueuedBefore, attemptsAtLeast }: EntryFilter,
  now: number,
): boolean {
  if (state !== undefined && stateOf(row, now) !== state) return false
  if (group !== undefined && text(row, 'group_id') !== group) return false
  if (enqueuedBefore !== undefined && integer(row, 'enqueued_at') >= enqueuedBefore) return false
  if (attemptsAtLeast !== undefined && integer(row, 'leases') < attemptsAtLeast) return false
  if (labels === undefined) return true
  const kept: Record<string, unknown> = JSON.parse(text(row, 'labels'))
  return Object.entries(labels).every(([name, wanted]) => Object.hasOwn(kept, name) && kept[name] === wanted)
}
