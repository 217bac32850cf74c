/**
 * Entries that match a filter, a page at a time: shard after shard, in each the queued ones lane by lane, the leased, and
 * the held. So the cursor is a place: the shard, what is walked through there, and what was looked at last; and what a
 * filter by state, group or ids does not mean is not looked at.
 */

import type { EntryId, GroupId } from '@postroad/envelope'
import {
  type Codec,
  type ControlAction,
  type EntryFilter,
  type EntryView,
  matchesFilter,
  type PageRequest,
} from '@postroad/queue'
import type { Argument } from './connection.ts'
import type { Context } from './context.ts'
import { viewOf } from './entry-view.ts'
import { listOf, numberOf, textOf, wordOf } from './reply.ts'
import { listHeld, listLeased, listQueued, MOST_LISTED, show } from './scripts/list.ts'
import type { Script } from './scripts/script.ts'

/** The most that a page holds. */
const LARGEST_PAGE = 1_000

/** The most scripts for one page: where ten thousand groups have nothing that is meant, the page ends early. */
const MOST_CALLS = 200

/** One stretch of the way through a shard. */
interface Stretch {
  readonly kind: 'ids' | 'queued' | 'leased' | 'held'
  /** Only entries of this group. */
  readonly group?: GroupId
  /** Entries of this group were met on the stretch before. */
  readonly except?: GroupId
}

/** The way through each shard, and what is meant on it. */
export interface Walk {
  readonly filter: EntryFilter
  readonly stretches: readonly [Stretch, ...Stretch[]]
}

/** Where a walk stands. */
interface Place {
  readonly shard: number
  readonly stretch: number
  /** What the script was told last; empty: from the first. */
  readonly after: readonly string[]
}

/** An entry that matches, and where it lies. */
export interface Found<Job> {
  readonly context: Context
  readonly view: EntryView<Job>
}

/** A page of examined entries: those that match, and where to go on. */
export interface Matches<Job> {
  readonly found: readonly Found<Job>[]
  readonly cursor: string | undefined
}

/** How many a page may hold. */
export function sizeOfPage({ limit }: PageRequest): number {
  return Math.min(LARGEST_PAGE, Math.max(1, Math.trunc(limit)))
}

/** The way to go for a filter: such that what the action moves, it moves to where the walk has been. */
export function walkOf(filter: EntryFilter, action?: ControlAction): Walk {
  const { ids, state } = filter
  if (ids !== undefined) return { filter, stretches: [{ kind: 'ids' }] }
  const queued = stretchesOf('queued', filter, action)
  const leased = stretchesOf('leased', filter)
  const held = stretchesOf('held', filter, action)
  if (state === 'leased') return { filter, stretches: leased }
  if (state === 'held') return { filter, stretches: held }
  if (state !== undefined) return { filter, stretches: queued }
  const parts = action?.kind === 'hold' ? [...held, ...leased, ...queued] : [...queued, ...leased, ...held]
  const [first = { kind: 'queued' }, ...others] = parts
  return { filter, stretches: [first, ...others] }
}

function stretchesOf(
  kind: Stretch['kind'],
  { group }: EntryFilter,
  action?: ControlAction,
): readonly [Stretch, ...Stretch[]] {
  if (group !== undefined) return [{ kind, group }]
  if (action?.kind !== 'reroute') return [{ kind }]
  return [
    { kind, group: action.group },
    { kind, except: action.group },
  ]
}

/**
 * Reads a page.
 *
 * @throws {TypeError} Where the cursor is none of this store's.
 */
export async function matchEntries<Job>(
  shards: readonly Context[],
  codec: Codec<Job>,
  walk: Walk,
  page: PageRequest,
): Promise<Matches<Job>> {
  const found: Found<Job>[] = []
  let left = sizeOfPage(page)
  let place = page.cursor === undefined ? { shard: 0, stretch: 0, after: [] } : parsePlace(page.cursor)
  for (let calls = 0; left > 0 && calls < MOST_CALLS; calls += 1) {
    const context = shards[place.shard]
    const stretch = walk.stretches[place.stretch]
    if (context === undefined || stretch === undefined) return { found, cursor: undefined }
    const read = await readStretch(context, walk.filter, stretch, place.after, Math.min(MOST_LISTED, left))
    left -= read.examined
    for (const row of read.rows) {
      const view = viewOf(row, read.now, codec)
      if (view.group !== stretch.except && matchesFilter(view, walk.filter)) found.push({ context, view })
    }
    place = nextPlace(place, read.next, walk)
  }
  return { found, cursor: shards[place.shard] === undefined ? undefined : formatPlace(place) }
}

function nextPlace({ shard, stretch }: Place, next: readonly string[] | undefined, { stretches }: Walk): Place {
  if (next !== undefined) return { shard, stretch, after: next }
  if (stretch + 1 < stretches.length) return { shard, stretch: stretch + 1, after: [] }
  return { shard: shard + 1, stretch: 0, after: [] }
}

function formatPlace({ shard, stretch, after }: Place): string {
  return JSON.stringify([shard, stretch, ...after])
}

function parsePlace(cursor: string): Place {
  const [shard, stretch, ...after] = parseList(cursor)
  const texts = after.filter((part) => typeof part === 'string')
  if (typeof shard !== 'number' || typeof stretch !== 'number' || texts.length < after.length) {
    throw new TypeError('the cursor is not one that this store gave')
  }
  return { shard, stretch, after: texts }
}

function parseList(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

/** What one script read. */
interface Read {
  readonly rows: readonly unknown[]
  readonly now: number
  readonly examined: number
  readonly next: readonly string[] | undefined
}

async function readStretch(
  context: Context,
  filter: EntryFilter,
  { kind, group = '' }: { readonly kind: Stretch['kind']; readonly group?: string },
  after: readonly string[],
  count: number,
): Promise<Read> {
  const [one = '', two = '', three = '', four = ''] = after
  switch (kind) {
    case 'ids': {
      const ids = idsAfter(filter.ids ?? [], one)
      const some = ids.slice(0, count)
      const last = some.at(-1)
      const next = last === undefined || ids.length === some.length ? undefined : [last]
      return { ...(await readRows(context, show, some)), examined: some.length, next }
    }
    case 'queued':
      return readRows(context, listQueued, [group, filter.state ?? '', count, one, two, three, four])
    case 'leased':
      return readRows(context, listLeased, [group, count, one, two])
    case 'held':
      return readRows(context, listHeld, [group, count, one])
  }
}

async function readRows({ connection, keys, time }: Context, script: Script, args: readonly Argument[]): Promise<Read> {
  const { rest } = wordOf(await connection.run(script, [keys.seq], [time(), ...args]))
  const [now, list, next] = rest
  const rows = listOf(list)
  return {
    rows,
    now: numberOf(now),
    examined: rows.length,
    next: next === undefined || next === null ? undefined : listOf(next).map((part) => textOf(part)),
  }
}

/** In the order of their ids, each once. */
function idsAfter(ids: readonly EntryId[], after: string): readonly EntryId[] {
  return [...new Set(ids)].filter((id) => id > after).toSorted((one, other) => (one < other ? -1 : 1))
}
