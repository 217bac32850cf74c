/** What control sees and does, the same in every store: which entries a filter means, and what an action changes. */

import type { GroupId } from '@postroad/envelope'
import type { ControlAction, EntryFilter, EntryState, EntryView } from './control.ts'

/** Whether the action would change the entry. A leased entry is left alone whatever the action. */
export function actionChanges(
  action: ControlAction,
  entry: { readonly state: EntryState; readonly group: GroupId },
): boolean {
  if (entry.state === 'leased') return false
  switch (action.kind) {
    case 'hold':
      return entry.state !== 'held'
    case 'release':
      return entry.state === 'held'
    case 'retry':
      return entry.state === 'waiting'
    case 'drop':
      return true
    case 'reroute':
      return entry.group !== action.group
  }
}

/** Whether an entry is meant. All that the filter gives must match. */
export function matchesFilter(view: Omit<EntryView<unknown>, 'job'>, filter: EntryFilter): boolean {
  const { ids, state, group, labels, enqueuedBefore, attemptsAtLeast, lastReply } = filter
  return (
    (ids === undefined || ids.includes(view.id)) &&
    (state === undefined || view.state === state) &&
    (group === undefined || view.group === group) &&
    (enqueuedBefore === undefined || view.enqueuedAt < enqueuedBefore) &&
    (attemptsAtLeast === undefined || view.attempt >= attemptsAtLeast) &&
    (lastReply === undefined || view.lastReply?.includes(lastReply) === true) &&
    (labels === undefined || Object.entries(labels).every(([name, text]) => view.labels[name] === text))
  )
}
