/** The rules of `Queue.lease`: whether a list is one that the port allows. */

import type { GroupId } from '@postroad/envelope'
import type { Lease } from '../index.ts'
import { fault, same } from './model-fault.ts'
import { comesBefore, isReadable, type ModelEntry, type ModelState } from './model-state.ts'

/** What was asked for, and what the store did beside. */
export interface LeaseCheck {
  readonly limit: number
  readonly durationMs: number
  /**
   * Groups in which the store met a job that it could not read during this call. It may have leased that entry for a
   * moment: the group may have lost a turn and a place in this list.
   */
  readonly disturbed: ReadonlySet<GroupId>
  /** How many such entries: each may have taken a place of the list. */
  readonly met: number
}

/** Follows the list, entry by entry, and faults where the port does not allow one, or where it is too short. */
export function checkLeases(state: ModelState, leases: readonly Lease<string>[], check: LeaseCheck): void {
  const { limit, durationMs, disturbed, met } = check
  if (leases.length > limit) fault(`lease gave ${leases.length} entries, more than the ${limit} asked for`)
  state.excuse(disturbed)
  for (const lease of leases) {
    const entry = state.entries.get(lease.id)
    if (entry === undefined) return fault(`lease gave ${lease.id}, which is not there`)
    const standing = state.standing(entry)
    if (standing !== 'ready' && standing !== 'expired') fault(`lease gave ${entry.id}, which is ${standing}`)
    checkFields(state, lease, entry, standing === 'expired')
    if (lease.recovered && leases.length > 1) fault(`lease gave ${entry.id}, whose lease ran out, beside others`)
    checkTurn(state, entry, disturbed)
    state.lease(entry, lease.token, durationMs)
  }
  state.excuse(disturbed)
  const isFull = leases.length > 0 && leases.length + met >= limit
  if (!isFull && !leases.some(({ recovered }) => recovered)) checkRest(state, leases.length, disturbed)
}

function checkFields(state: ModelState, lease: Lease<string>, entry: ModelEntry, recovered: boolean): void {
  const { token, ...rest } = lease
  const { id, job, group, content, priority, labels, enqueuedAt, attempt } = entry
  const allowed = { id, job, group, content, priority, labels, enqueuedAt, attempt, recovered }
  same(`lease gave another ${id}`, rest, allowed)
  if (state.tokens.includes(token)) fault(`lease gave ${id} a token that was given before`)
}

/** Whether it is this entry's turn: priority first, groups in turn, inside a group by `notBefore`, then arrival. */
function checkTurn(state: ModelState, entry: ModelEntry, disturbed: ReadonlySet<GroupId>): void {
  const due = state.due()
  if (!due.includes(entry)) fault(`lease gave ${entry.id}, whose group is paused, parked or at its limit`)
  const turns = state.turns(entry)
  for (const other of due) {
    if (!isReadable(other) || other === entry) continue
    const sameLane = other.priority === entry.priority && other.group === entry.group
    if (sameLane && comesBefore(other, entry)) fault(`lease gave ${entry.id} before ${other.id} of the same group`)
    if (disturbed.has(other.group)) continue
    if (other.priority > entry.priority) fault(`lease gave ${entry.id} before ${other.id} of a higher priority`)
    if (other.priority !== entry.priority || sameLane) continue
    const { readyAt } = state.turns(other)
    if (readyAt !== undefined && readyAt < turns.servedAt) {
      fault(`lease gave ${entry.group} a second turn while ${other.group} waits for its first (${other.id})`)
    }
  }
}

/** A list shorter than asked for: nothing may be left, or what is left must be given alone. */
function checkRest(state: ModelState, given: number, disturbed: ReadonlySet<GroupId>): void {
  const left = state
    .due()
    .filter((entry) => given === 0 || !disturbed.has(entry.group) || state.standing(entry) === 'expired')
  if (left.every(({ group }) => given > 0 && disturbed.has(group))) return
  const highest = Math.max(...left.map(({ priority }) => priority))
  const heads = left.filter((entry) => entry.priority === highest && !left.some((other) => isAhead(other, entry)))
  if (given > 0 && heads.some((entry) => state.standing(entry) === 'expired')) return
  const ids = left.map(({ id }) => id)
  fault(`lease gave ${given} while more is due`, ids, [])
}

function isAhead(a: ModelEntry, b: ModelEntry): boolean {
  return a !== b && a.priority === b.priority && a.group === b.group && comesBefore(a, b)
}
