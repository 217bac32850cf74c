/** Entries to be added, as the scripts take them: those that are enqueued, and those that a settlement spawns. */

import { type Codec, ContentMissingError, type NewEntry, QueueUnavailableError } from '@postroad/queue'
import { numberOf } from './reply.ts'
import type { Argument, Staged } from './evaluation.ts'
import type { RedisSpool } from './spool.ts'
import { whole } from './whole.ts'

/** What stands before the job of an entry without labels. */
const BARE = Buffer.from('\n')

/** Entries as a script takes them. */
export interface Arrivals {
  /** The arguments that ARRIVALS reads. */
  readonly args: readonly Argument[]
  /** Content that is set before the script. */
  readonly staged: readonly Staged[]
}

/** Prepares entries for a script. */
export function arrivalsOf<Job>(entries: readonly NewEntry<Job>[], spool: RedisSpool, codec: Codec<Job>): Arrivals {
  const packed: Argument[] = []
  for (const { id, job, group, content, priority, notBefore, labels } of entries) {
    const name = content === undefined ? '' : 'ref' in content ? content.ref : content.id
    const words = JSON.stringify(labels)
    const behind = words === '{}' ? BARE : Buffer.from(`${words}\n`)
    packed.push(id, group, name, priority, whole(notBefore, 'notBefore'), [behind, codec.encode(job)])
  }
  const contents = entries.flatMap(({ content }) => content ?? [])
  // Each is named once: where one entry brings what another refers to, as what is brought. Named is what will be sent: behind
  // all that may throw.
  const brought = contents.filter((content) => 'id' in content)
  const others = contents.filter((content) => 'ref' in content)
  const named = spool.naming([...brought, ...others])
  return { args: [...named.args, entries.length, ...packed], staged: named.staged }
}

/**
 * The content that was taken: of the entries that were added. What those brought that were known already was not.
 *
 * @param added Their places, from 1, as the script says.
 */
export function broughtBy<Job>(
  added: readonly unknown[],
  entries: readonly NewEntry<Job>[],
): readonly NewEntry<Job>['content'][] {
  return added.map((place) => entries[numberOf(place) - 1]?.content)
}

/** The error for content that a script did not find. */
export function lacking(content: string, { args }: Arrivals): Error {
  const at = args.indexOf(content)
  // What was set just before was refused, or thrown away by a Redis that may do that.
  if (at !== -1 && args[at + 1] === 'put') return new QueueUnavailableError('Redis has not kept the content')
  return new ContentMissingError(`there is no content ${content}`)
}

/** About how many bytes they are. */
export function sizeOf(args: readonly Argument[], staged: readonly Staged[] = []): number {
  let bytes = 0
  for (const { bytes: content } of staged) bytes += sizeOf([content])
  for (const arg of args) {
    if (typeof arg === 'number') bytes += 8
    else if (typeof arg === 'string' || arg instanceof Uint8Array) bytes += arg.length
    else for (const piece of arg) bytes += piece.length
  }
  return bytes
}
