/** What an action of control does to an entry in a state: the same in every store. */

import type { GroupId } from '@postroad/envelope'
import type { ControlAction, EntryState } from './control.ts'

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
