/**
 * What an implementation gives the contract suites, and the stage on which their tests play.
 *
 * Time is a number that a test moves: a store under test reads it from `now` and from nowhere else, so nothing sleeps
 * for what is due or runs out. Only waiting (`waitMs`) takes real milliseconds, few of them.
 */

import { contentId, createEntryId, groupId, type LeaseToken, messageId, type ContentId } from '@postroad/envelope'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Codec, Lease, LeaseRequest, NewEntry, QueueOptions, SealedContent, Settlement, Store } from '../index.ts'

/** How a suite opens the store it tests. */
export interface StoreHarness {
  /** Opens a new, empty store that keeps jobs with `contractCodec` and reads the time from `now`. The suite disposes it. */
  open(options: OpenOptions): Promise<Store<string>>
  /**
   * Opens the store opened last again, as after a crash: the object before is abandoned without disposal, or its process
   * killed. Left out by stores that keep nothing; their tests of it are then skipped.
   */
  reopen?(options: OpenOptions): Promise<Store<string>>
  /** Tests the implementation does not pass, by their full name, with the reason; printed in the run. */
  readonly gaps?: readonly Gap[]
}

/** How a store is opened. */
export interface OpenOptions {
  /** The store's only clock: milliseconds since the epoch. */
  readonly now: () => number
  /** Absent: every default of the port. */
  readonly queue?: QueueOptions
}

/** A test that is not passed, and why. */
export interface Gap {
  /** The name of the test, alone or behind the word of its suite: `clock back leaves leases to their holders ...`. */
  readonly test: string
  /** Stands in the name of the skipped test. */
  readonly reason: string
}

/** The job that `contractCodec` writes but cannot read. */
export const UNREADABLE_JOB = 'unreadable'

/** The codec of a store under test: UTF-8 text, but for one job that it refuses to read. */
export const contractCodec: Codec<string> = {
  encode: (job) => new TextEncoder().encode(job),
  decode: (bytes) => {
    const job = new TextDecoder().decode(bytes)
    if (job === UNREADABLE_JOB) throw new Error('not a job of any version')
    return job
  },
}

/** Registers a test, or a skipped one that shows the reason of a gap. */
export type ContractTest = (name: string, run: () => Promise<void>) => void

/** One store under test, opened anew for each test, and short words for what tests do with it. */
export interface Stage {
  /** Read by the store; a test moves it. */
  now: number
  readonly store: Store<string>
  /** Disposes the store and opens another with these options. */
  reset(queue: QueueOptions): Promise<void>
  /** Opens the same store again, as after a crash. */
  crash(): Promise<void>
  enqueue(...entries: readonly NewEntry<string>[]): Promise<void>
  /** Leases what is due, without waiting: up to 1 for 1,000 ms unless said otherwise. */
  lease(request?: Partial<LeaseRequest>): Promise<readonly Lease<string>[]>
  /** The jobs of what `lease` gives. */
  jobs(request?: Partial<LeaseRequest>): Promise<readonly string[]>
  /** One lease; fails the test where there is none. */
  take(request?: Partial<LeaseRequest>): Promise<Lease<string>>
  /** Settles one lease and says what became of it. */
  settle(lease: Lease<string> | LeaseToken | undefined, how?: Partial<Settlement<string>>): Promise<'settled' | 'lost'>
  /** Lets the worker of the lease die: time passes until the lease ran out. */
  die(durationMs?: number): void
  /** Stages and seals content. */
  put(
    text: string | readonly Uint8Array[],
    options?: { readonly prefix?: string; readonly ttlMs?: number },
  ): Promise<SealedContent>
  /** Reads content whole, as Latin-1 text. */
  read(content: ContentId | undefined, range?: { readonly start: number; readonly end?: number }): Promise<string>
  /** The state of an entry; `undefined` where it is gone. */
  view(
    id: string,
  ): Promise<{ readonly state: string; readonly heldFor: string | undefined; readonly group: string } | undefined>
}

/** How long leases of the tests hold, unless a test says otherwise. */
export const LEASE_MS = 1_000

/** Registers the opening and disposal of a store around each test of the current block. */
export function createStage(harness: StoreHarness, queue: QueueOptions = {}): Stage {
  let store: Store<string> | undefined
  let options: OpenOptions = { now: () => stage.now, queue }
  const stage: Stage = {
    now: 0,
    get store() {
      if (store === undefined) throw new Error('no store is open: a stage is for use inside tests')
      return store
    },
    async reset(queue) {
      await store?.[Symbol.asyncDispose]()
      options = { ...options, queue }
      store = await harness.open(options)
    },
    async crash() {
      if (harness.reopen === undefined) throw new Error('this store keeps nothing across a crash')
      store = await harness.reopen(options)
    },
    enqueue: (...entries) => stage.store.queue.enqueue(entries),
    lease: (request) => stage.store.queue.lease({ limit: 1, durationMs: LEASE_MS, waitMs: 0, ...request }),
    jobs: async (request) => (await stage.lease(request)).map(({ job }) => job),
    async take(request) {
      const [lease] = await stage.lease(request)
      if (lease === undefined) return expect.fail('nothing to lease')
      return lease
    },
    async settle(lease, how = {}) {
      if (lease === undefined) return expect.fail('there is no lease to settle')
      const token = typeof lease === 'string' ? lease : lease.token
      const settlement = { token, kind: 'done', ...how } as Settlement<string>
      const [result] = await stage.store.queue.settle([settlement])
      return result?.kind ?? expect.fail('no result')
    },
    die(durationMs = LEASE_MS) {
      stage.now += durationMs + 1
    },
    async put(text, { prefix = '', ttlMs = 60_000 } = {}) {
      const writer = await stage.store.spool.stage({ message: messageId('STAGED'), ttlMs })
      for (const chunk of typeof text === 'string' ? [latin1(text)] : text) await writer.write(chunk)
      return writer.seal({ prefix: latin1(prefix) })
    },
    async read(content, range) {
      if (content === undefined) return expect.fail('there is no content to read')
      const chunks: Buffer[] = []
      for await (const chunk of stage.store.spool.open(content, range)) chunks.push(Buffer.from(chunk))
      return Buffer.concat(chunks).toString('latin1')
    },
    async view(id) {
      const { items } = await stage.store.control.list({ ids: [entry(id).id] }, { limit: 10 })
      const [found] = items
      return found && { state: found.state, heldFor: found.heldFor, group: found.group }
    },
  }
  beforeEach(async () => {
    stage.now = 1_700_000_000_000
    options = { now: () => stage.now, queue }
    store = await harness.open(options)
  })
  afterEach(async () => {
    const open = store
    store = undefined
    await open?.[Symbol.asyncDispose]()
  })
  return stage
}

/** An entry of a message of its own; its job is its name. Due at once in the group `example.org`. */
export function entry(name: string, over: Overrides = {}): NewEntry<string> {
  const { group = 'example.org', id = `${name}.0`, ...rest } = over
  const [message = name, index = '0'] = id.split('.')
  return {
    id: createEntryId(messageId(message), Number(index)),
    job: name,
    group: groupId(group),
    priority: 0,
    notBefore: 0,
    labels: {},
    ...rest,
  }
}

/** What an entry of a test has of its own. `id` is `message.index`. */
export type Overrides = Partial<Omit<NewEntry<string>, 'id' | 'group'>> & {
  readonly id?: string
  readonly group?: string
}

/** Bytes of Latin-1 text. */
export function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

/** An id that no spool made. */
export const NO_CONTENT: ContentId = contentId('there-is-no-such-content')

/** `it`, but a gap of the harness is skipped with its reason in the name. */
export function contractTest(harness: StoreHarness, prefix: string): ContractTest {
  return (name, run) => {
    const gap = harness.gaps?.find(({ test }) => test === name || test === `${prefix} ${name}`)
    if (gap === undefined) it(name, run)
    else it.skip(`${name} (gap: ${gap.reason})`, run)
  }
}

/** As `contractTest`, for tests that need `reopen`: skipped with that reason where the store keeps nothing. */
export function crashTest(harness: StoreHarness, prefix: string): ContractTest {
  const test = contractTest(harness, prefix)
  return (name, run) => {
    if (harness.reopen === undefined) it.skip(`${name} (keeps nothing across a crash)`, run)
    else test(name, run)
  }
}
