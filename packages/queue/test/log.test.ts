/** The memory store with a log: what waits for it, what shares a batch, and that a store put back is the store it was. */

import { contentId, createEntryId, entryId, groupId, messageId, type ContentId } from '@postroad/envelope'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NewEntry, QueueUnavailableError, type Settlement, type Store } from '../src/index.ts'
import { createMemoryStore, type StoreChange, type StoreLog } from '../src/memory.ts'
import { contractCodec } from '../src/testing/index.ts'

interface Batch {
  readonly changes: readonly StoreChange[]
  readonly sync: boolean
}

/** A log that keeps its batches, and a store on it. A test may hold back its answer. */
function setUp() {
  const clock = createManualClock()
  const random = createSeededRandom(1)
  const batches: Batch[] = []
  const kept = { batches, closed: 0, answer: (): Promise<void> => Promise.resolve() }
  const log: StoreLog = {
    async append(changes, sync) {
      await kept.answer()
      // As a log on another machine would: what was appended is a copy.
      batches.push({ changes: structuredClone(changes), sync })
    },
    async [Symbol.asyncDispose]() {
      kept.closed += 1
    },
  }
  const open = (restore: readonly Batch[], to: StoreLog = log): Store<string> =>
    createMemoryStore({
      clock,
      random,
      codec: contractCodec,
      log: to,
      restore: restore.flatMap(({ changes }) => changes),
    })
  return { clock, kept, open, store: open([]) }
}

const entry = (name: string, over: Partial<NewEntry<string>> = {}): NewEntry<string> => ({
  id: createEntryId(messageId(name), 0),
  job: name,
  group: groupId('example.org'),
  priority: 0,
  notBefore: 0,
  labels: {},
  ...over,
})
const look = { limit: 1, durationMs: 1_000, waitMs: 0 }
const control = { limit: 100 }

/** A promise and what ends it. */
function gate() {
  let open = (): void => {}
  let fail = (): void => {}
  const promise = new Promise<void>((resolve, reject) => {
    open = resolve
    fail = () => reject(new Error('the disk is full'))
  })
  return { wait: () => promise, open: () => open(), fail: () => fail() }
}

/** Lets everything that is ready run. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}

/** Whether a promise has ended once everything that is ready has run. */
async function hasEnded(promise: Promise<unknown>): Promise<boolean> {
  let ended = false
  const end = (): void => void (ended = true)
  promise.then(end, end)
  await turns()
  return ended
}

describe('a batch', () => {
  it('is shared by what callers ask for in one turn, and by what they ask for while another is appended', async () => {
    const { store, kept } = setUp()
    const first = gate()
    kept.answer = first.wait
    const callers = [1, 2, 3].map((n) => store.queue.enqueue([entry(`a${n}`)]))
    expect(await hasEnded(Promise.all(callers))).toBe(false)
    callers.push(...[1, 2, 3].map((n) => store.queue.enqueue([entry(`b${n}`)])))
    expect(await hasEnded(Promise.race(callers))).toBe(false)
    first.open()
    await Promise.all(callers)
    expect(kept.batches.map(({ changes }) => changes.length)).toEqual([3, 3])
  })

  it('must be durable for what may not be lost in a power cut, and for nothing else', async () => {
    const { store, kept } = setUp()
    const syncs = async (act: () => Promise<unknown>): Promise<readonly boolean[]> => {
      kept.batches.length = 0
      await act()
      return kept.batches.map(({ sync }) => sync)
    }
    const { queue } = store
    const lease = async () => (await queue.lease(look))[0]?.token ?? expect.fail('nothing to lease')
    const settle = async (how: Omit<Settlement<string>, 'token'>) =>
      queue.settle([{ ...how, token: await lease() } as Settlement<string>])
    expect(await syncs(() => queue.enqueue([entry('a')]))).toEqual([true])
    expect(await syncs(lease)).toEqual([false])
    const [{ token }] = [(await syncs(() => queue.enqueue([entry('b')])), { token: await lease() })]
    expect(await syncs(() => queue.renew(token, { durationMs: 1_000 }))).toEqual([false])
    expect(await syncs(() => queue.renew(token, { durationMs: 1_000, job: 'half' }))).toEqual([true])
    expect(await syncs(() => queue.settle([{ token, kind: 'done' }]))).toEqual([false])
    for (const name of ['c', 'd', 'e']) await queue.enqueue([entry(name)])
    expect(await syncs(() => settle({ kind: 'done', spawn: [entry('s')] } as never))).toEqual([false, true])
    expect(await syncs(() => settle({ kind: 'hold', job: 'd', reason: 'r' } as never))).toEqual([false, true])
    const retry = { kind: 'retry', job: 'e', notBefore: 0 } as never
    expect(await syncs(() => settle(retry))).toEqual([false, true])
    expect(await syncs(() => store.control.apply({ kind: 'release' }, {}, control))).toEqual([true])
    expect(await syncs(() => store.control.apply({ kind: 'drop' }, {}, { ...control, dryRun: true }))).toEqual([])
    expect(await syncs(() => store.control.pause(groupId('example.org'), 1))).toEqual([true])
    const record = { message: messageId('M'), at: 1, event: 'x', detail: {} }
    expect(await syncs(() => store.journal.write([record]))).toEqual([false])
    expect(await syncs(() => store.limits.mark('key', 1_000))).toEqual([])
  })

  it('has the bytes of content once, and none of content that came and went before it began', async () => {
    const { store, kept } = setUp()
    const put = async (text: string) => {
      const writer = await store.spool.stage({ message: messageId('M'), ttlMs: 60_000 })
      await writer.write(new TextEncoder().encode(text))
      return writer.seal({ prefix: new Uint8Array() })
    }
    const content = await put('kept')
    await store.queue.enqueue([entry('a', { content })])
    const [lease] = await store.queue.lease(look)
    await store.queue.renew(lease?.token ?? expect.fail(), { durationMs: 1, job: 'half' })
    const brief = await put('brief')
    const dropped = store.queue.enqueue([entry('b', { content: brief })])
    await store.control.apply({ kind: 'drop' }, { ids: [entryId('b.0')] }, control)
    await dropped
    const ids = kept.batches.flatMap(({ changes }) => changes).flatMap((change) => 'chunks' in change && change.id)
    expect(ids.filter(Boolean)).toEqual([content.id])
  })
})

describe('nothing is answered before the log has it', () => {
  it('not a repeated enqueue either, nor a lease of what is being enqueued', async () => {
    const { store, kept } = setUp()
    const first = gate()
    kept.answer = first.wait
    const enqueued = store.queue.enqueue([entry('a')])
    await hasEnded(enqueued)
    const again = store.queue.enqueue([entry('a')])
    const leased = store.queue.lease(look)
    for (const promise of [enqueued, again, leased]) expect(await hasEnded(promise)).toBe(false)
    first.open()
    await Promise.all([enqueued, again])
    expect(await leased).toHaveLength(1)
    expect(kept.batches.map(({ sync }) => sync)).toEqual([true, false])
  })

  it('a lease that was waited for neither', async () => {
    const { store, kept } = setUp()
    const waiting = store.queue.lease({ ...look, waitMs: 60_000 })
    const first = gate()
    kept.answer = first.wait
    const enqueued = store.queue.enqueue([entry('a')])
    expect(await hasEnded(waiting)).toBe(false)
    first.open()
    await enqueued
    expect(await waiting).toHaveLength(1)
  })
})

describe('a log that fails', () => {
  it('ends the store: what waited and what comes is refused, and a new store has what the log has', async () => {
    const { store, kept, open } = setUp()
    await store.queue.enqueue([entry('a')])
    const disk = gate()
    kept.answer = disk.wait
    const waiting = [
      store.queue.enqueue([entry('b')]),
      store.queue.lease(look),
      store.queue.lease({ ...look, limit: 5, waitMs: 60_000 }),
      store.control.pause(groupId('example.net'), 5),
    ]
    await hasEnded(Promise.race(waiting))
    const late = store.queue.enqueue([entry('c')])
    disk.fail()
    const refusal = { code: 'QUEUE_UNAVAILABLE', cause: new Error('the disk is full') }
    for (const promise of [...waiting, late]) await expect(promise).rejects.toMatchObject(refusal)
    kept.answer = () => Promise.resolve()
    const { queue, control, spool, limits, journal } = store
    const read = async (): Promise<void> => {
      for await (const _chunk of spool.open(contentId('x'))) expect.fail('there is no content')
    }
    for (const call of [
      () => queue.enqueue([entry('d')]),
      () => queue.lease({ ...look, waitMs: 60_000 }),
      () => queue.settle([]),
      () => control.list({}, { limit: 10 }),
      () => control.changes({ limit: 10, waitMs: 60_000 }),
      () => limits.mark('key', 1),
      () => journal.read(messageId('a')),
      read,
    ]) {
      await expect(call()).rejects.toBeInstanceOf(QueueUnavailableError)
    }
    await store[Symbol.asyncDispose]()
    expect(kept).toMatchObject({ closed: 1, batches: [expect.anything()] })
    const again = open(kept.batches)
    expect((await again.control.list({}, { limit: 10 })).items).toMatchObject([{ id: 'a.0', state: 'ready' }])
    await again.queue.enqueue([entry('b')])
    expect(await again.queue.lease({ ...look, limit: 5 })).toHaveLength(2)
  })

  it('also where it throws before it gives a promise', async () => {
    const { open } = setUp()
    const broken: StoreLog = {
      append: () => {
        throw new Error('at once')
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
    const store = open([], broken)
    await expect(store.queue.enqueue([entry('a')])).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
  })
})

describe('disposal', () => {
  it('lets what was begun be kept, then closes the log, once', async () => {
    const { store, kept } = setUp()
    const begun = store.queue.enqueue([entry('a')])
    await store[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    await begun
    expect(kept).toMatchObject({ closed: 1, batches: [{ sync: true }] })
  })
})

describe('a store put back', () => {
  type Step = (store: Store<string>, n: number) => Promise<unknown>
  const tokens: (NonNullable<Awaited<ReturnType<Store<string>['queue']['lease']>>[0]>['token'] | undefined)[] = []
  const latest = () => tokens.at(-1) ?? ('none' as never)
  const groups = ['one.example', 'two.example'].map(groupId)
  const groupOf = (n: number) => groups[n % 2] ?? expect.fail()
  const name = (n: number): string => `m${n % 6}`
  const steps: Record<string, Step> = {
    enqueue: async ({ queue, spool }, n) => {
      const writer = await spool.stage({ message: messageId(name(n)), ttlMs: 60_000 })
      await writer.write(new TextEncoder().encode(`content ${n}`))
      const content = await writer.seal({ prefix: new Uint8Array() })
      await queue.enqueue([entry(name(n), { content, group: groupOf(n), priority: n % 3, labels: { n: `${n}` } })])
    },
    lease: async ({ queue }, n) =>
      tokens.push(...(await queue.lease({ ...look, limit: 1 + (n % 2) })).map(({ token }) => token)),
    renew: ({ queue }, n) => queue.renew(latest(), { durationMs: 2_000, job: `renewed ${n}` }),
    done: ({ queue }) => queue.settle([{ token: latest(), kind: 'done', feedback: 'ok' }]),
    retry: ({ queue }, n) =>
      queue.settle([
        {
          token: latest(),
          kind: 'retry',
          job: `retried ${n}`,
          notBefore: 1_700_000_000_000 + n * 100,
          group: groupOf(n),
          reply: `450 ${n}`,
          feedback: n % 2 === 0 ? 'slow' : 'down',
          record: { at: n, event: 'attempt', detail: { n } },
        },
      ]),
    hold: ({ queue }, n) => queue.settle([{ token: latest(), kind: 'hold', job: `held ${n}`, reason: 'r' }]),
    release: ({ control }) => control.apply({ kind: 'release' }, {}, { limit: 100 }),
    drop: ({ control }, n) => control.apply({ kind: 'drop' }, { ids: [entryId(`${name(n)}.0`)] }, { limit: 100 }),
    reroute: ({ control }, n) => control.apply({ kind: 'reroute', group: groupOf(n) }, {}, { limit: 100 }),
    pause: ({ control }, n) => control.pause(groupOf(n), 1_700_000_000_000 + n * 200),
    limit: ({ control }, n) => control.limit(groupOf(n), 1 + (n % 3)),
  }

  /** Everything that can be seen of a store without changing it. */
  const seen = async ({ control, spool, journal }: Store<string>): Promise<unknown> => {
    const { items } = await control.list({}, { limit: 100 })
    const text = async (content: ContentId | undefined): Promise<string> => {
      if (content === undefined) return ''
      const chunks: Uint8Array[] = []
      for await (const chunk of spool.open(content)) chunks.push(chunk)
      return Buffer.concat(chunks).toString()
    }
    return {
      items,
      contents: await Promise.all(items.map(({ content }) => text(content))),
      counts: (await control.counts({ limit: 100 })).items,
      records: await Promise.all([0, 1, 2, 3, 4, 5].map((n) => journal.read(messageId(name(n))))),
    }
  }

  /** What a worker gets who ends everything that is due; the turns of groups are not promised over a crash. */
  const worked = async ({ queue }: Store<string>): Promise<readonly object[]> => {
    const given: { readonly id: string }[] = []
    for (let [lease] = await queue.lease(look); lease !== undefined; [lease] = await queue.lease(look)) {
      const { token, ...rest } = lease
      await queue.settle([{ token, kind: 'done' }])
      given.push(rest)
    }
    return given.toSorted((a, b) => a.id.localeCompare(b.id))
  }

  it('after any step is as it was, and goes on alike', async () => {
    const step = fc.tuple(
      fc.constantFrom(...Object.keys(steps)),
      fc.nat(50),
      fc.constantFrom(0, 0, 300, 1_500, 400_000),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (run) => {
        const { clock, store, kept, open } = setUp()
        tokens.length = 0
        for (const [act, n, passMs] of run) {
          await steps[act]?.(store, n)
          await turns()
          const twin = open(kept.batches, { append: async () => {}, [Symbol.asyncDispose]: async () => {} })
          expect(await seen(twin)).toEqual(await seen(store))
          clock.step(passMs)
          expect(await seen(twin)).toEqual(await seen(store))
        }
        const twin = open(kept.batches, { append: async () => {}, [Symbol.asyncDispose]: async () => {} })
        const renewed = (one: Store<string>) => one.queue.renew(latest(), { durationMs: 5 })
        expect(await renewed(twin)).toBe(await renewed(store))
        clock.step(10_000_000)
        expect(await worked(twin)).toEqual(await worked(store))
      }),
      { numRuns: 200 },
    )
  })

  it('knows which leases ran out, also where nobody was given anything since', async () => {
    const { clock, store, kept, open } = setUp()
    await store.queue.enqueue([entry('a')])
    await store.queue.lease(look)
    await store.control.pause(groupId('example.org'), clock.now() + 60_000)
    clock.step(1_000)
    expect(await store.queue.lease(look)).toEqual([])
    await turns()
    expect((await open(kept.batches).control.list({}, { limit: 1 })).items).toMatchObject([{ state: 'ready' }])
  })

  it('knows the ids of what has ended, and forgets content that nothing names', async () => {
    const { store, kept, open } = setUp()
    await steps['enqueue']?.(store, 1)
    const [lease] = await store.queue.lease(look)
    await store.queue.settle([{ token: lease?.token ?? expect.fail(), kind: 'done' }])
    const twin = open(kept.batches)
    await twin.queue.enqueue([entry('m1')])
    expect(await twin.queue.lease(look)).toEqual([])
    expect(await twin.spool.sweep(async () => new Set())).toEqual({ examined: 0, removed: 0 })
  })
})
