/**
 * The relay: leases work, makes attempts, settles leases, until it is told to stop.
 *
 * Many attempts run at a time. Each holds a lease that is renewed while it runs; a relay that dies loses its leases, and
 * another takes the entries. A lease that ran out while the store was away, and comes back to the relay whose attempt
 * still runs or waits to be settled, is that attempt's again: no second one begins. An entry that comes back from a
 * worker that died is begun with nothing beside it, so that a message that kills its worker is found out.
 */

import type { Mailbox } from '@postroad/address'
import { randomFraction, type Clock, type Random } from '@postroad/runtime'
import type { Intake, WorkItem } from '@postroad/intake'
import { QueueUnavailableError, type Lease, type Settlement, type Store } from '@postroad/queue'
import type { EntryId, LeaseToken } from '@postroad/envelope'
import { makeAttempt, type AttemptProgress } from './attempt.ts'
import type { RelayObserver } from './observer.ts'
import { DEFAULT_SCHEDULE, type RetrySchedule } from './schedule.ts'
import type { TransportOptions } from './transport.ts'

/** What a relay stands on. */
export interface RelayOptions {
  /** Work is leased from it and content read from it; the one that `intake` has. */
  readonly store: Store<WorkItem>
  /** Takes reports in. */
  readonly intake: Intake
  /** How each destination of the routes is reached. */
  readonly transport: TransportOptions
  /** For retries, renewals, and dates in reports. */
  readonly clock: Clock
  /** Spreads retries, and makes the boundaries of reports: fit for secrets, so that no content can hold one. */
  readonly random: Random
  /** Our name in reports. */
  readonly hostname: string
  /** Who answers for reports; they come from MAILER-DAEMON in its domain. */
  readonly postmaster: Mailbox
  /** Default `DEFAULT_SCHEDULE`. */
  readonly schedule?: RetrySchedule
  /** Attempts at a time in this process. Default 100: slow destinations, each held to 20 by the queue, leave room. */
  readonly concurrency?: number
  /** How long a lease holds unless renewed, in milliseconds; renewed after a third. Default 5 minutes. */
  readonly leaseMs?: number
  /**
   * Longest attempt, in milliseconds, looked at whenever the lease is renewed. A peer that answers each command just in
   * time would else hold its place for hours; who has no outcome by then is deferred. Default 30 minutes.
   */
  readonly attemptMs?: number
  /** Absent: nobody is told, of faults neither. */
  readonly observer?: RelayObserver
}

/** What the parts of a relay share. */
export interface RelayContext extends RelayOptions {
  readonly schedule: RetrySchedule
}

/** A relay. */
export interface Relay {
  /**
   * Works until `signal` fires; then takes no more work, gives what runs `graceMs` (default 30,000 milliseconds) to
   * end, stops the rest, and settles everything: work that was stopped is due again at once. Resolves when nothing
   * runs. Never rejects: while the store is away it waits and asks again.
   */
  run(signal: AbortSignal, options?: { readonly graceMs?: number }): Promise<void>
  /** Attempts that run now. */
  readonly running: number
}

/** How long an entry that came back from a dead worker runs before others may start beside it. */
const PROBATION_MS = 1_000
/** How often what a crash left on the spool is looked for. */
const SWEEP_MS = 60 * 60_000
/** Longest wait for work in one call. */
const LEASE_WAIT_MS = 30_000
/** When an entry is due again whose settlement the store refused. */
const REFUSED_RETRY_MS = 60_000

/** An entry in our hands: its attempt runs, or waits to be settled. */
interface HeldEntry {
  readonly lease: Lease<WorkItem>
  /** Of the lease; a new one where the lease ran out and came back to us. */
  token: LeaseToken
}

/** Creates the relay; nothing happens before `run`. */
export function createRelay(options: RelayOptions): Relay {
  const context: RelayContext = { ...options, schedule: options.schedule ?? DEFAULT_SCHEDULE }
  const { store, clock, random, observer } = context
  const concurrency = options.concurrency ?? 100
  const leaseMs = options.leaseMs ?? 5 * 60_000
  const attemptMs = options.attemptMs ?? 30 * 60_000
  const running = new Set<Promise<void>>()
  const held = new Map<EntryId, HeldEntry>()
  let freed: (() => void) | undefined

  const handle = async (lease: Lease<WorkItem>, stop: AbortSignal): Promise<void> => {
    const attempt = new AbortController()
    const stopAttempt = (): void => attempt.abort()
    if (stop.aborted) stopAttempt()
    stop.addEventListener('abort', stopAttempt, { once: true })
    const entry: HeldEntry = { lease, token: lease.token }
    held.set(lease.id, entry)
    const progress: AttemptProgress = { item: lease.job, changed: false, late: false }
    const over = new AbortController()
    const renewing = keepLease(entry, progress, over.signal, stopAttempt)
    try {
      if (lease.recovered) {
        observer?.({
          type: 'attempt.recovered',
          message: lease.job.message,
          entry: lease.id,
          attempt: lease.attempt,
        })
      }
      const { settlement, sent } = await makeAttempt(context, lease, progress, attempt.signal)
      over.abort()
      await renewing
      if (await settle(entry, settlement, progress, stop)) for (const event of sent) observer?.(event)
    } catch (error) {
      // A mistake of ours: the lease runs out, and the entry comes back alone.
      observer?.({ type: 'fault', message: lease.job.message, error })
    } finally {
      over.abort()
      await renewing
      held.delete(lease.id)
      stop.removeEventListener('abort', stopAttempt)
    }
  }

  const keepLease = async (
    entry: HeldEntry,
    progress: AttemptProgress,
    over: AbortSignal,
    stopAttempt: () => void,
  ): Promise<void> => {
    const startedAt = clock.monotonic()
    for (;;) {
      await clock.sleep(leaseMs / 3, over)
      if (over.aborted) return
      if (!progress.late && clock.monotonic() - startedAt >= attemptMs) {
        progress.late = true
        stopAttempt()
      }
      const job = progress.changed ? progress.item : undefined
      progress.changed = false
      const { token } = entry
      try {
        const renewed = await store.queue.renew(token, { durationMs: leaseMs, ...(job !== undefined && { job }) })
        if (renewed === 'renewed') continue
        progress.changed ||= job !== undefined
        if (token === entry.token) return stopAttempt()
      } catch (error) {
        progress.changed ||= job !== undefined
        observer?.({ type: 'fault', message: entry.lease.job.message, error })
      }
    }
  }

  /**
   * Settles, and asks again while the store is away: what was delivered must not be delivered once more. An expired
   * lease that nobody took can still be settled. Where the store refuses the settlement as it is (the content of a report
   * was swept meanwhile) the outcomes are put back, and the next attempt makes the report. False: not settled as asked.
   */
  const settle = async (
    entry: HeldEntry,
    asked: Settlement<WorkItem>,
    progress: AttemptProgress,
    stop: AbortSignal,
  ): Promise<boolean> => {
    const { id, job } = entry.lease
    let settlement = asked
    for (;;) {
      const { token } = entry
      try {
        const [result] = await store.queue.settle([{ ...settlement, token }])
        if (result?.kind !== 'lost') return settlement === asked
        if (token === entry.token) {
          observer?.({ type: 'lease.lost', message: job.message, entry: id })
          return false
        }
      } catch (error) {
        const away = error instanceof QueueUnavailableError
        if (stop.aborted || (!away && settlement !== asked)) throw error
        observer?.({ type: 'fault', message: job.message, error })
        if (away) await pause(stop)
        else settlement = { kind: 'retry', token, job: progress.item, notBefore: clock.now() + REFUSED_RETRY_MS }
      }
    }
  }

  /** A second or so, differing by chance, so that many do not come back to a store at once. */
  const pause = (signal: AbortSignal): Promise<void> => clock.sleep(500 + 1_000 * randomFraction(random), signal)

  const takeWork = async (signal: AbortSignal): Promise<readonly Lease<WorkItem>[]> => {
    try {
      return await store.queue.lease({
        limit: concurrency - running.size,
        durationMs: leaseMs,
        waitMs: LEASE_WAIT_MS,
        signal,
      })
    } catch (error) {
      observer?.({ type: 'fault', message: undefined, error })
      await pause(signal)
      return []
    }
  }

  return {
    get running() {
      return running.size
    },
    async run(signal, { graceMs = 30_000 } = {}) {
      const stop = new AbortController()
      const sweeping = sweep(signal)
      signal.addEventListener('abort', () => freed?.(), { once: true })
      while (!signal.aborted) {
        if (running.size >= concurrency) {
          // No race of all that run: each would leave a reaction on those that run long.
          await new Promise<void>((resolve) => (freed = resolve))
          continue
        }
        const leases = await takeWork(signal)
        for (const lease of leases) {
          const ours = held.get(lease.id)
          if (ours !== undefined) {
            ours.token = lease.token
            continue
          }
          if (lease.recovered) await settledOrLate(running)
          const attempt = handle(lease, stop.signal).finally(() => {
            running.delete(attempt)
            freed?.()
          })
          running.add(attempt)
          if (lease.recovered) await settledOrLate([attempt])
        }
      }
      const drained = new AbortController()
      const grace = clock.sleep(graceMs, drained.signal).then(() => stop.abort())
      await Promise.all(running)
      drained.abort()
      await grace
      await sweeping
    },
  }

  /** Removes staged content that no entry will ever name; what entries name a store's spool spares, whatever is answered. */
  async function sweep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { removed } = await store.spool.sweep(async () => new Set())
        if (removed > 0) observer?.({ type: 'spool.swept', removed })
      } catch (error) {
        observer?.({ type: 'fault', message: undefined, error })
      }
      await clock.sleep(SWEEP_MS, signal)
    }
  }

  async function settledOrLate(attempts: Iterable<Promise<void>>): Promise<void> {
    const settled = new AbortController()
    await Promise.race([
      Promise.all(attempts).finally(() => settled.abort()),
      clock.sleep(PROBATION_MS, settled.signal),
    ])
    settled.abort()
  }
}
