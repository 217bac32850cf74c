/** The rules of what may be enqueued, the same in every store. */

import { messageOf } from '@postroad/envelope'
import { InvalidEntryError } from './errors.ts'
import type { AttemptRecord } from './journal.ts'
import type { NewEntry, Settlement } from './queue.ts'

/** How long `down` parks a group, in milliseconds. */
export const PARKED_MS = 300_000

/** Most labels of an entry, and characters in the name or the text of one. */
const MAX_LABELS = 16
const MAX_LABEL_CHARACTERS = 1_000
/** Most characters of an entry id and of a group id. */
const MAX_ID_CHARACTERS = 1_000
/** Most characters of a reply that an entry keeps. */
const MAX_REPLY_CHARACTERS = 500
/** Most characters of a record's detail, as JSON. */
const MAX_DETAIL_CHARACTERS = 4_000

/**
 * Checks entries before a store takes them.
 *
 * @param oneMessage Whether all must belong to one message: yes for `enqueue`, no for what a settlement spawns.
 * @throws {InvalidEntryError} With a sentence that names the entry and the rule.
 */
export function checkNewEntries(entries: readonly NewEntry<unknown>[], oneMessage: boolean): void {
  const [first] = entries
  if (first === undefined) return
  const message = messageOf(first.id)
  for (const { id, group, priority, notBefore, labels } of entries) {
    if (id === '' || id.length > MAX_ID_CHARACTERS) throw new InvalidEntryError('an entry id is empty or too long')
    if (oneMessage && messageOf(id) !== message) {
      throw new InvalidEntryError(`entries of two messages: ${first.id} and ${id}`)
    }
    if (group === '' || group.length > MAX_ID_CHARACTERS) {
      throw new InvalidEntryError(`the group of ${id} is empty or too long`)
    }
    if (!Number.isInteger(priority) || priority < -9 || priority > 9) {
      throw new InvalidEntryError(`the priority of ${id} is not an integer from -9 to 9`)
    }
    if (!Number.isFinite(notBefore)) throw new InvalidEntryError(`notBefore of ${id} is not an instant`)
    const pairs = Object.entries(labels)
    if (pairs.length > MAX_LABELS) throw new InvalidEntryError(`${id} has more than ${MAX_LABELS} labels`)
    for (const [name, text] of pairs) {
      if (name.length > MAX_LABEL_CHARACTERS || text.length > MAX_LABEL_CHARACTERS) {
        throw new InvalidEntryError(`a label of ${id} is longer than ${MAX_LABEL_CHARACTERS} characters`)
      }
    }
  }
}

/**
 * Checks a batch of settlements before a store does any of it.
 *
 * @throws {InvalidEntryError} Where a spawned entry breaks a rule, or a retry is for no instant.
 */
export function checkSettlements(batch: readonly Settlement<unknown>[]): void {
  for (const settlement of batch) {
    if (settlement.spawn !== undefined) checkNewEntries(settlement.spawn, false)
    if (settlement.kind === 'retry' && !Number.isFinite(settlement.notBefore)) {
      throw new InvalidEntryError('notBefore of a settlement is not an instant')
    }
  }
}

/** The detail of a record as JSON text to keep: `{"omitted":n}` where it is longer than the journal takes. */
export function formatDetail({ detail }: AttemptRecord): string {
  const text = JSON.stringify(detail)
  return text.length <= MAX_DETAIL_CHARACTERS ? text : JSON.stringify({ omitted: text.length })
}

/** What an entry keeps of what its destination said last. */
export function cutReply(reply: string): string {
  return reply.slice(0, MAX_REPLY_CHARACTERS)
}
