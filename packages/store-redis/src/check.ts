/**
 * The check of a store: what is damaged, and what was left behind. It goes through the shards a page at a time beside live
 * traffic; each page is one script, which looks at all that belongs to a thing in one step. What only several pages
 * together tell (how many entries name a content) is counted again before it is told.
 */

import type { Context } from './context.ts'
import { type Finding, FindingList } from './findings.ts'
import { openShards, type RedisStoreOptions } from './open.ts'
import { listOf, numberOf, textOf, wordOf } from './reply.ts'
import {
  CHECKED_GROUPS,
  CHECKED_PLACES,
  checkContents,
  checkEntries,
  checkGroups,
  checkLanes,
  checkLeases,
  checkPlace,
  refsOf,
} from './scripts/check.ts'
import type { Script } from './scripts/script.ts'
import type { Argument } from './evaluation.ts'

/** How the store to be checked is reached: as for `openRedisStore`. What Redis promises is not asked. */
export type RedisCheckOptions = Omit<RedisStoreOptions<unknown>, 'codec' | 'durability' | 'replicas'>

/** What a check found. */
export interface RedisCheck {
  /** Entries looked at in all shards, about: what comes and goes meanwhile may be counted or not. */
  readonly entries: number
  /** Contents looked at, about as `entries`; those that no entry names yet are among them. */
  readonly contents: number
  /** Empty where all is well. Of each kind some 100 are told, and then how many more there are. */
  readonly findings: readonly Finding[]
}

/** The most leases that are counted by group: they must be counted in one step. */
const COUNTED_LEASES = 5_000
/** The most contents whose names are counted, in each shard. */
const COUNTED_CONTENTS = 200_000
/** The most contents that are counted again. */
const COUNTED_AGAIN = 100
/** How often. */
const ROUNDS = 3

/**
 * Checks a store. Changes nothing; safe beside live traffic, of which it slows none by more than a page, a millisecond or
 * so. Its memory is bounded; where there are more than 5,000 leases, or 200,000 contents in a shard, what it counts of
 * these is not compared.
 *
 * @throws {QueueUnavailableError} Where Redis cannot be reached, or goes away meanwhile.
 * @throws {RedisStoreError} Where the keys were written by another release, or for another number of shards.
 */
export async function checkRedisStore(options: RedisCheckOptions): Promise<RedisCheck> {
  const { connection, contexts } = await openShards({ ...options, durability: 'relaxed' })
  const findings = new FindingList()
  let entries = 0
  let contents = 0
  try {
    for (const context of contexts) {
      const leasing = await lookAtGroups(context, findings)
      await lookAtLeases(context, leasing, findings)
      await lookAtPlaces(context, findings)
      const named = await lookAtEntries(context, findings)
      entries += named.entries
      contents += await lookAtContents(context, named.counts, findings)
    }
    return { entries, contents, findings: findings.all() }
  } finally {
    await connection.close()
  }
}

function run({ connection, keys }: Context, script: Script, args: readonly Argument[]): Promise<unknown> {
  return connection.run(script, [keys.seq], args)
}

/** Gives the groups that count leases. */
async function lookAtGroups(context: Context, findings: FindingList): Promise<readonly string[]> {
  const { time, groupConcurrency } = context
  const leasing: string[] = []
  let after = ''
  do {
    const reply = await run(context, checkGroups, [time(), groupConcurrency, after, CHECKED_GROUPS])
    const [last, faults, more] = wordOf(reply).rest
    for (const row of listOf(faults)) {
      const [group, kind, priority] = listOf(row)
      const lane = priority === undefined ? '' : `, priority ${numberOf(priority)}`
      findings.add(`group ${textOf(kind)}`, context.keys.shard, `group ${textOf(group)}${lane}`)
    }
    leasing.push(...listOf(more).map((group) => textOf(group)))
    after = textOf(last)
  } while (after !== '')
  return leasing
}

async function lookAtLeases(context: Context, groups: readonly string[], findings: FindingList): Promise<void> {
  for (let at = 0; at < groups.length; at += CHECKED_PLACES) {
    const some = groups.slice(at, at + CHECKED_PLACES)
    const { word, rest } = wordOf(await run(context, checkLeases, [COUNTED_LEASES, ...some]))
    if (word === 'many') return
    for (const row of listOf(rest[0])) {
      const [group, counted, there] = listOf(row)
      const numbers = `counts ${numberOf(counted)}, has ${numberOf(there)}`
      findings.add('group leases', context.keys.shard, `group ${textOf(group)}: ${numbers}`)
    }
  }
}

async function lookAtPlaces(context: Context, findings: FindingList): Promise<void> {
  await lookAtPlace(context, 'leases', findings)
  await lookAtPlace(context, 'held', findings)
  let cursor = '0'
  do {
    const [next, lanes] = wordOf(await run(context, checkLanes, [cursor])).rest
    for (const lane of listOf(lanes)) await lookAtPlace(context, `lane:${textOf(lane)}`, findings)
    cursor = textOf(next)
  } while (cursor !== '0')
}

async function lookAtPlace(context: Context, place: string, findings: FindingList): Promise<void> {
  for (let from = 0; ; from += CHECKED_PLACES) {
    const [faults, examined] = wordOf(await run(context, checkPlace, [place, from, CHECKED_PLACES])).rest
    for (const row of listOf(faults)) {
      const [id, kind] = listOf(row)
      findings.add(`place ${textOf(kind)}`, context.keys.shard, `entry ${textOf(id)} in ${place}`)
    }
    if (numberOf(examined) < CHECKED_PLACES) return
  }
}

/** How many entries name each content; `undefined` where there are too many to count. */
type Counts = Map<string, number> | undefined

async function lookAtEntries(
  context: Context,
  findings: FindingList,
): Promise<{ readonly entries: number; readonly counts: Counts }> {
  let counts: Counts = new Map()
  let entries = 0
  let cursor = '0'
  do {
    const [next, examined, faults, named] = wordOf(await run(context, checkEntries, [cursor])).rest
    entries += numberOf(examined)
    for (const row of listOf(faults)) {
      const [id, kind] = listOf(row)
      findings.add(`entry ${textOf(kind)}`, context.keys.shard, `entry ${textOf(id)}`)
    }
    for (const row of listOf(named)) {
      const content = textOf(listOf(row)[1])
      counts?.set(content, (counts.get(content) ?? 0) + 1)
    }
    if (counts !== undefined && counts.size > COUNTED_CONTENTS) counts = undefined
    cursor = textOf(next)
  } while (cursor !== '0')
  return { entries, counts }
}

async function lookAtContents(context: Context, counts: Counts, findings: FindingList): Promise<number> {
  const suspects: string[] = []
  let contents = 0
  let cursor = '0'
  do {
    const [next, examined, named, old] = wordOf(await run(context, checkContents, [context.time(), cursor])).rest
    contents += numberOf(examined)
    for (const row of listOf(named)) {
      const [id, refs] = listOf(row)
      const content = textOf(id)
      const differs = counts !== undefined && (counts.get(content) ?? 0) !== numberOf(refs)
      if (differs && suspects.length < COUNTED_AGAIN) suspects.push(content)
    }
    for (const id of listOf(old)) findings.add('content old', context.keys.shard, `content ${textOf(id)}`)
    cursor = textOf(next)
  } while (cursor !== '0')
  for (const [content, { refs, names }] of await countAgain(context, suspects)) {
    const kind = refs > names ? 'content more' : 'content fewer'
    findings.add(kind, context.keys.shard, `content ${content}: counts ${refs}, has ${names}`)
  }
  return contents
}

/** What still differs when nothing changed while it was counted. */
async function countAgain(
  context: Context,
  suspects: readonly string[],
): Promise<ReadonlyMap<string, { readonly refs: number; readonly names: number }>> {
  let left = suspects
  let found = new Map<string, { readonly refs: number; readonly names: number }>()
  for (let round = 0; round < ROUNDS && left.length > 0; round += 1) {
    const before = await readRefs(context, left)
    const names = await countNames(context, left)
    const after = await readRefs(context, left)
    found = new Map()
    for (const content of left) {
      const refs = after.get(content) ?? 0
      const counted = names.get(content) ?? 0
      if (before.get(content) === refs && counted !== refs) found.set(content, { refs, names: counted })
    }
    left = [...found.keys()]
  }
  return found
}

async function readRefs(context: Context, contents: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const [refs] = wordOf(await run(context, refsOf, contents)).rest
  const numbers = listOf(refs)
  return new Map(contents.map((content, n) => [content, numberOf(numbers[n])]))
}

async function countNames(context: Context, contents: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const names = new Map<string, Set<string>>()
  let cursor = '0'
  do {
    const [next, , , named] = wordOf(await run(context, checkEntries, [cursor, ...contents])).rest
    for (const row of listOf(named)) {
      const [id, content] = listOf(row)
      const name = textOf(content)
      const ids = names.get(name) ?? new Set()
      // An entry may be met twice.
      names.set(name, ids.add(textOf(id)))
    }
    cursor = textOf(next)
  } while (cursor !== '0')
  return new Map([...names].map(([content, ids]) => [content, ids.size]))
}
