/**
 * What the main thread asks of the writer and the readers, and what they answer: plain data that survives the structured
 * clone between threads. Instants are milliseconds since the epoch, and safe integers.
 */

import type {
  AttemptRecord,
  ControlAction,
  EntryFilter,
  EntryState,
  Feedback,
  GroupCounts,
  JournalRecord,
  LimitKey,
} from '@postroad/queue'
import type { Bounds } from './bounds.ts'
import type { FileIdentity } from './guard.ts'

/** An entry to be added, its job encoded. */
export interface NewRow {
  readonly id: string
  readonly job: Uint8Array
  readonly group: string
  readonly priority: number
  readonly notBefore: number
  /** JSON. */
  readonly labels: string
  readonly content: NewContent | undefined
}

/** The content an entry names. */
export interface NewContent {
  readonly id: string
  /** What is written with the naming entry; absent for content that is there already. */
  readonly sealed?: {
    readonly sizeBytes: number
    /** All of small content, mostly in memory that both threads see; empty where it is a file. */
    readonly front: Uint8Array
    /** Whether it is a file beside the database, durable before it is named. */
    readonly isFile: boolean
  }
}

/** A leased entry, its job still encoded. */
export interface LeasedRow {
  readonly token: string
  readonly id: string
  readonly job: Uint8Array
  readonly group: string
  readonly content: string | undefined
  readonly priority: number
  readonly labels: string
  readonly attempt: number
  readonly recovered: boolean
  readonly enqueuedAt: number
}

/** An entry as control shows it, its job still encoded. */
export interface ViewRow {
  readonly id: string
  readonly state: EntryState
  readonly group: string
  readonly job: Uint8Array
  readonly content: string | undefined
  readonly priority: number
  readonly labels: string
  readonly attempt: number
  readonly enqueuedAt: number
  readonly notBefore: number
  readonly heldFor: string | undefined
  readonly lastReply: string | undefined
}

/** A group counted, as control shows it. */
export type CountsRow = Omit<GroupCounts, 'group'> & { readonly group: string }

/** Which page of entries, and which of them. */
export interface PageOfEntries {
  readonly filter: EntryFilter
  readonly cursor: string | undefined
  readonly limit: number
}

/** How a lease ends. */
export interface SettleRequest {
  readonly token: string
  readonly spawn: readonly NewRow[]
  readonly record: AttemptRecord | undefined
  readonly feedback: Feedback | undefined
  readonly end:
    | { readonly kind: 'done' }
    | {
        readonly kind: 'retry'
        readonly job: Uint8Array
        readonly notBefore: number
        readonly group: string | undefined
        /** `undefined` leaves what is kept. */
        readonly reply: string | undefined
      }
    | {
        readonly kind: 'hold'
        readonly job: Uint8Array
        readonly reason: string
        readonly reply: string | undefined
      }
}

/** Every step the writer takes: request and answer. */
export interface WriteSteps {
  /** Answers with the contents that were named. */
  enqueue: Step<{ readonly entries: readonly NewRow[] }, readonly string[]>
  /** `wakeAt`: when time alone may bring more; only told with no leases. */
  lease: Step<
    { readonly limit: number; readonly durationMs: number },
    { readonly leases: readonly LeasedRow[]; readonly wakeAt: number | undefined }
  >
  renew: Step<{ readonly token: string; readonly durationMs: number; readonly job: Uint8Array | undefined }, boolean>
  /** `undefined`: the lease is lost. Otherwise the contents that were named. */
  settle: Step<SettleRequest, readonly string[] | undefined>
  /** Removes what version 1 staged; with `expiredBefore` only what may be swept. Answers with what was removed. */
  unstage: Step<{ readonly contents: readonly string[]; readonly expiredBefore: number | undefined }, readonly string[]>
  /** Answers with the files that nothing names; from now on nothing can. They are to be removed, and told to `unlinked`. */
  orphan: Step<{ readonly files: readonly string[] }, readonly string[]>
  /** To be asked durably: files that may be removed once the answer is there. `last`: where the next call goes on. */
  unlinkable: Step<{ readonly after: number }, { readonly files: readonly string[]; readonly last: number | undefined }>
  /** Files that are gone. */
  unlinked: Step<{ readonly files: readonly string[] }, undefined>
  /** Takes what `id` then holds, or answers with the wait in milliseconds. */
  take: Step<
    { readonly id: string; readonly keys: readonly LimitKey[]; readonly cost: number; readonly ttlMs: number },
    { readonly waitMs: number }
  >
  extend: Step<{ readonly id: string; readonly names: readonly string[]; readonly ttlMs: number }, undefined>
  give: Step<{ readonly id: string; readonly names: readonly string[] }, undefined>
  mark: Step<{ readonly key: string; readonly ttlMs: number }, 'new' | 'seen'>
  record: Step<{ readonly records: readonly JournalRecord[] }, undefined>
  apply: Step<
    { readonly action: ControlAction; readonly page: PageOfEntries; readonly dryRun: boolean },
    { readonly matched: number; readonly changed: number; readonly leased: number; readonly cursor: string | undefined }
  >
  pause: Step<{ readonly group: string; readonly until: number }, undefined>
  resume: Step<{ readonly group: string }, undefined>
  limit: Step<{ readonly group: string; readonly concurrency: number | undefined }, undefined>
  /** Somebody follows what changes, from now on; answers with the cursor for what comes. */
  follow: Step<undefined, string>
}

/** Every step a reader takes. */
export interface ReadSteps {
  /** `undefined`: no entry names such content. */
  open: Step<
    { readonly content: string },
    { readonly sizeBytes: number; readonly front: Uint8Array; readonly isFile: boolean } | undefined
  >
  /** The piece that covers the offset, counted behind the front; `undefined`: it is not there any more. */
  piece: Step<
    { readonly content: string; readonly at: number },
    { readonly start: number; readonly bytes: Uint8Array } | undefined
  >
  /** Unnamed content, and what of it may be swept. */
  stale: Step<{ readonly before: number }, { readonly examined: number; readonly stale: readonly string[] }>
  list: Step<PageOfEntries, { readonly items: readonly ViewRow[]; readonly cursor: string | undefined }>
  counts: Step<
    { readonly cursor: string | undefined; readonly limit: number },
    { readonly items: readonly CountsRow[]; readonly cursor: string | undefined }
  >
  /** `undefined`: changes may have been missed. `mustFollow`: say soon that somebody still follows. */
  changes: Step<
    { readonly cursor: string; readonly limit: number },
    { readonly items: readonly CountsRow[]; readonly cursor: string; readonly mustFollow: boolean } | undefined
  >
  history: Step<{ readonly message: string }, readonly (AttemptRecord & { readonly entry: string | undefined })[]>
  /** Moves the log into the database as far as nobody is in the way. Answers with what is left of it, in pages. */
  checkpoint: Step<undefined, number>
  /** Looks for pages that are damaged; reads all of the file. */
  examine: Step<undefined, readonly PageFault[]>
}

/** Every step of a check. */
export interface CheckSteps {
  check: Step<undefined, { readonly version: number; readonly findings: readonly Finding[] }>
  /** Contents in files, some of them; with `id` only that one. */
  files: Step<
    { readonly after: number; readonly id?: string },
    readonly { readonly serial: number; readonly id: string; readonly sizeBytes: number }[]
  >
  /** Which of these the database knows. */
  named: Step<{ readonly ids: readonly string[] }, readonly string[]>
}

/** One thing that a check found. */
export interface Finding {
  /** `damage`: something is lost, or will go wrong. `leftover`: it takes room, and no more. */
  readonly severity: 'damage' | 'leftover'
  /** What is wrong, for people. */
  readonly what: string
  /** The page, table, group, entry, content or file. */
  readonly where: string
  /** What a person can do. */
  readonly advice: string
}

/** Something that SQLite's own check found. */
export interface PageFault {
  /** `undefined` where it concerns no one page. */
  readonly page: number | undefined
  /** The table, or the index with its table, as `index entry_due of entry`; `undefined` where nobody knows. */
  readonly of: string | undefined
  /** What SQLite says. */
  readonly text: string
}

/** One step: what it is asked with, what it answers. */
export interface Step<Request, Answer> {
  readonly request: Request
  readonly answer: Answer
}

/** One request on its way. */
export type Asked<All, Kind extends keyof All = keyof All> = {
  readonly [K in Kind]: {
    readonly kind: K
    readonly request: All[K] extends Step<infer Request, unknown> ? Request : never
  }
}[Kind]

/** What a step answers. */
export type AnswerOf<All, Kind extends keyof All> = All[Kind] extends Step<unknown, infer Answer> ? Answer : never

/** How each step is taken. */
export type StepTable<All> = {
  readonly [K in keyof All]: (
    request: All[K] extends Step<infer Request, unknown> ? Request : never,
    now: number,
  ) => AnswerOf<All, K>
}

/** Several requests in one message, taken in one transaction. */
export interface Batch<All> {
  readonly now: number
  /** Whether the commit must survive a power cut. */
  readonly durable: boolean
  /** Whether other processes have the database open. */
  readonly isShared: boolean
  readonly asked: readonly Asked<All>[]
}

/** What became of one request. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'content-missing'; readonly content: string }
  | { readonly kind: 'fault'; readonly fault: Fault }

/** Why a thread could not do what was asked. */
export interface Fault {
  readonly sentence: string
  /** The text of what was thrown. */
  readonly cause: string
  /** Whether a page of the database is damaged. */
  readonly isDamage: boolean
}

/** What a thread says: first that it is ready or why not, then the outcomes of one batch after the other. */
export type ThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'outcomes'; readonly outcomes: readonly Outcome[]; readonly report: BatchReport }
  | { readonly kind: 'closed' }

/** What a thread noticed while it took a batch. */
export interface BatchReport {
  /** The length of the write-ahead log. */
  readonly logBytes: number
  /** Something could not be read for being damaged, and was passed over or refused. */
  readonly isDamaged: boolean
  /** Files wait to be removed. */
  readonly filesWait: boolean
}

/** What a thread is started with. */
export interface ThreadData {
  readonly path: string
  /** The file that this process opened first, from then on: a thread that is started later opens no other. */
  readonly identity?: FileIdentity | undefined
  /** Where content files lie. */
  readonly folder: string
  readonly groupConcurrency: number
  readonly poisonDeaths: number
  readonly settledMemoryMs: number
  readonly journalRecords: number
  readonly journalTotal: number
  readonly bounds: Bounds
}
