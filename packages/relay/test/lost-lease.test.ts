import { afterEach, describe, expect, it } from 'vitest'
import { reply, type RecipientOutcome } from '@postroad/envelope'
import type { WorkItem } from '@postroad/intake'
import { ContentMissingError, QueueUnavailableError, type Queue, type Store } from '@postroad/queue'
import { openParts, type Parts, type PartsOptions } from './parts.ts'

const OK: RecipientOutcome = { kind: 'delivered', reply: reply(250, '2.0.0', 'OK') }
const NEVER: RecipientOutcome = { kind: 'failed', reply: reply(550, '5.1.1', 'no such user'), status: '5.1.1' }

const LEASE_MS = 30_000

let parts: Parts

function open(options: PartsOptions): Parts {
  parts = openParts({ ...options, relay: { leaseMs: LEASE_MS } })
  parts.start()
  return parts
}

afterEach(() => parts.stop())

/** The store, with some methods of its queue replaced. */
const withQueue =
  (replace: (queue: Queue<WorkItem>) => Partial<Queue<WorkItem>>) =>
  (store: Store<WorkItem>): Store<WorkItem> => ({
    ...store,
    queue: {
      enqueue: (entries) => store.queue.enqueue(entries),
      lease: (request) => store.queue.lease(request),
      renew: (token, request) => store.queue.renew(token, request),
      settle: (batch) => store.queue.settle(batch),
      ...replace(store.queue),
    },
  })

const entriesLeft = async (): Promise<number> => (await parts.store.control.list({}, { limit: 100 })).items.length

const types = (): readonly string[] => parts.events.map(({ type }) => type)

describe('a lease that ran out while the store was away', () => {
  it('is taken up by the attempt that still runs: no second one begins', async () => {
    let away = false
    let deliveries = 0
    let end = (): void => {}
    const ended = new Promise<void>((resolve) => (end = resolve))
    const unless = <Value>(work: () => Promise<Value>): Promise<Value> =>
      away ? Promise.reject(new QueueUnavailableError('away')) : work()
    open({
      local: {
        deliver: async ({ envelope }) => {
          deliveries += 1
          await ended
          return { outcomes: envelope.recipients.map(() => OK), phase: 'done', peer: undefined }
        },
      },
      store: withQueue((queue) => ({
        lease: (request) => unless(() => queue.lease(request)),
        renew: (token, request) => unless(() => queue.renew(token, request)),
        settle: (batch) => unless(() => queue.settle(batch)),
      })),
    })
    await parts.submit(['bob@example.org'])
    await parts.advance(0)
    expect(deliveries).toBe(1)
    away = true
    await parts.advance(2 * LEASE_MS)
    away = false
    await parts.advance(LEASE_MS + 5_000)
    expect(deliveries).toBe(1)
    expect(parts.relay.running).toBe(1)
    end()
    await parts.advance(0)
    expect(await entriesLeft()).toBe(0)
    expect(deliveries).toBe(1)
    expect(types()).not.toContain('lease.lost')
  })

  it('is taken up by the settlement that waits: nothing is delivered twice', async () => {
    let away = true
    open({
      answer: () => OK,
      store: withQueue((queue) => ({
        settle: (batch) => (away ? Promise.reject(new QueueUnavailableError('away')) : queue.settle(batch)),
      })),
    })
    await parts.submit(['bob@example.org'])
    await parts.advance(2 * LEASE_MS)
    away = false
    await parts.advance(5_000)
    expect(await entriesLeft()).toBe(0)
    expect(parts.local.calls).toHaveLength(1)
    expect(types()).not.toContain('lease.lost')
  })
})

describe('a settlement that cannot be done as it is', () => {
  it('keeps the outcomes, and the next attempt makes only the report', async () => {
    let refusals = 1
    open({
      answer: (recipient) => (recipient.startsWith('carol') ? NEVER : OK),
      store: withQueue((queue) => ({
        settle: (batch) => {
          if (batch.every(({ spawn }) => spawn === undefined)) return queue.settle(batch)
          refusals -= 1
          return refusals >= 0 ? Promise.reject(new ContentMissingError('swept meanwhile')) : queue.settle(batch)
        },
      })),
    })
    await parts.submit(['carol@example.net'])
    await parts.advance(0)
    expect(types()).not.toContain('report.sent')
    await parts.advance(2 * 60_000)
    expect(parts.host.calls).toHaveLength(1)
    expect(types().filter((type) => type === 'report.sent')).toHaveLength(1)
    expect(parts.local.calls.map(({ envelope }) => envelope.reversePath)).toEqual([null])
    expect(await entriesLeft()).toBe(0)
  })
})
