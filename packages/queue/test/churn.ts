/**
 * Entries that come and go, by the thousands, in a store and in a model of plain maps: what is kept of one must never be seen
 * in another, whose memory it was given. What each answer must be in detail, the model test of the port asks.
 */

import {
  type ContentId,
  createEntryId,
  entryId,
  type EntryId,
  type GroupId,
  groupId,
  type LeaseToken,
  messageId,
} from '@postroad/envelope'
import { createManualClock, createSeededRandom, type ManualClock } from '@postroad/runtime'
import { expect } from 'vitest'
import type { Codec, ControlAction, Lease, NewEntry, SealedContent, Store } from '../src/index.ts'
import { ContentMissingError } from '../src/index.ts'
import { createMemoryStore } from '../src/memory.ts'

/** How the jobs of a churn are made. */
export interface ChurnJobs<Job> {
  readonly codec: Codec<Job> | undefined
  readonly make: (text: string) => Job
}

interface Expected<Job> {
  job: Job
  group: GroupId
  readonly labels: Readonly<Record<string, string>>
  readonly content: ContentId | undefined
  token: LeaseToken | undefined
  reply: string | undefined
}

const MESSAGES = 400
const GROUPS = 40
/** Never an instant that the steps reach. */
const SETTLED_MEMORY_MS = 5_005
const LEASE_MS = 1_005
const LENGTHS = [0, 5, 20, 100, 300, 1_000]
/** Longer than what is small, and longer than a cell. */
const RARE_LENGTHS = [4_096, 4_097, 20_000]
const PAGE = { limit: 7 }

/** One store, and what it must have. */
export class Churn<Job> {
  readonly clock: ManualClock = createManualClock()
  readonly store: Store<Job>
  /** What the store must have. */
  readonly live = new Map<EntryId, Expected<Job>>()
  readonly #jobs: ChurnJobs<Job>
  readonly #most: number
  readonly #random: ReturnType<typeof createSeededRandom>
  readonly #contents = new Map<ContentId, { readonly text: string; names: number }>()
  /** Until when the ids of what has ended are remembered. */
  readonly #ended = new Map<EntryId, number>()
  /** Tokens that mean nothing any more. */
  readonly #stale: LeaseToken[] = []
  /** What somebody was given, and what it was then. */
  #held: { readonly given: unknown; readonly was: unknown }[] = []
  /** Content that went with its last entry since the last check. */
  #gone: ContentId[] = []
  #serial = 0

  /** @param most About so many entries at once. */
  constructor(jobs: ChurnJobs<Job>, seed: number, most: number) {
    this.#jobs = jobs
    this.#most = most
    this.#random = createSeededRandom(seed)
    this.store = createMemoryStore<Job>({
      clock: this.clock,
      random: this.#random,
      queue: { settledMemoryMs: SETTLED_MEMORY_MS, poisonDeaths: 1_000_000, journalRecords: 1 },
      ...(jobs.codec === undefined ? {} : { codec: jobs.codec }),
    })
  }

  /** One random step. */
  async step(): Promise<void> {
    // Now and then nearly all go, so that pages empty and what was long becomes short.
    const isEbb = this.live.size > this.#most || this.#nat(this.#most * 4) === 0
    if (isEbb) return this.#ebb()
    const act = this.#nat(20)
    if (act < 6) await this.#enqueue()
    else if (act < 11) await this.#lease(1 + this.#nat(5))
    else if (act < 15) await this.#settle()
    else if (act < 16) await this.#renew()
    else if (act < 18) await this.#control()
    else if (act < 19) await this.#useStale()
    else this.clock.step(10 * this.#nat(200))
  }

  /** Compares all that can be seen. */
  async check(): Promise<void> {
    const { control } = this.store
    const seen = new Set<EntryId>()
    for (let cursor: string | undefined; ;) {
      const page = await control.list({}, cursor === undefined ? PAGE : { ...PAGE, cursor })
      for (const { id, job, group, labels, content, lastReply } of page.items) {
        const { token: _token, reply, ...expected } = this.#expected(id)
        expect({ job, group, labels: { ...labels }, content, reply: lastReply }).toEqual({ ...expected, reply })
        if (content !== undefined) expect(await this.#read(content)).toBe(this.#contents.get(content)?.text)
        seen.add(id)
      }
      if (page.cursor === undefined) break
      cursor = page.cursor
    }
    expect(seen.size).toBe(this.live.size)
    const { items } = await control.counts({ limit: 1_000 })
    const sums = items.map(({ ready, waiting, leased, held }) => ready + waiting + leased + held)
    expect(sums.reduce((sum, count) => sum + count, 0)).toBe(this.live.size)
    for (const { given, was } of this.#held) expect(given).toEqual(was)
    this.#held = []
    // Not by `rejects`, which remembers every promise until the test ends.
    for (const content of this.#gone) {
      const error = await this.#read(content).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(ContentMissingError)
    }
    this.#gone = []
  }

  /** Ends everything, and lets the store forget that it was there. */
  async drain(): Promise<void> {
    await this.#ebb(0)
    // Each that ends lets it look at a few that ended before.
    for (let n = this.#ended.size; n >= 0; n -= 1) {
      this.clock.step(2 * SETTLED_MEMORY_MS)
      const last = { ...this.#entry(entryId('last.0')), notBefore: 0 }
      await this.store.queue.enqueue([last])
      this.#add(last)
      const [{ id, token } = expect.fail('nothing to lease')] = await this.#take(10)
      await this.store.queue.settle([{ token, kind: 'done' }])
      this.#lose(this.#expected(id))
      this.#end(id)
    }
    expect(this.live.size).toBe(0)
  }

  async #enqueue(): Promise<void> {
    const message = messageId(`m${this.#nat(MESSAGES)}`)
    const shared = await this.#put()
    const entries: NewEntry<Job>[] = []
    for (let index = 0; index <= this.#nat(3); index += 1) {
      const content = this.#pick([undefined, shared, await this.#put()])
      const entry = this.#entry(createEntryId(message, index))
      entries.push(content === undefined ? entry : { ...entry, content })
    }
    await this.store.queue.enqueue(entries)
    for (const entry of entries) this.#add(entry)
  }

  async #lease(limit: number): Promise<void> {
    await this.#take(limit)
  }

  async #take(limit: number): Promise<readonly Lease<Job>[]> {
    const leases = await this.store.queue.lease({ limit, durationMs: LEASE_MS, waitMs: 0 })
    for (const { id, token, job, group, labels, content } of leases) {
      const expected = this.#expected(id)
      expect({ job, group, content, labels: { ...labels } }).toEqual({
        job: expected.job,
        group: expected.group,
        content: expected.content,
        labels: expected.labels,
      })
      this.#lose(expected)
      expected.token = token
      this.#held.push({ given: job, was: structuredClone(job) })
      const [chunk] = content === undefined ? [] : await this.#chunks(content)
      if (chunk !== undefined) this.#held.push({ given: chunk, was: chunk.slice() })
    }
    return leases
  }

  async #settle(): Promise<void> {
    const [id, expected] = this.#leased() ?? []
    if (id === undefined || expected?.token === undefined) return
    const { token } = expected
    const { queue } = this.store
    const kind = this.#pick(['done', 'done', 'retry', 'hold'] as const)
    const spawned = this.#nat(4) === 0 ? [this.#entry(createEntryId(messageId(`m${this.#nat(MESSAGES)}`), 9))] : []
    const job = this.#job()
    const reply = `450 ${this.#text()}`.slice(0, 500)
    if (kind === 'done') {
      expect(await queue.settle([{ token, kind, spawn: spawned }])).toMatchObject([{ kind: 'settled' }])
      for (const entry of spawned) this.#add(entry)
      this.#end(id)
    } else if (kind === 'retry') {
      const [group, notBefore] = [this.#group(), this.clock.now() + this.#pick([0, 0, 500, 3_000])]
      const settlement = { token, kind, job, notBefore, group, reply, spawn: spawned }
      expect(await queue.settle([settlement])).toMatchObject([{ kind: 'settled' }])
      for (const entry of spawned) this.#add(entry)
      Object.assign(expected, { job, group, reply })
    } else {
      expect(await queue.settle([{ token, kind, job, reason: this.#text() }])).toMatchObject([{ kind: 'settled' }])
      expected.job = job
    }
    this.#lose(expected)
  }

  async #renew(): Promise<void> {
    const [, expected] = this.#leased() ?? []
    if (expected?.token === undefined) return
    const job = this.#job()
    expect(await this.store.queue.renew(expected.token, { durationMs: LEASE_MS, job })).toBe('renewed')
    expected.job = job
  }

  async #control(): Promise<void> {
    const id = this.#pick([...this.live.keys(), undefined])
    if (id === undefined) return
    const expected = this.#expected(id)
    const group = this.#group()
    const action: ControlAction = this.#pick([
      { kind: 'hold', reason: this.#text() },
      { kind: 'release' },
      { kind: 'retry' },
      { kind: 'drop' },
      { kind: 'reroute', group },
    ])
    const { changed } = await this.store.control.apply(action, { ids: [id] }, PAGE)
    if (changed === 0) return
    if (action.kind === 'drop') this.#end(id)
    if (action.kind === 'reroute') expected.group = group
    else this.#lose(expected)
  }

  /** What a worker of long ago still holds is lost, whoever has its entry's memory now. */
  async #useStale(): Promise<void> {
    for (let n = 0; n < 5 && this.#stale.length > 0; n += 1) {
      const token = this.#pick(this.#stale)
      expect(await this.store.queue.settle([{ token, kind: 'done' }])).toEqual([{ kind: 'lost' }])
      expect(await this.store.queue.renew(token, { durationMs: 1, job: this.#job() })).toBe('lost')
    }
  }

  /** Ends all but a few. */
  async #ebb(most = this.#nat(8)): Promise<void> {
    this.clock.step(10_000)
    await this.store.control.apply({ kind: 'release' }, {}, { limit: 100_000 })
    while (this.live.size > most) {
      const leases = await this.#take(1 + this.#nat(20))
      for (const { id, token } of leases) {
        expect(await this.store.queue.settle([{ token, kind: 'done' }])).toMatchObject([{ kind: 'settled' }])
        this.#lose(this.#expected(id))
        this.#end(id)
      }
      if (leases.length === 0) this.clock.step(10_000)
    }
    // What was staged and never named.
    await this.store.spool.sweep(async () => new Set())
    for (const [id, { names }] of this.#contents) if (names === 0) this.#contents.delete(id)
  }

  #add({ id, job, group, labels, content }: NewEntry<Job>): void {
    if (this.live.has(id) || (this.#ended.get(id) ?? 0) > this.clock.now()) return
    const named = content !== undefined && 'id' in content ? content.id : undefined
    const text = named === undefined ? undefined : this.#contents.get(named)
    if (text !== undefined) text.names += 1
    this.live.set(id, { job, group, labels, content: named, token: undefined, reply: undefined })
  }

  #end(id: EntryId): void {
    const { content } = this.#expected(id)
    this.live.delete(id)
    this.#ended.set(id, this.clock.now() + SETTLED_MEMORY_MS)
    const text = content === undefined ? undefined : this.#contents.get(content)
    if (content === undefined || text === undefined) return
    text.names -= 1
    if (text.names > 0) return
    this.#contents.delete(content)
    this.#gone.push(content)
  }

  #lose(expected: Expected<Job>): void {
    if (expected.token === undefined) return
    this.#stale.push(expected.token)
    if (this.#stale.length > 200) this.#stale.splice(0, 100)
    expected.token = undefined
  }

  #leased(): readonly [EntryId, Expected<Job>] | undefined {
    return this.#pick([...this.live].filter(([, { token }]) => token !== undefined))
  }

  #expected(id: EntryId): Expected<Job> {
    return this.live.get(id) ?? expect.fail(`${id} is not there any more`)
  }

  #entry(id: EntryId): NewEntry<Job> {
    const labels = { sender: this.#text(), [`x${this.#nat(9)}`]: this.#text() }
    const notBefore = this.clock.now() + this.#pick([0, 0, 0, 500])
    return { id, job: this.#job(), group: this.#group(), priority: this.#pick([0, 0, 5]), notBefore, labels }
  }

  #job(): Job {
    return this.#jobs.make(`${(this.#serial += 1)} ${this.#text(this.#length())}`)
  }

  #group(): GroupId {
    return groupId(`g${this.#nat(GROUPS)}.example`)
  }

  async #put(): Promise<SealedContent> {
    const text = `${(this.#serial += 1)} ${this.#text(this.#length())}`
    const writer = await this.store.spool.stage({ message: messageId('m'), ttlMs: 1_000 })
    await writer.write(Buffer.from(text))
    const content = await writer.seal({ prefix: new Uint8Array() })
    this.#contents.set(content.id, { text, names: 0 })
    return content
  }

  async #read(id: ContentId): Promise<string> {
    return Buffer.concat(await this.#chunks(id)).toString()
  }

  async #chunks(id: ContentId): Promise<readonly Uint8Array[]> {
    const chunks: Uint8Array[] = []
    for await (const chunk of this.store.spool.open(id)) chunks.push(chunk)
    return chunks
  }

  #length(): number {
    return this.#pick(this.#nat(40) === 0 ? RARE_LENGTHS : LENGTHS)
  }

  #text(length: number = this.#pick([0, 3, 40, 200])): string {
    return this.#pick(['a', 'b', 'é']).repeat(length)
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#nat(values.length)] as T
  }

  #nat(below: number): number {
    const [a = 0, b = 0, c = 0] = this.#random.bytes(3)
    return ((a << 16) | (b << 8) | c) % Math.max(1, below)
  }
}

/** Jobs that a codec writes. */
export const WRITTEN_JOBS: ChurnJobs<string> = {
  codec: { encode: (job) => Buffer.from(job), decode: (bytes) => Buffer.from(bytes).toString() },
  make: (text) => text,
}

/** Jobs that are kept as they are. */
export const OBJECT_JOBS: ChurnJobs<{ readonly text: string }> = { codec: undefined, make: (text) => ({ text }) }
