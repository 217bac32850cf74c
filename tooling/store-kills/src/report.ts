/**
 * What producers and workers tell the parent, a line of JSON each.
 *
 * A line leaves by a synchronous write to a pipe: what was told before a SIGKILL arrives, and a line that tells of an
 * answer leaves only after the promise resolved. Instants are milliseconds of the kernel's monotonic clock, which all
 * processes of the machine share and nobody steps.
 */

import { writeSync } from 'node:fs'

/** An entry that is about to be added. `version` is unlike any other of the run and stands in the job. */
export interface Born {
  readonly id: string
  readonly version: string
}

/** One settlement of a batch. `version` is that of the job it leaves behind; absent for `done`. */
export interface Settling {
  readonly id: string
  readonly token: string
  readonly kind: 'done' | 'retry' | 'hold'
  readonly version?: string
  readonly spawn: readonly Born[]
}

/** An entry that a worker was given. */
export interface Given {
  readonly id: string
  readonly token: string
  readonly version: string
  readonly attempt: number
}

/** One line. `op` names a call within its process: first what is asked, then `refused` any times, then the answer. */
export type Report =
  | { readonly kind: 'ready'; readonly at: number; readonly pid: number }
  | { readonly kind: 'enqueue'; readonly at: number; readonly op: number; readonly entries: readonly Born[] }
  | { readonly kind: 'enqueued'; readonly at: number; readonly op: number; readonly logBytes?: number }
  | {
      readonly kind: 'leased'
      readonly at: number
      readonly askedAt: number
      readonly durationMs: number
      readonly leases: readonly Given[]
    }
  | {
      readonly kind: 'renew'
      readonly at: number
      readonly op: number
      readonly id: string
      readonly token: string
      readonly durationMs: number
      readonly version?: string
    }
  | { readonly kind: 'renewed'; readonly at: number; readonly op: number; readonly result: 'renewed' | 'lost' }
  | { readonly kind: 'settle'; readonly at: number; readonly op: number; readonly batch: readonly Settling[] }
  | {
      readonly kind: 'settled'
      readonly at: number
      readonly op: number
      readonly results: readonly ('settled' | 'lost')[]
      readonly logBytes?: number
    }
  | { readonly kind: 'release'; readonly at: number; readonly op: number }
  | { readonly kind: 'released'; readonly at: number; readonly op: number }
  | { readonly kind: 'refused'; readonly at: number; readonly op: number; readonly error: string }
  /** Content that was not there: allowed only to a worker whose lease had run out. */
  | { readonly kind: 'unread'; readonly at: number; readonly id: string; readonly token: string }
  /** What may never be: content that differs, an error that the port does not know. */
  | { readonly kind: 'fault'; readonly at: number; readonly sentence: string }
  /** A mark that the program sets for its scenario. */
  | { readonly kind: 'mark'; readonly at: number; readonly name: string; readonly logBytes?: number }

/** A report before its instant is set. */
export type Unstamped = Report extends infer One ? (One extends Report ? Omit<One, 'at'> : never) : never

/** The machine's monotonic clock, in milliseconds with fractions. */
export function instantNow(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000
}

/** Writes one line to the parent; it lies in the pipe when this returns. */
export function tell(report: Unstamped): void {
  writeSync(1, `${JSON.stringify({ at: instantNow(), ...report })}\n`)
}

/** Reads one line; throws where it is none. */
export function parseReport(line: string): Report {
  const parsed: unknown = JSON.parse(line)
  if (!isReport(parsed)) throw new Error(`not a report: ${line}`)
  return parsed
}

function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null && 'kind' in value && 'at' in value
}
