/**
 * The feed of changed groups: every change has a number, each group remembers that of its last, and a cursor is the
 * number up to which its holder knows everything.
 *
 * While nobody follows, nothing is remembered, and a change costs one comparison. What is remembered is bounded by
 * twice the number of groups, and 1,000: where more have emptied meanwhile, the oldest are forgotten, and whoever is so
 * far behind begins anew.
 */

import type { GroupId } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import type { Changes, ChangesRequest } from '../control.ts'
import { countGroup } from './counts.ts'
import type { MemoryEntry } from './entry.ts'
import type { Group } from './lane.ts'
import type { Schedule, Watcher } from './schedule.ts'
import { WaitingLine } from './waiting.ts'

/** How long changes are remembered for a follower who does not come. */
const FOLLOWED_MS = 60_000
/** Fewer than this many are not looked over. */
const FEW = 1_000

interface Change {
  readonly id: GroupId
  readonly number: number
}

/** Which groups changed after which. */
export class ChangeFeed<Job> implements Watcher<Job> {
  readonly #clock: Clock
  readonly #schedule: Schedule<Job>
  readonly #identity: string
  readonly #line: WaitingLine<Changes>
  /** The number of each group's last change. */
  readonly #last = new Map<GroupId, number>()
  /** Changes in their order, with some that are not their group's last any more. */
  #order: Change[] = []
  #number = 0
  /** Who knows less than this has missed something. */
  #rememberedFrom = 0
  /** When somebody last asked, by the monotonic clock; `undefined`: nobody follows. */
  #followedAt: number | undefined
  #waiting = 0
  #isServing = false

  /** @param identity Tells this store's cursors from those of others. */
  constructor(schedule: Schedule<Job>, clock: Clock, identity: string) {
    this.#schedule = schedule
    this.#clock = clock
    this.#identity = identity
    this.#line = new WaitingLine(clock, () => Infinity)
  }

  moved({ lane }: MemoryEntry<Job>): void {
    this.#note(lane.group.id)
  }

  steered({ id }: Group<Job>): void {
    this.#note(id)
  }

  /** As `QueueControl.changes`. */
  async follow({ cursor, limit, waitMs, signal }: ChangesRequest): Promise<Changes> {
    const from = this.#read(cursor)
    this.#followedAt = this.#clock.monotonic()
    if (from === undefined) return { groups: [], cursor: this.#cursor(this.#number), restarted: true }
    const found = this.#collect(from, limit)
    if (found.length > 0 || waitMs <= 0 || signal?.aborted === true) return found[0] ?? this.#nothing(from)
    this.#waiting += 1
    const [changes] = await this.#line.wait(() => this.#collect(from, limit), waitMs, signal)
    this.#waiting -= 1
    this.#followedAt = this.#clock.monotonic()
    return changes ?? this.#nothing(from)
  }

  /** Ends all waiting with nothing. */
  endAll(): void {
    this.#line.endAll()
  }

  #note(id: GroupId): void {
    if (this.#followedAt === undefined) return
    if (this.#waiting === 0 && this.#clock.monotonic() - this.#followedAt > FOLLOWED_MS) {
      this.#forgetAll()
      return
    }
    this.#number += 1
    this.#last.set(id, this.#number)
    if (this.#order.at(-1)?.id === id) this.#order.pop()
    this.#order.push({ id, number: this.#number })
    if (this.#order.length > FEW + 2 * this.#last.size) this.#order = this.#order.filter((one) => this.#isLast(one))
    if (this.#last.size > FEW + 2 * this.#schedule.groupCount) this.#forgetHalf()
    if (this.#waiting > 0 && !this.#isServing) {
      this.#isServing = true
      void this.#serve()
    }
  }

  /** In a later turn, when the step that changes is whole. */
  async #serve(): Promise<void> {
    await Promise.resolve()
    this.#isServing = false
    this.#line.serve()
  }

  #isLast({ id, number }: Change): boolean {
    return this.#last.get(id) === number
  }

  #forgetAll(): void {
    this.#number += 1
    this.#rememberedFrom = this.#number
    this.#followedAt = undefined
    this.#last.clear()
    this.#order = []
  }

  #forgetHalf(): void {
    const ordered = this.#order.filter((one) => this.#isLast(one))
    const gone = ordered.splice(0, ordered.length >> 1)
    for (const { id } of gone) this.#last.delete(id)
    this.#order = ordered
    this.#rememberedFrom = gone.at(-1)?.number ?? this.#rememberedFrom
  }

  /** What changed after a number: an answer, or none. */
  #collect(from: number, limit: number): readonly Changes[] {
    if (from < this.#rememberedFrom) return [{ groups: [], cursor: this.#cursor(this.#number), restarted: true }]
    const now = this.#clock.now()
    const groups = []
    let upTo = this.#number
    for (let index = this.#indexAfter(from); index < this.#order.length; index += 1) {
      const change = this.#order[index]
      if (change === undefined || !this.#isLast(change)) continue
      groups.push(countGroup(this.#schedule, change.id, now))
      if (groups.length < limit) continue
      upTo = change.number
      break
    }
    return groups.length === 0 ? [] : [{ groups, cursor: this.#cursor(upTo), restarted: false }]
  }

  /** Where the first change after a number stands. */
  #indexAfter(number: number): number {
    let low = 0
    let high = this.#order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#order[middle]?.number ?? Infinity) > number) high = middle
      else low = middle + 1
    }
    return low
  }

  #nothing(from: number): Changes {
    return { groups: [], cursor: this.#cursor(from), restarted: false }
  }

  #cursor(number: number): string {
    return `${this.#identity}.${number}`
  }

  /** The number of a cursor; `undefined` where it cannot be gone on from. */
  #read(cursor: string | undefined): number | undefined {
    const dot = cursor?.lastIndexOf('.') ?? -1
    if (cursor === undefined || cursor.slice(0, dot) !== this.#identity) return undefined
    const number = Number(cursor.slice(dot + 1))
    const isKnown = Number.isInteger(number) && number >= this.#rememberedFrom && number <= this.#number
    return isKnown && this.#followedAt !== undefined ? number : undefined
  }
}
