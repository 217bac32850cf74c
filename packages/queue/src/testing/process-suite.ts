/**
 * Limits over several processes on one store: at most so many leases of a group at a time, permits and rates likewise,
 * what a killed process held comes back, and poison is found whichever process dies of it.
 *
 * Counts are kept in the parent and never above the true ones (see `process-worker.ts`), so a count above the limit is
 * a fault of the store and never of the test.
 */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import type { LimitKey, NewEntry, Store } from '../index.ts'
import { contractTest, type StoreHarness } from './harness.ts'
import { PLACE, type WorkerNote, type WorkerTask } from './process-worker.ts'

/** What the suite needs of a store that several processes share. */
export interface ProcessHarness {
  /** A new, empty place for a store: what `open` and `start` are given. */
  create(): Promise<string>
  /** Opens the store there. The suite disposes it. */
  open(place: string, now: () => number): Promise<Store<string>>
  /**
   * Starts a process that opens the store there, with its clock ahead of the machine's by so many milliseconds, and calls
   * `runStoreWorker(store, process)`. It has a channel (`stdio` with `ipc`). The suite ends it.
   */
  start(place: string, aheadMs: number): WorkerProcess
  /** As in `StoreHarness`. */
  readonly gaps?: StoreHarness['gaps']
}

/** A started process: Node's `ChildProcess` is one. */
export interface WorkerProcess {
  /** To the worker: its task, then an answer to each note. What it returns is not looked at. */
  send(message: object): boolean
  /** Hears what the worker tells, in its order; registered before the worker tells anything. */
  on(event: 'message', listener: (message: unknown) => void): unknown
  /** Hears that the process has ended, killed or by itself. */
  once(event: 'exit', listener: () => void): unknown
  /** Ends the process at once, with no chance to put anything in order. What it returns is not looked at. */
  kill(signal: 'SIGKILL'): boolean
}

/** A process, as the tests see it. */
interface Worker {
  /** What it told, in order. */
  readonly notes: readonly WorkerNote[]
  /** Until it told so of `count` things of this kind. */
  until(note: WorkerNote['note'], count?: number): Promise<void>
  kill(): Promise<void>
}

const GROUP = groupId('g0.example')
const HOLD_MS = 60_000

/** Registers the tests. Call it once for each store that processes share. */
export function describeProcesses(name: string, harness: ProcessHarness): void {
  describe(`${name} keeps limits over processes`, () => {
    const { gaps = [] } = harness
    const test = contractTest({ gaps, open: () => Promise.reject(new Error('opened by place')) }, 'processes')
    const workers: WorkerProcess[] = []
    /** Workers that come again and again, and answers that wait until the others have come once more. */
    const busy = new Set<WorkerProcess>()
    const waiting = new Set<{ readonly others: Set<WorkerProcess>; readonly answer: () => void }>()
    /** Entries by group, or places, as far as workers have told and not given back. */
    const held = new Map<string, Set<string>>()
    const most = new Map<string, number>()
    let place = ''
    let aheadMs = 0
    let stop = false
    let gives = 0
    let store: Store<string> | undefined

    beforeEach(async () => {
      place = await harness.create()
      aheadMs = 0
      stop = false
      gives = 0
      held.clear()
      most.clear()
      busy.clear()
      waiting.clear()
      store = await harness.open(place, () => Date.now() + aheadMs)
    })
    afterEach(async () => {
      for (const worker of workers.splice(0)) worker.kill('SIGKILL')
      await store?.[Symbol.asyncDispose]()
    })

    const open = (): Store<string> => store ?? expect.fail('no store is open')
    const enqueue = async (count: number, over: Partial<NewEntry<string>> = {}): Promise<void> => {
      for (let n = 0; n < count; n += 1) {
        const id = createEntryId(messageId(`m${n}`), 0)
        const entry = { id, job: 'j', group: GROUP, priority: 0, notBefore: 0, labels: {} }
        await open().queue.enqueue([{ ...entry, ...over }])
      }
    }
    /** The worker has come, or will not come again: answers that waited for it go out. */
    const came = (child: WorkerProcess): void => {
      for (const one of waiting) {
        one.others.delete(child)
        if (one.others.size > 0) continue
        waiting.delete(one)
        one.answer()
      }
    }
    const begin = (task: WorkerTask): Worker => {
      const child = harness.start(place, aheadMs)
      workers.push(child)
      if (task.task === 'work' || task.task === 'places') busy.add(child)
      const notes: WorkerNote[] = []
      const watchers = new Set<() => void>()
      const mine: (readonly [what: string, id: string])[] = []
      let gone = false
      const exited = new Promise<void>((resolve) => {
        child.once('exit', () => {
          gone = true
          resolve()
        })
      })
      child.on('message', (received) => {
        const message = received as WorkerNote | { readonly note: 'ready' }
        if (message.note === 'ready') return void child.send(task)
        if (message.note === 'has') {
          const ids = held.get(message.what) ?? new Set()
          held.set(message.what, ids.add(message.id))
          mine.push([message.what, message.id])
          most.set(message.what, Math.max(most.get(message.what) ?? 0, ids.size))
        }
        notes.push(message)
        for (const watcher of watchers) watcher()
        if (message.note === 'done') busy.delete(child)
        came(child)
        const answer = (): void => {
          if (message.note === 'gives') {
            held.get(message.what)?.delete(message.id)
            gives += 1
          }
          if (!gone) child.send({ stop })
        }
        // What it has it keeps until every other worker has tried to get some too, or gives back itself.
        const others = new Set(message.note === 'gives' ? [...busy].filter((other) => other !== child) : [])
        if (others.size === 0) answer()
        else waiting.add({ others, answer })
      })
      return {
        notes,
        until: (note, count = 1) =>
          new Promise((resolve) => {
            const look = (): void => {
              if (notes.filter((one) => one.note === note).length < count) return
              watchers.delete(look)
              resolve()
            }
            watchers.add(look)
            look()
          }),
        async kill() {
          // From here on it may have nothing, as far as anybody knows.
          for (const [what, id] of mine) held.get(what)?.delete(id)
          busy.delete(child)
          came(child)
          gone = true
          child.kill('SIGKILL')
          await exited
        },
      }
    }
    /** Lets workers go on until they have settled so many entries. */
    const workOff = async (team: readonly Worker[], count: number): Promise<void> => {
      const settled = new Promise<void>((resolve) => {
        const look = setInterval(() => {
          if (gives < count) return
          clearInterval(look)
          resolve()
        }, 5)
      })
      await settled
      stop = true
      await Promise.all(team.map((worker) => worker.until('done')))
    }

    for (const limit of [1, 3]) {
      test(`never leases more than ${limit} of a group at a time over three processes`, async () => {
        await open().control.limit(GROUP, limit)
        await enqueue(60)
        const team = [1, 2, 3].map(() => begin({ task: 'work', limit: 2 }))
        await workOff(team, 60)
        expect(most.get(GROUP)).toBe(limit)
        expect(gives).toBe(60)
        expect((await open().control.list({}, { limit: 10 })).items).toEqual([])
      })
    }

    test('holds to the limit of a group while processes are killed, and loses no entry', async () => {
      await open().control.limit(GROUP, 2)
      await enqueue(40)
      const victims = [1, 2].map(() => begin({ task: 'keep', limit: 1, durationMs: HOLD_MS }))
      await Promise.all(victims.map((victim) => victim.until('idle')))
      expect(held.get(GROUP)?.size).toBe(2)
      await Promise.all(victims.map((victim) => victim.kill()))
      // Nobody knows that they are dead: their places are taken until the leases have run out.
      expect(await open().queue.lease({ limit: 5, durationMs: HOLD_MS, waitMs: 0 })).toEqual([])
      aheadMs += HOLD_MS + 1_000
      const team = [1, 2, 3].map(() => begin({ task: 'work', limit: 2 }))
      await workOff(team, 40)
      expect(most.get(GROUP)).toBeLessThanOrEqual(2)
      expect((await open().control.list({}, { limit: 10 })).items).toEqual([])
    })

    test('never gives more places than there are over three processes', async () => {
      const key: LimitKey = { kind: 'concurrency', name: 'mx/example.org', places: 2 }
      const team = [1, 2, 3].map(() => begin({ task: 'places', key, rounds: 20 }))
      await Promise.all(team.map((worker) => worker.until('done')))
      expect(most.get(PLACE)).toBe(2)
      const permits = await Promise.all([1, 2, 3].map(() => open().limits.take([key], 1, HOLD_MS)))
      expect(permits.filter(({ kind }) => kind === 'permit')).toHaveLength(2)
    })

    test('has the place of a killed process again once its time has passed, and not before', async () => {
      const key: LimitKey = { kind: 'concurrency', name: 'mx/example.org', places: 1 }
      const victim = begin({ task: 'keep-place', key, ttlMs: HOLD_MS })
      await victim.until('idle')
      expect(held.get(PLACE)?.size).toBe(1)
      await victim.kill()
      expect((await open().limits.take([key], 1, HOLD_MS)).kind).toBe('refused')
      aheadMs += HOLD_MS + 1_000
      expect((await open().limits.take([key], 1, HOLD_MS)).kind).toBe('permit')
    })

    test('gives no more tokens over three processes than the burst and what time brings', async () => {
      const key = { kind: 'rate', name: 'mail/ada', tokens: 200, perMs: 1_000, burst: 20 } as const
      const beganAt = Date.now()
      const team = [1, 2, 3].map(() => begin({ task: 'tokens', key, count: 30 }))
      let atOnce = 0
      for (const [n, worker] of team.entries()) {
        await worker.until('took', n === 0 ? 30 : 1)
        atOnce += worker.notes.filter(({ note }) => note === 'took').length
      }
      await Promise.all(team.map((worker) => worker.until('done')))
      const taken = team.flatMap(({ notes }) => notes.filter(({ note }) => note === 'took')).length
      const elapsedMs = Date.now() - beganAt + 1
      expect(atOnce).toBeLessThanOrEqual(taken)
      expect(taken).toBe(90)
      expect(taken).toBeLessThanOrEqual(key.burst + (elapsedMs * key.tokens) / key.perMs)
    })

    test('holds poison, whichever process dies of it, and nothing beside it', async () => {
      await enqueue(1)
      const beside = createEntryId(messageId('beside'), 0)
      const innocent = { id: beside, job: 'j', group: GROUP, priority: 0, notBefore: 0, labels: {} }
      await open().queue.enqueue([innocent])
      // Together first, then alone: each process takes what it is given and dies.
      const given: (readonly string[])[] = []
      for (let n = 0; n < 12; n += 1) {
        const victim = begin({ task: 'keep', limit: 10, durationMs: HOLD_MS })
        await victim.until('idle')
        const ids = victim.notes.flatMap((note) => (note.note === 'has' ? [note.id] : []))
        given.push(ids)
        if (ids.length === 0) break
        await victim.kill()
        aheadMs += HOLD_MS + 1_000
        // The one beside it has a worker that lives.
        if (n > 0) continue
        for (let look = 0; look < 3; look += 1) {
          const [lease] = await open().queue.lease({ limit: 1, durationMs: HOLD_MS, waitMs: 0 })
          if (lease?.id === beside) await open().queue.settle([{ token: lease.token, kind: 'done' }])
        }
        aheadMs += HOLD_MS + 1_000
      }
      expect(given[0]).toHaveLength(2)
      expect(given.at(-1)).toEqual([])
      for (const list of given.slice(1, -1)) expect(list).toEqual(['m0.0'])
      const { items } = await open().control.list({}, { limit: 10 })
      expect(items).toMatchObject([{ id: 'm0.0', state: 'held', heldFor: expect.stringMatching(/./) }])
    })

    test('enqueues from several processes what another works off, each entry once', async () => {
      const producers = [1, 2].map((n) => begin({ task: 'enqueue', name: `p${n}x`, count: 50, groups: 3 }))
      const team = [1, 2].map(() => begin({ task: 'work', limit: 5 }))
      await Promise.all(producers.map((producer) => producer.until('done')))
      await workOff(team, 100)
      const had = team.flatMap(({ notes }) => notes.flatMap((note) => (note.note === 'has' ? [note.id] : [])))
      expect(had).toHaveLength(100)
      expect(new Set(had).size).toBe(100)
    })
  })
}
