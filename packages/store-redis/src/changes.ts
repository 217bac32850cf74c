/**
 * The feed of changes: while somebody follows it, scripts write down which groups they change (`changed`); the follower
 * looks a few times a second. Nobody pays for it while nobody follows. The cursor names the shard whose turn it is, the
 * feed of each shard and the place in it.
 */

import { type GroupId, groupId } from '@postroad/envelope'
import type { Changes, ChangesRequest } from '@postroad/queue'
import { systemClock } from '@postroad/runtime/system'
import type { Context } from './context.ts'
import { tallyGroups } from './counting.ts'
import { sizeOfPage } from './listing.ts'
import { listOf, textOf, wordOf } from './reply.ts'
import { follow } from './scripts/counts.ts'

/** Between two looks, in milliseconds. */
const LOOK_AGAIN_MS = 250

/** Where a follower stands. */
interface Stand {
  /** Which shard is first at the next look. */
  readonly first: number
  /** In each shard; empty to begin anew. */
  readonly places: readonly Place[]
}

/** The feed of one shard, and the place in it. */
interface Place {
  readonly feed: string
  readonly at: string
}

/** What one look found. */
interface Look {
  readonly groups: readonly GroupId[]
  readonly next: Stand
  readonly restarted: boolean
}

/** Waits for changes since a cursor; `end` is the end of the store. */
export async function followChanges(
  shards: readonly Context[],
  request: ChangesRequest,
  end: AbortSignal,
): Promise<Changes> {
  const { waitMs, cursor } = request
  const signal = request.signal === undefined ? end : AbortSignal.any([request.signal, end])
  const limit = sizeOfPage(request)
  const endAt = systemClock.monotonic() + waitMs
  const begin = parseStand(cursor ?? '', shards.length)
  for (;;) {
    const look = await lookOnce(shards, begin, limit)
    const next = formatStand(look.next)
    if (look.restarted) return { groups: [], cursor: next, restarted: true }
    if (look.groups.length > 0) {
      return { groups: await tallyGroups(shards, look.groups), cursor: next, restarted: false }
    }
    const leftMs = endAt - systemClock.monotonic()
    if (leftMs <= 0 || signal.aborted) return { groups: [], cursor: next, restarted: false }
    await systemClock.sleep(Math.min(leftMs, LOOK_AGAIN_MS), signal)
    if (end.aborted) return { groups: [], cursor: next, restarted: false }
  }
}

/**
 * Shards that come after those that gave all that is wanted stay where they are. The next look begins with the first of
 * them, so that none is left behind by one in which much happens.
 */
async function lookOnce(shards: readonly Context[], begin: Stand, limit: number): Promise<Look> {
  const looks = await Promise.all(shards.map((context, n) => lookInto(context, begin.places[n], limit)))
  const places = looks.map(({ place }) => place)
  if (looks.some(({ restarted }) => restarted)) return { groups: [], next: { first: 0, places }, restarted: true }
  const names = new Set<GroupId>()
  let first: number | undefined
  for (let n = 0; n < shards.length; n += 1) {
    const shard = (begin.first + n) % shards.length
    const look = looks[shard]
    const from = begin.places[shard]
    if (look === undefined || from === undefined) continue
    if (names.size + look.groups.length > limit) {
      places[shard] = from
      first ??= shard
    } else for (const name of look.groups) names.add(name)
  }
  return { groups: [...names], next: { first: first ?? begin.first, places }, restarted: false }
}

async function lookInto(
  { connection, keys }: Context,
  from: Place | undefined,
  limit: number,
): Promise<{ readonly place: Place; readonly groups: readonly GroupId[]; readonly restarted: boolean }> {
  const args = [from?.feed ?? '', from?.at ?? '', limit]
  const { word, rest } = wordOf(await connection.run(follow, [keys.seq], args))
  const [feed, at, groups] = rest
  const restarted = word === 'restarted'
  return {
    place: { feed: textOf(feed), at: textOf(at) },
    groups: restarted ? [] : listOf(groups).map((name) => groupId(textOf(name))),
    restarted,
  }
}

function formatStand({ first, places }: Stand): string {
  return [first, ...places.map(({ feed, at }) => `${feed}-${at}`)].join('.')
}

/** No places where it is none of this store's: the feed then begins anew. */
function parseStand(cursor: string, shards: number): Stand {
  const [turn = '', ...parts] = cursor.split('.')
  const places = parts.flatMap((part): Place[] => {
    const [feed = '', at = '', ...more] = part.split('-')
    return /^\d{1,16}$/.test(feed) && /^\d{1,16}$/.test(at) && more.length === 0 ? [{ feed, at }] : []
  })
  const first = /^\d{1,2}$/.test(turn) ? Number(turn) : shards
  return first < shards && places.length === shards ? { first, places } : { first: 0, places: [] }
}
