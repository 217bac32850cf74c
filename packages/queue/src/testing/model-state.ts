/**
 * A queue as its port describes it, and nothing of how a store does it: slow, plain, and told what the store chose.
 *
 * Written from the comments of `queue.ts`, `control.ts` and `spool.ts`. What these leave open is a state of its own here
 * (an expired lease that nobody took, an id that may be forgotten, content that may be swept), which a run resolves by
 * looking at the store.
 */

import type { ContentId, EntryId, GroupId, LeaseToken } from '@postroad/envelope'
import { type EntryState, type Feedback, type Labels, PARKED_MS, type SealedContent } from '../index.ts'
import { UNREADABLE_JOB } from './harness.ts'

/** Options of a store under a model: small, so that runs reach them. */
export const MODEL_QUEUE = { groupConcurrency: 3, poisonDeaths: 2, settledMemoryMs: 20_005, journalRecords: 3 } as const

/** One entry that has not ended. */
export interface ModelEntry {
  readonly id: EntryId
  readonly priority: number
  readonly labels: Labels
  readonly content: ContentId | undefined
  readonly enqueuedAt: number
  job: string
  group: GroupId
  notBefore: number
  /** Order of arrival; `undefined` once it was retried or moved, for then its place among those of the same time is open. */
  arrival: number | undefined
  state: 'queued' | 'leased' | 'held'
  /** `true`: held by the store, for a reason of its own wording. */
  heldFor: string | true | undefined
  /** Held by the store because its workers died. */
  poisoned: boolean
  lastReply: string | undefined
  /** How often it was leased. */
  attempt: number
  token: LeaseToken | undefined
  /** Control moved it after its lease ran out: whether its holder still has a right to it is open. */
  isRightOpen: boolean
  leaseUntil: number
  /** A lease was asked for since the lease ran out: a store that looks only then has seen it. */
  noticed: boolean
  /** The lease that is out was given for a recovered entry, alone. */
  alone: boolean
  deaths: number
}

/** `expired`: the lease ran out and nobody took it; `doomed`: so, and to be held as poison. */
export type Standing = 'ready' | 'waiting' | 'leased' | 'expired' | 'doomed' | 'held'

/** What bounds the leases of one group. */
export interface ModelGroup {
  pausedUntil: number
  parkedUntil: number
  limit: number | undefined
  window: number | undefined
}

/** One piece of content. Unnamed, and past its time or from before a crash, it may be there or not. */
export interface ModelContent {
  readonly id: ContentId
  readonly bytes: Uint8Array
  readonly sealed: SealedContent
  state: 'staged' | 'named' | 'gone'
  expiresAt: number
  lostByCrash: boolean
  /** Was named first by a reference beside the sealed content: what was sealed may serve once more when it is gone. */
  mayReturn: boolean
}

/** Turns of one lane (a group at a priority), counted in leases given. */
interface Turns {
  /** Leases given when it came to be ready, or was served last; `undefined` while it has nothing to give. */
  readyAt: number | undefined
  /** Which lease served it last, from 1; 0: none. */
  servedAt: number
}

/** The whole state. */
export class ModelState {
  now: number
  readonly entries: Map<EntryId, ModelEntry> = new Map()
  readonly settledUntil: Map<EntryId, number> = new Map()
  readonly groups: Map<GroupId, ModelGroup> = new Map()
  readonly contents: Map<ContentId, ModelContent> = new Map()
  /** Every token ever given, oldest first. */
  readonly tokens: LeaseToken[] = []
  readonly lanes: Map<string, Turns> = new Map()
  #arrivals = 0
  #served = 0

  constructor(now: number) {
    this.now = now
  }

  /** Whether the id is known: `maybe` once its memory has run out, for a store forgets it when it likes. */
  knows(id: EntryId): 'yes' | 'no' | 'maybe' {
    if (this.entries.has(id)) return 'yes'
    const until = this.settledUntil.get(id)
    if (until === undefined) return 'no'
    return until > this.now ? 'yes' : 'maybe'
  }

  /** Whether content that is named in this way can be had. */
  hasContent(named: SealedContent | { readonly ref: ContentId } | undefined): 'yes' | 'no' | 'maybe' {
    if (named === undefined) return 'yes'
    const isReference = 'ref' in named
    const content = this.contents.get(isReference ? named.ref : named.id)
    if (content === undefined) return 'no'
    if (content.state === 'gone') return content.mayReturn && !isReference ? 'maybe' : 'no'
    if (content.state === 'named') return 'yes'
    if (isReference) return 'no'
    return content.lostByCrash || content.expiresAt < this.now ? 'maybe' : 'yes'
  }

  add(entry: Pick<ModelEntry, 'id' | 'priority' | 'labels' | 'content' | 'job' | 'group' | 'notBefore'>): void {
    this.settledUntil.delete(entry.id)
    this.entries.set(entry.id, {
      ...entry,
      enqueuedAt: this.now,
      notBefore: Math.max(this.now, entry.notBefore),
      arrival: (this.#arrivals += 1),
      state: 'queued',
      heldFor: undefined,
      poisoned: false,
      lastReply: undefined,
      attempt: 0,
      token: undefined,
      isRightOpen: false,
      leaseUntil: 0,
      noticed: false,
      alone: false,
      deaths: 0,
    })
    const content = entry.content === undefined ? undefined : this.contents.get(entry.content)
    if (content !== undefined) content.state = 'named'
    this.refresh()
  }

  /** Ends an entry: its id is remembered, content that no other names goes. */
  end(entry: ModelEntry): void {
    this.entries.delete(entry.id)
    this.settledUntil.set(entry.id, this.now + MODEL_QUEUE.settledMemoryMs)
    const content = entry.content === undefined ? undefined : this.contents.get(entry.content)
    if (content !== undefined && ![...this.entries.values()].some((other) => other.content === content.id)) {
      content.state = 'gone'
    }
    this.refresh()
  }

  group(id: GroupId): ModelGroup {
    let group = this.groups.get(id)
    if (group === undefined) {
      group = { pausedUntil: 0, parkedUntil: 0, limit: undefined, window: undefined }
      this.groups.set(id, group)
    }
    return group
  }

  standing(entry: ModelEntry): Standing {
    if (entry.state === 'held') return 'held'
    if (entry.state === 'queued') return entry.notBefore <= this.now ? 'ready' : 'waiting'
    if (entry.leaseUntil > this.now) return 'leased'
    return entry.alone && entry.deaths + 1 >= MODEL_QUEUE.poisonDeaths ? 'doomed' : 'expired'
  }

  /** The entry that a token has a right to; `undefined` where it is lost. */
  holder(token: LeaseToken): ModelEntry | undefined {
    for (const entry of this.entries.values()) if (entry.state === 'leased' && entry.token === token) return entry
    return undefined
  }

  concurrency(id: GroupId): number {
    const { limit, window, parkedUntil } = this.group(id)
    const most = limit ?? MODEL_QUEUE.groupConcurrency
    return Math.min(most, this.now < parkedUntil ? 1 : (window ?? most))
  }

  /** Whether one more of the group may be leased; `asNoticed`: as far as a store has seen what ran out. */
  isOpen(id: GroupId, asNoticed = false): boolean {
    let leased = 0
    for (const entry of this.entries.values()) {
      if (entry.group !== id || entry.state !== 'leased') continue
      if (asNoticed ? !entry.noticed : this.standing(entry) === 'leased') leased += 1
    }
    return this.now >= this.group(id).pausedUntil && leased < this.concurrency(id)
  }

  /** What a lease may give now: due, in an open group; `asNoticed`: as far as a store has seen what ran out. */
  due(asNoticed = false): readonly ModelEntry[] {
    const open = new Map<GroupId, boolean>()
    return [...this.entries.values()].filter((entry) => {
      const standing = this.standing(entry)
      if (standing !== 'ready' && (standing !== 'expired' || (asNoticed && !entry.noticed))) return false
      const isOpen = open.get(entry.group) ?? this.isOpen(entry.group, asNoticed)
      open.set(entry.group, isOpen)
      return isOpen
    })
  }

  lease(entry: ModelEntry, token: LeaseToken, durationMs: number): void {
    const recovered = this.standing(entry) === 'expired'
    if (recovered && entry.alone) entry.deaths += 1
    entry.alone = recovered
    entry.state = 'leased'
    entry.token = token
    entry.isRightOpen = false
    entry.leaseUntil = this.now + durationMs
    entry.noticed = false
    entry.attempt += 1
    this.tokens.push(token)
    this.#served += 1
    const turns = this.turns(entry)
    turns.servedAt = this.#served
    turns.readyAt = undefined
    this.refresh()
  }

  turns({ priority, group }: ModelEntry): Turns {
    const key = `${priority}/${group}`
    let turns = this.lanes.get(key)
    if (turns === undefined) {
      turns = { readyAt: undefined, servedAt: 0 }
      this.lanes.set(key, turns)
    }
    return turns
  }

  /** The lanes of these groups begin to wait for their turn anew. */
  excuse(groups: ReadonlySet<GroupId>): void {
    for (const entry of this.entries.values()) if (groups.has(entry.group)) this.turns(entry).readyAt = this.#served
    this.refresh()
  }

  /** A lease is asked for: what ran out is seen now. */
  notice(): void {
    for (const entry of this.entries.values()) {
      if (entry.state === 'leased' && entry.leaseUntil < this.now) entry.noticed = true
    }
    this.refresh()
  }

  /** Notes which lanes have come to be ready, or are no longer. To be called after each step. */
  refresh(): void {
    const ready = new Set<Turns>()
    for (const entry of this.due(true)) if (isReadable(entry)) ready.add(this.turns(entry))
    for (const turns of this.lanes.values()) {
      turns.readyAt = ready.has(turns) ? (turns.readyAt ?? this.#served) : undefined
    }
  }

  /** Takes an entry out of its lane, if it is in one, until it is put somewhere. */
  withdraw(entry: ModelEntry): void {
    entry.state = 'held'
    this.refresh()
  }

  /** Queues an entry again; its place among those of the same time is the store's choice. */
  requeue(entry: ModelEntry, notBefore: number): void {
    this.clear(entry)
    entry.state = 'queued'
    entry.notBefore = Math.max(this.now, notBefore)
    entry.arrival = undefined
    this.refresh()
  }

  hold(entry: ModelEntry, reason: string | true): void {
    const wasLeased = entry.state === 'leased'
    this.clear(entry)
    entry.poisoned = reason === true && wasLeased
    entry.state = 'held'
    entry.heldFor = reason
    this.refresh()
  }

  move(entry: ModelEntry, group: GroupId): void {
    entry.group = group
    entry.isRightOpen = entry.state === 'leased'
    entry.arrival = undefined
    this.refresh()
  }

  /** Extends a lease from now. */
  renew(entry: ModelEntry, durationMs: number): void {
    entry.leaseUntil = this.now + durationMs
    entry.noticed = false
    entry.isRightOpen = false
    this.refresh()
  }

  /** Ends the right of whoever held the last lease, and the counting of deaths. */
  clear(entry: ModelEntry): void {
    entry.token = undefined
    entry.isRightOpen = false
    entry.heldFor = undefined
    entry.poisoned = false
    entry.alone = false
    entry.deaths = 0
  }

  feed(id: GroupId, feedback: Feedback): void {
    const group = this.group(id)
    const limit = group.limit ?? MODEL_QUEUE.groupConcurrency
    const window = Math.min(limit, group.window ?? limit)
    group.parkedUntil = feedback === 'down' ? this.now + PARKED_MS : 0
    if (feedback === 'ok') group.window = window + 1 >= limit ? undefined : window + 1
    if (feedback === 'slow') group.window = Math.max(1, Math.floor(window / 2))
    this.refresh()
  }

  /** What a list may show of the entry's state. */
  shownStates(entry: ModelEntry): readonly EntryState[] {
    const standing = this.standing(entry)
    if (standing === 'expired') return ['leased', 'ready']
    if (standing === 'doomed') return ['leased', 'ready', 'held']
    return [standing]
  }
}

/** Whether the codec can read the entry's job. */
export function isReadable({ job }: ModelEntry): boolean {
  return job !== UNREADABLE_JOB
}

/** Whether the first must be given before the second, both of one lane. */
export function comesBefore(a: ModelEntry, b: ModelEntry): boolean {
  if (a.notBefore !== b.notBefore) return a.notBefore < b.notBefore
  return a.arrival !== undefined && b.arrival !== undefined && a.arrival < b.arrival
}
