/**
 * The operations of a model run, as plain data: what failed prints as a list of them, and the list can be run again.
 *
 * Numbers that mean a thing (an entry, a group, a token, content, a permit) are taken modulo what there is, so that a list
 * stays valid when some of it is left out. Tokens, content and permits are counted from the newest, 0.
 */

import type { EntryState, Feedback } from '../index.ts'

/** One step of a run. */
export type ModelOperation =
  | { readonly op: 'enqueue'; readonly entries: readonly EntryPlan[] }
  /** Entries that break a rule of the port: refused whole. */
  | { readonly op: 'enqueue-invalid'; readonly rule: 'two messages' | 'priority' | 'instant' }
  /** Content that nothing names yet, of so many bytes. */
  | { readonly op: 'stage'; readonly sizeBytes: number; readonly ttlMs: number }
  | { readonly op: 'lease'; readonly limit: number; readonly durationMs: number }
  | { readonly op: 'renew'; readonly token: number; readonly durationMs: number; readonly job?: number }
  | { readonly op: 'settle'; readonly batch: readonly SettlementPlan[] }
  | { readonly op: 'advance'; readonly ms: number }
  | {
      readonly op: 'apply'
      readonly action: 'hold' | 'release' | 'retry' | 'drop' | 'reroute'
      readonly group: number
      readonly filter: FilterPlan
      readonly limit: number
      readonly dryRun: boolean
    }
  | { readonly op: 'pause'; readonly group: number; readonly ms: number }
  | { readonly op: 'resume'; readonly group: number }
  | { readonly op: 'limit'; readonly group: number; readonly concurrency?: number }
  | { readonly op: 'list'; readonly filter: FilterPlan; readonly limit: number }
  | { readonly op: 'counts'; readonly limit: number }
  | { readonly op: 'changes'; readonly limit: number }
  | { readonly op: 'take'; readonly keys: readonly number[]; readonly cost: number; readonly ttlMs: number }
  | { readonly op: 'give'; readonly permit: number }
  | { readonly op: 'extend'; readonly permit: number; readonly ttlMs: number }
  | { readonly op: 'mark'; readonly key: number; readonly ttlMs: number }
  | { readonly op: 'write'; readonly message: number; readonly event: number }
  | { readonly op: 'journal'; readonly message: number }
  | { readonly op: 'read'; readonly content: number }
  | { readonly op: 'sweep' }
  /** Where the store keeps something; nothing otherwise. */
  | { readonly op: 'crash' }

/** An entry to be added. Entries of one `enqueue` are of one message: the first one's. */
export interface EntryPlan {
  readonly message: number
  readonly index: number
  /** `UNREADABLE`: a job that the codec cannot read. */
  readonly job: number
  readonly group: number
  readonly priority: number
  /** From now. */
  readonly delayMs: number
  readonly labels: number
  readonly content: ContentPlan
}

/** Content of an entry: `fresh` is staged for the operation (one for all its entries), the others are there or not. */
export type ContentPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'fresh'; readonly sizeBytes: number }
  | { readonly kind: 'sealed'; readonly content: number }
  | { readonly kind: 'ref'; readonly content: number }
  | { readonly kind: 'missing' }

/** How a lease is to end. */
export interface SettlementPlan {
  readonly token: number
  readonly kind: 'done' | 'retry' | 'hold'
  readonly job: number
  /** Of a retry, from now. */
  readonly delayMs: number
  /** Where a retry moves to. */
  readonly group?: number
  readonly reply?: number
  readonly feedback?: Feedback
  readonly record?: number
  readonly spawn: readonly EntryPlan[]
}

/** A filter of control. */
export interface FilterPlan {
  readonly ids?: readonly (readonly [message: number, index: number])[]
  readonly state?: EntryState
  readonly group?: number
  readonly labels?: number
  /** Enqueued longer ago than this. */
  readonly olderMs?: number
  readonly attemptsAtLeast?: number
  readonly lastReply?: string
}

/** The number of a job that cannot be read. */
export const UNREADABLE = 99

/** How many messages, entries of each, and groups a run has. */
export const MESSAGES = 6
export const INDEXES = 3
export const GROUPS = 4

/** The labels that entries of a run have. */
export const LABELS: readonly Readonly<Record<string, string>>[] = [
  {},
  { sender: 'ada@example.org' },
  { sender: 'ada@example.org', recipient: 'bob@example.net' },
  { sender: 'eve@example.com', __proto: 'ünï' },
]

/** What destinations of a run say; the last is longer than an entry keeps. */
export const REPLIES: readonly string[] = ['451 4.3.0 later', '452 4.2.2 full', `421 ${'x'.repeat(600)}`]

/** Operations as text that can be pasted as a case. */
export function formatOperations(operations: readonly ModelOperation[]): string {
  return `[\n${operations.map((operation) => `  ${JSON.stringify(operation)},`).join('\n')}\n]`
}
