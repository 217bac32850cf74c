/** What is known of one entry: each call that touched it, when it was made, and what was heard of it. */

/** A call. `acknowledged` and `lost` are answers; `unknown`: none came, so it may have been done or not. */
export interface Call {
  readonly begunAt: number
  endedAt: number | undefined
  outcome: 'acknowledged' | 'lost' | 'unknown'
}

/** How the entry came to be. */
export interface Birth extends Call {
  readonly version: string
  /** The settlement that spawned it, and the entry that was settled; absent where it was enqueued. */
  readonly settlement?: SettleCall
  readonly parent?: string
}

/** A renewal; `version` where it kept a job. */
export interface RenewCall extends Call {
  readonly durationMs: number
  readonly version?: string
}

/** A settlement. */
export interface SettleCall extends Call {
  readonly kind: 'done' | 'retry' | 'hold'
  readonly version?: string
  readonly spawned: readonly string[]
  /** Whether the store did it, once that is known from what came later. */
  took?: boolean
}

/** One lease that a worker told of. Leases whose worker died before it could are not here. */
export interface LeaseNote {
  readonly process: number
  readonly token: string
  readonly askedAt: number
  readonly gotAt: number
  readonly durationMs: number
  readonly version: string
  readonly attempt: number
  readonly renewals: RenewCall[]
  readonly settlements: SettleCall[]
  /** When the worker found its content gone. */
  unreadAt?: number
}

/** All of one entry. */
export interface History {
  readonly id: string
  birth: Birth | undefined
  readonly leases: LeaseNote[]
}

/** What the last look found of an entry. */
export interface Found {
  readonly state: 'ready' | 'waiting' | 'leased' | 'held'
  readonly version: string
  readonly heldFor: string | undefined
  readonly attempt: number
}

/**
 * Before this instant the lease had surely not run out: the store's clock was read after the worker asked.
 */
export function surelyHeldUntil(lease: LeaseNote): number {
  const renewed = lease.renewals.map(({ outcome, begunAt, durationMs }) =>
    outcome === 'acknowledged' ? begunAt + durationMs : 0,
  )
  // A renewal counts from when it is made: the last one that was acknowledged holds, also where it is the shorter one.
  const last = renewed.findLast((until) => until > 0)
  const isUnsure = lease.renewals.some(({ outcome }) => outcome === 'unknown')
  const first = lease.askedAt + lease.durationMs
  return isUnsure ? Math.min(first, last ?? first) : (last ?? first)
}
