/** One entry as the memory store keeps it. */

import type { ContentId, EntryId, LeaseToken } from '@postroad/envelope'
import type { Labels } from '../queue.ts'
import type { HeapItem } from './heap.ts'
import type { Lane } from './lane.ts'

/** A job as it is kept. */
export interface KeptJob<Job> {
  /** Gives the job; throws where its bytes cannot be decoded. */
  readonly read: () => Job
  /** As the codec wrote it; empty where there is no codec. */
  readonly bytes: Uint8Array
}

/** Its place tells its heap: `queued` is in its lane's, `leased` in that of the leases, `held` in none. */
export interface MemoryEntry<Job> extends HeapItem {
  readonly id: EntryId
  /** Arrival, counted by the store. */
  readonly serial: number
  /** Its numbers in the rolls of all entries, of its group, and of what is held. Written by whose the roll is. */
  place: number
  groupPlace: number
  heldPlace: number
  readonly content: ContentId | undefined
  readonly labels: Labels
  readonly enqueuedAt: number
  lane: Lane<Job>
  job: KeptJob<Job>
  notBefore: number
  state: 'queued' | 'leased' | 'held'
  heldFor: string | undefined
  /** What the destination said last. */
  lastReply: string | undefined
  /** How often it was leased. */
  leases: number
  /** How often in a row its worker died while it was leased alone. */
  deaths: number
  /** The lease before ran out: the next is given alone. */
  recovered: boolean
  /** The last lease, also once it ran out, until somebody else is given the entry. */
  token: LeaseToken | undefined
  leaseUntil: number
  /** The last lease was given alone because the one before ran out. */
  alone: boolean
}
