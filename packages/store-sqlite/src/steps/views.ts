/** Entries as control sees and changes them. */

import { groupId, contentId, entryId } from '@postroad/envelope'
import { actionChanges, type ControlAction, type EntryState, type EntryView, type Labels } from '@postroad/queue'
import type { ViewRow } from '../protocol.ts'
import { bytes, integer, optionalText, type Row, text } from '../row.ts'
import { isDue } from './due-entries.ts'
import { type Entries, HELD, QUEUED } from './entries.ts'

/** A row of `entry`, with the id of its group. */
export interface ViewedRow {
  readonly row: Row
  readonly group: string
}

/** The state of a row. */
export function stateOf(row: Row, now: number): EntryState {
  const state = integer(row, 'state')
  if (state !== QUEUED) return state === HELD ? 'held' : 'leased'
  return isDue(row, now) ? 'ready' : 'waiting'
}

/** What operators see of a row. */
export function viewOf({ row, group }: ViewedRow, now: number): ViewRow {
  return {
    id: text(row, 'id'),
    state: stateOf(row, now),
    group,
    job: bytes(row, 'job'),
    content: optionalText(row, 'content'),
    priority: integer(row, 'priority'),
    labels: text(row, 'labels'),
    attempt: integer(row, 'leases'),
    enqueuedAt: integer(row, 'enqueued_at'),
    notBefore: integer(row, 'not_before'),
    heldFor: optionalText(row, 'held_for'),
    lastReply: optionalText(row, 'last_reply'),
  }
}

/** What a filter is asked about; labels are read only where it wants to know. */
export function filteredViewOf({ row, group }: ViewedRow, now: number): Omit<EntryView<unknown>, 'job'> {
  const content = optionalText(row, 'content')
  return {
    id: entryId(text(row, 'id')),
    state: stateOf(row, now),
    group: groupId(group),
    content: content === undefined ? undefined : contentId(content),
    priority: integer(row, 'priority'),
    attempt: integer(row, 'leases'),
    enqueuedAt: integer(row, 'enqueued_at'),
    notBefore: integer(row, 'not_before'),
    heldFor: optionalText(row, 'held_for'),
    lastReply: optionalText(row, 'last_reply'),
    get labels() {
      const labels: Labels = JSON.parse(text(row, 'labels'))
      return labels
    },
  }
}

/** Whether an action would change a row. */
export function changes(action: ControlAction, { row, group }: ViewedRow, now: number): boolean {
  return actionChanges(action, { state: stateOf(row, now), group: groupId(group) })
}

/** Does an action to a row that it would change. */
export function change(action: ControlAction, { row }: ViewedRow, entries: Entries, now: number): void {
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
