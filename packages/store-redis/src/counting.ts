/** Counts of groups: those of each shard, put together. */

import { type GroupId, groupId } from '@postroad/envelope'
import type { GroupCounts, Page, PageRequest } from '@postroad/queue'
import type { Context } from './context.ts'
import { sizeOfPage } from './listing.ts'
import { listOf, numberOf, textOf, wordOf } from './reply.ts'
import { counts, MOST_COUNTED, tally } from './scripts/counts.ts'

/** A page of groups by name. */
export async function countGroups(shards: readonly Context[], page: PageRequest): Promise<Page<GroupCounts>> {
  const wanted = sizeOfPage(page)
  const pages = await Promise.all(shards.map((context) => countShard(context, page.cursor ?? '', wanted)))
  const [only] = pages
  if (only !== undefined && pages.length === 1) return only
  // Each gave its first, so the first of all of them are among these.
  const names = pages.flatMap(({ items }) => items.map(({ group }) => group))
  const first = [...new Set(names)].toSorted(byBytes).slice(0, wanted)
  const isMore = first.length < new Set(names).size || pages.some(({ cursor }) => cursor !== undefined)
  return { items: await tallyGroups(shards, first), cursor: isMore ? first.at(-1) : undefined }
}

/** Groups as they stand now, in the order given; zeros for one that has no entries. */
export async function tallyGroups(
  shards: readonly Context[],
  groups: readonly GroupId[],
): Promise<readonly GroupCounts[]> {
  const sums: GroupCounts[] = []
  for (let at = 0; at < groups.length; at += MOST_COUNTED) {
    const some = groups.slice(at, at + MOST_COUNTED)
    const rows = await Promise.all(shards.map((context) => tallyShard(context, some)))
    for (const n of some.keys()) {
      const parts = rows.flatMap((list) => list[n] ?? [])
      sums.push(parts.reduce((sum, part) => sumOf(sum, part)))
    }
  }
  return sums
}

async function countShard(context: Context, after: string, wanted: number): Promise<Page<GroupCounts>> {
  const { connection, keys, time, groupConcurrency } = context
  const items: GroupCounts[] = []
  let cursor = after
  while (items.length < wanted) {
    const asked = Math.min(MOST_COUNTED, wanted - items.length)
    const { rest } = wordOf(await connection.run(counts, [keys.seq], [time(), groupConcurrency, cursor, asked]))
    const [last, rows] = rest
    items.push(...listOf(rows).map((row) => countsOf(row)))
    cursor = textOf(last)
    if (cursor === '') return { items, cursor: undefined }
  }
  return { items, cursor }
}

async function tallyShard(context: Context, groups: readonly GroupId[]): Promise<readonly GroupCounts[]> {
  const { connection, keys, time, groupConcurrency } = context
  const { rest } = wordOf(await connection.run(tally, [keys.seq], [time(), groupConcurrency, ...groups]))
  return listOf(rest[0]).map((row) => countsOf(row))
}

function sumOf(one: GroupCounts, other: GroupCounts): GroupCounts {
  const ends = [one.pausedUntil, other.pausedUntil].filter((end) => end !== undefined)
  return {
    group: one.group,
    ready: one.ready + other.ready,
    waiting: one.waiting + other.waiting,
    leased: one.leased + other.leased,
    held: one.held + other.held,
    pausedUntil: ends.length === 0 ? undefined : Math.max(...ends),
    concurrency: one.concurrency + other.concurrency,
  }
}

function countsOf(row: unknown): GroupCounts {
  const [group, ready, waiting, leased, held, until, concurrency] = listOf(row)
  const pausedUntil = numberOf(until)
  return {
    group: groupId(textOf(group)),
    ready: numberOf(ready),
    waiting: numberOf(waiting),
    leased: numberOf(leased),
    held: numberOf(held),
    pausedUntil: pausedUntil === 0 ? undefined : pausedUntil,
    concurrency: numberOf(concurrency),
  }
}

/** As Redis orders names. */
function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
