/** What operators see of an entry in Redis. */

import { contentId, entryId, groupId } from '@postroad/envelope'
import type { Codec, EntryState, EntryView } from '@postroad/queue'
import { parseLabels } from './labels.ts'
import { bytesOf, listOf, numberOf, textOf } from './reply.ts'

/** Reads a row that the script `show` describes. */
export function viewOf<Job>(row: unknown, now: number, codec: Codec<Job>): EntryView<Job> {
  const [id, group, state, job, content, priority, labels, attempt, enqueuedAt, notBefore, reason, reply] = listOf(row)
  const contentName = textOf(content)
  const stands = stateOf(textOf(state), numberOf(notBefore) <= now)
  return {
    id: entryId(textOf(id)),
    state: stands,
    group: groupId(textOf(group)),
    job: decode(codec, bytesOf(job)),
    content: contentName === '' ? undefined : contentId(contentName),
    priority: numberOf(priority),
    labels: parseLabels(textOf(labels)),
    attempt: numberOf(attempt),
    enqueuedAt: numberOf(enqueuedAt),
    notBefore: numberOf(notBefore),
    heldFor: stands === 'held' ? textOf(reason) : undefined,
    lastReply: reply === null || reply === undefined ? undefined : textOf(reply),
  }
}

function stateOf(state: string, due: boolean): EntryState {
  if (state === 'leased' || state === 'held') return state
  return due ? 'ready' : 'waiting'
}

function decode<Job>(codec: Codec<Job>, bytes: Uint8Array): Job | undefined {
  try {
    return codec.decode(bytes)
  } catch {
    // It is held with this reason once a worker meets it; here it is shown without its job.
    return undefined
  }
}
