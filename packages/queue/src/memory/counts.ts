/** One group counted, as control and the feed of changes show it. */

import type { GroupId } from '@postroad/envelope'
import type { GroupCounts } from '../control.ts'
import { closedUntil, concurrencyOf } from '../pace.ts'
import { Group } from './lane.ts'
import type { Schedule } from './schedule.ts'

/** Counts a group; all zeros where it is not remembered. Its cost grows with what is ready unless all of it is. */
export function countGroup<Job>(schedule: Schedule<Job>, id: GroupId, now: number): GroupCounts {
  const group = schedule.findGroup(id) ?? new Group(id, schedule.table)
  let ready = 0
  for (const { entries, allDueAt } of group.lanes.values()) {
    ready += allDueAt <= now ? entries.size : entries.countDue(now)
  }
  return {
    group: id,
    ready,
    waiting: group.entries - group.leased - group.held - ready,
    leased: group.leased,
    held: group.held,
    pausedUntil: closedUntil(group, now) || undefined,
    concurrency: concurrencyOf(group, schedule.groupConcurrency, now),
  }
}
