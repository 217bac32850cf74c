/**
 * Judges the history of one entry against what was found of it at the end.
 *
 * The entry's possible states are followed from call to call: an acknowledged call leaves one, a call without an answer
 * leaves two. What a lease shows, and what is found at the end, must be among them; and it tells afterwards whether an
 * unanswered call was done, which decides whether what it was to spawn must exist.
 */

import { type Found, type History, type LeaseNote, type SettleCall, surelyHeldUntil } from './history.ts'

/** What the scenario allows. */
export interface Rules {
  /** What is not made durable, a lease and a plain `done`, may be undone by a fail-over. */
  readonly lazyMayBeCut?: boolean
  /** Clocks were stepped: a lease may run out early. */
  readonly clockStepped?: boolean
  /** What is lost is counted and is no fault: a fail-over without waiting for replicas. Goes with `lazyMayBeCut`. */
  readonly lossIsCounted?: boolean
  /** How much earlier than its end a lease may be given to another: clocks count whole milliseconds. */
  readonly toleranceMs?: number
}

/** Why an entry was worked on twice. */
export type DuplicateCause =
  /** Its worker was killed, and the lease ran out. */
  | 'killed'
  /** Its worker lived on, and the lease ran out. */
  | 'ran-out'
  /** A plain `done`, or a lease, was cut off by a power loss or a fail-over. */
  | 'cut'
  /** A clock was stepped. */
  | 'clock'

/** What was found out about one entry. */
export interface Verdict {
  /** Sentences about what may not be; empty where all is well. */
  readonly faults: readonly string[]
  readonly duplicates: readonly DuplicateCause[]
  /** Acknowledged and not there any more. */
  readonly isLost: boolean
  readonly isPoisoned: boolean
  /** Whether it was ever seen in the store. */
  readonly wasSeen: boolean
}

/** When the store was asked to release what is held. */
export interface ReleaseNote {
  readonly begunAt: number
  /** `undefined`: no answer came, so it may have been done at any time after. */
  endedAt?: number
}

type State =
  | { readonly kind: 'absent' | 'gone' }
  | { readonly kind: 'queued' | 'held'; readonly version: string; readonly since: number }

const TOLERANCE_MS = 10

/** What the judge must know beside the history. */
export interface Circumstances {
  readonly releases: readonly ReleaseNote[]
  /** When a process ended; `undefined` where it lives. */
  readonly diedAt: (process: number) => number | undefined
  readonly rules: Rules
}

/** Judges one entry. */
export function judge(history: History, found: Found | undefined, circumstances: Circumstances): Verdict {
  return new Judgement(history, circumstances).run(found)
}

class Judgement {
  readonly #history: History
  readonly #circumstances: Circumstances
  readonly #faults: string[] = []
  readonly #duplicates: DuplicateCause[] = []
  #possible: readonly State[] = []
  /** Settlements whose answer never came, of the lease before. */
  #open: readonly SettleCall[] = []
  #isLost = false

  constructor(history: History, circumstances: Circumstances) {
    this.#history = history
    this.#circumstances = circumstances
  }

  run(found: Found | undefined): Verdict {
    const { birth } = this.#history
    const leases = this.#history.leases.toSorted((a, b) => a.attempt - b.attempt || a.gotAt - b.gotAt)
    this.#possible = birthStates(birth)
    for (const [index, lease] of leases.entries()) {
      this.#look(lease, leases[index - 1])
      this.#work(lease, leases[index + 1])
    }
    const isPoisoned = this.#end(found, leases.at(-1))
    return {
      faults: this.#faults,
      duplicates: this.#duplicates,
      isLost: this.#isLost,
      isPoisoned,
      wasSeen: leases.length > 0 || found !== undefined,
    }
  }

  /** A lease shows the entry in a state. */
  #look(lease: LeaseNote, before: LeaseNote | undefined): void {
    const { rules } = this.#circumstances
    const isReleased = (state: State): boolean =>
      state.kind === 'held' && this.#circumstances.releases.some(({ begunAt }) => begunAt <= lease.gotAt)
    const fits = this.#possible.find(
      (state) =>
        'version' in state && state.version === lease.version && (state.kind === 'queued' || isReleased(state)),
    )
    if (fits === undefined) this.#astray(lease, before)
    this.#decide(lease.version, undefined)
    if (before === undefined) return
    if (lease.attempt <= before.attempt && rules.lazyMayBeCut !== true) {
      this.#faults.push(`attempt ${lease.attempt} came after attempt ${before.attempt}`)
    }
    const wasEnded = before.settlements.some(({ took }) => took === true)
    if (wasEnded) return
    const until = surelyHeldUntil(before)
    const isEarly = lease.gotAt + (rules.toleranceMs ?? TOLERANCE_MS) < until
    if (isEarly && rules.clockStepped !== true && rules.lazyMayBeCut !== true) {
      this.#faults.push(`lease ${before.token} was given to another ${Math.round(until - lease.gotAt)} ms early`)
    }
    const diedAt = this.#circumstances.diedAt(before.process)
    const wasKilled = diedAt !== undefined && diedAt < lease.gotAt
    this.#duplicates.push(isEarly ? (rules.clockStepped === true ? 'clock' : 'cut') : wasKilled ? 'killed' : 'ran-out')
  }

  /** The lease shows what cannot be. */
  #astray(lease: LeaseNote, before: LeaseNote | undefined): void {
    const { rules } = this.#circumstances
    const wasDone = this.#possible.some(({ kind }) => kind === 'gone')
    if (wasDone && rules.lazyMayBeCut === true) {
      this.#duplicates.push('cut')
      // What the settlement spawned is judged by what was found, not by this.
      for (const settlement of before?.settlements ?? []) settlement.took = true
      return
    }
    if (rules.lossIsCounted === true) {
      this.#isLost = true
      return
    }
    const expected = this.#possible.map((state) => describe(state)).join(' or ')
    this.#faults.push(`attempt ${lease.attempt} shows version ${lease.version}, but it must be ${expected}`)
  }

  /** What the lease's worker did. */
  #work(lease: LeaseNote, next: LeaseNote | undefined): void {
    const versions = new Set([lease.version])
    for (const call of lease.renewals) {
      this.#checkLost(lease, call, 'renewal')
      if (call.version === undefined || call.outcome === 'lost') continue
      if (call.outcome === 'acknowledged') versions.clear()
      versions.add(call.version)
    }
    const since = lease.gotAt
    let states: State[] = [...versions].map((version) => ({ kind: 'queued', version, since }))
    for (const call of lease.settlements) {
      this.#checkLost(lease, call, 'settlement')
      if (call.outcome === 'lost') {
        call.took = false
        continue
      }
      if (next !== undefined && call.outcome === 'acknowledged' && next.gotAt < call.begunAt) {
        // Attempts count anew from what the promoted replica knew.
        if (this.#circumstances.rules.lossIsCounted === true) this.#isLost = true
        else this.#faults.push(`${lease.token} was settled after ${next.token} was given`)
      }
      const { kind, version = '' } = call
      const after: State =
        kind === 'done'
          ? { kind: 'gone' }
          : { kind: kind === 'retry' ? 'queued' : 'held', version, since: call.begunAt }
      if (call.outcome === 'acknowledged') call.took = true
      states = call.outcome === 'acknowledged' ? [after] : [...states, after]
    }
    this.#open = lease.settlements.filter(({ outcome }) => outcome === 'unknown')
    this.#possible = states
    const { unreadAt } = lease
    const mayBeGone = unreadAt === undefined || unreadAt >= surelyHeldUntil(lease) - TOLERANCE_MS
    const { rules } = this.#circumstances
    if (!mayBeGone && rules.clockStepped !== true && rules.lazyMayBeCut !== true) {
      this.#faults.push(`content was missing while ${lease.token} held`)
    }
  }

  /** `lost` may be said only to a worker whose lease had run out. */
  #checkLost(lease: LeaseNote, { outcome, endedAt = Infinity }: SettleCall | RenewNoteLike, what: string): void {
    const { rules } = this.#circumstances
    if (outcome !== 'lost' || rules.clockStepped === true || rules.lazyMayBeCut === true) return
    const until = surelyHeldUntil(lease)
    if (endedAt + (rules.toleranceMs ?? TOLERANCE_MS) >= until) return
    this.#faults.push(`the ${what} of ${lease.token} was lost ${Math.round(until - endedAt)} ms before its end`)
  }

  /** What is seen now tells whether unanswered settlements were done. */
  #decide(version: string | undefined, found: Found | undefined): void {
    for (const call of this.#open) {
      call.took =
        call.kind === 'done'
          ? version === undefined && found === undefined
          : (version ?? found?.version) === call.version
    }
    this.#open = []
  }

  /** What was found at the end; gives whether it is held as poison. */
  #end(found: Found | undefined, last: LeaseNote | undefined): boolean {
    this.#decide(undefined, found)
    const { rules } = this.#circumstances
    if (found === undefined) {
      if (this.#possible.some(({ kind }) => kind === 'absent' || kind === 'gone')) return false
      this.#isLost = true
      const expected = this.#possible.map((state) => describe(state)).join(' or ')
      if (rules.lossIsCounted !== true) this.#faults.push(`lost: it must be ${expected}`)
      return false
    }
    const isPoison = found.state === 'held' && found.heldFor !== HELD_BY_RUN
    const kind = found.state === 'held' && !isPoison ? 'held' : 'queued'
    const fits = this.#possible.some((state) => {
      if (!('version' in state) || state.version !== found.version) return false
      // Released meanwhile, what was held is queued.
      return (
        state.kind === kind ||
        (kind === 'queued' && this.#circumstances.releases.some(({ endedAt = Infinity }) => endedAt >= state.since))
      )
    })
    if (!fits) this.#misplaced(found, last)
    if (isPoison && found.attempt < 3)
      this.#faults.push(`held as poison after ${found.attempt} attempts: ${found.heldFor}`)
    return isPoison
  }

  #misplaced(found: Found, last: LeaseNote | undefined): void {
    const { rules } = this.#circumstances
    if (rules.lazyMayBeCut === true && this.#possible.some(({ kind }) => kind === 'gone')) {
      this.#duplicates.push('cut')
    } else if (rules.lossIsCounted === true) this.#isLost = true
    else {
      const expected = this.#possible.map((state) => describe(state)).join(' or ')
      this.#faults.push(
        `found ${found.state} with version ${found.version} after attempt ${last?.attempt ?? 'none'}, but it must be ${expected}`,
      )
    }
  }
}

type RenewNoteLike = LeaseNote['renewals'][number]

/** The reason that workers of a run give when they hold. */
export const HELD_BY_RUN = 'held by a kill run'

function birthStates(birth: History['birth']): readonly State[] {
  if (birth === undefined) return [{ kind: 'absent' }]
  const queued: State = { kind: 'queued', version: birth.version, since: birth.begunAt }
  // For a spawned entry the settlement is decided by what becomes of its parent; `judgeSpawned` compares the two.
  switch (birth.outcome) {
    case 'acknowledged':
      return [queued]
    case 'lost':
      return [{ kind: 'absent' }]
    case 'unknown':
      return [{ kind: 'absent' }, queued]
    default:
      return birth.outcome satisfies never
  }
}

/** What is wrong between an unanswered settlement and what it was to spawn: both were done, or neither. */
export function judgeSpawned(history: History, wasSeen: boolean): string | undefined {
  const { birth } = history
  if (birth?.settlement === undefined || birth.outcome !== 'unknown') return undefined
  const { took } = birth.settlement
  if (took === true && !wasSeen) return `lost: the settlement of ${birth.parent} was done, this was not spawned`
  if (took === false && wasSeen) return `spawned by a settlement of ${birth.parent} that was not done`
  return undefined
}

function describe(state: State): string {
  return 'version' in state ? `${state.kind} with version ${state.version}` : state.kind
}
