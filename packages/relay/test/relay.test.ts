import { mailboxOf } from '@postroad/address'
import { afterEach, describe, expect, it } from 'vitest'
import { readReport } from '@postroad/dsn'
import { reply, type RecipientOutcome } from '@postroad/envelope'
import { QueueUnavailableError } from '@postroad/queue'
import { DEFAULT_SCHEDULE } from '../src/index.ts'
import { openParts, type Parts, type PartsOptions } from './parts.ts'

const OK: RecipientOutcome = { kind: 'delivered', reply: reply(250, '2.0.0', 'OK') }
const LATER: RecipientOutcome = { kind: 'deferred', reply: reply(451, '4.7.1', 'later'), status: '4.7.1' }
const NEVER: RecipientOutcome = { kind: 'failed', reply: reply(550, '5.1.1', 'no such user'), status: '5.1.1' }

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let parts: Parts

function open(options: PartsOptions = {}): Parts {
  parts = openParts(options)
  parts.start()
  return parts
}

afterEach(() => parts.stop())

const outcomes = (): readonly string[] =>
  parts.events.flatMap((event) =>
    event.type === 'attempt.finished' ? [`${event.recipient.mailbox.localPart} ${event.outcome.kind}`] : [],
  )

/** Long enough for everything that is ready; time does not move by it. */
async function turns(count: number): Promise<string> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  return 'still running'
}

const entriesLeft = async (): Promise<number> => (await parts.store.control.list({}, { limit: 100 })).items.length

describe('the relay', () => {
  it('delivers local mail to the local delivery, and is done with it', async () => {
    open()
    await parts.submit(['bob@example.org'])
    await parts.advance(0)
    expect(parts.local.calls).toHaveLength(1)
    expect(outcomes()).toEqual(['bob delivered'])
    expect(await entriesLeft()).toBe(0)
  })

  it('sends other mail to the MX hosts in turn until one is offered it (RFC 5321 §5.1)', async () => {
    const zone = '$ORIGIN example.net.\n@ MX 10 a\n@ MX 20 b\na A 192.0.2.1\nb A 192.0.2.2\n'
    const tried: string[] = []
    open({
      zone,
      host: {
        deliver: async ({ destination, envelope }) => {
          tried.push(`${destination.host} ${destination.address} ${destination.port}`)
          const first = tried.length === 1
          return {
            outcomes: envelope.recipients.map(() => (first ? { ...LATER, reply: undefined } : OK)),
            phase: first ? 'connect' : 'done',
            peer: undefined,
          }
        },
      },
    })
    await parts.submit(['carol@example.net'])
    await parts.advance(0)
    expect(tried).toEqual(['a.example.net 192.0.2.1 25', 'b.example.net 192.0.2.2 25'])
    expect(outcomes()).toEqual(['carol delivered'])
  })

  it('does not ask the next host what the first one has answered', async () => {
    const zone = '$ORIGIN example.net.\n@ MX 10 a\n@ MX 20 b\na A 192.0.2.1\nb A 192.0.2.2\n'
    open({ zone, answer: () => LATER })
    await parts.submit(['carol@example.net'])
    await parts.advance(0)
    expect(parts.host.calls.map(({ destination }) => destination.host)).toEqual(['a.example.net'])
  })

  it('tries again by the schedule, and only those who are left (RFC 5321 §4.5.4.1)', async () => {
    open({ answer: (recipient, call) => (recipient.startsWith('carol') && call < 2 ? LATER : OK) })
    await parts.submit(['carol@example.net', 'dave@example.net'])
    await parts.advance(0)
    expect(outcomes()).toEqual(['carol deferred', 'dave delivered'])
    await parts.advance(MINUTE - 1)
    expect(parts.host.calls).toHaveLength(1)
    await parts.advance(MINUTE / 10)
    await parts.advance(6 * MINUTE)
    expect(outcomes()).toEqual(['carol deferred', 'dave delivered', 'carol deferred', 'carol delivered'])
    expect(await entriesLeft()).toBe(0)
  })

  it('reports a failure to the reverse-path, together with the end of the attempt (RFC 3461 §6)', async () => {
    open({ answer: (recipient) => (recipient.startsWith('carol') ? NEVER : OK) })
    await parts.submit(['carol@example.net'], { text: 'Subject: hi\nMessage-ID: <1@example.org>\n\nthe body\n' })
    await parts.advance(0)
    expect(outcomes()).toEqual(['carol failed', 'ada delivered'])
    const [delivered] = parts.local.calls
    expect(delivered?.envelope.reversePath).toBeNull()
    const report = readReport(delivered!.content)
    if (!report.ok) throw new Error(report.error.rule)
    expect(report.value.recipients).toMatchObject([{ action: 'failed', status: '5.1.1' }])
    const text = Buffer.from(delivered!.content).toString()
    expect(text).toContain('carol@example.net')
    expect(text).toContain('550 5.1.1 no such user')
    expect(text).toContain('the body')
    expect(parts.events).toContainEqual(expect.objectContaining({ type: 'report.sent', action: 'failed' }))
  })

  it('reports nothing to the null reverse-path (RFC 5321 §6.1), and nothing to who said never', async () => {
    open({ answer: () => NEVER })
    await parts.submit(['carol@example.net'], { from: null })
    await parts.submit(['carol@example.net'], { notify: ['never'] })
    await parts.advance(0)
    expect(outcomes()).toEqual(['carol failed', 'carol failed'])
    expect(parts.events.map(({ type }) => type)).toContain('report.dropped')
    expect(await entriesLeft()).toBe(0)
  })

  it('drops a report that cannot reach anybody', async () => {
    open({ answer: () => NEVER })
    await parts.submit(['carol@example.net'], { from: 'nobody@example.org' })
    await parts.advance(0)
    expect(parts.events).toContainEqual(
      expect.objectContaining({ type: 'report.dropped', reason: 'the reverse-path cannot be reached' }),
    )
  })

  it('gives up after five days, tells of the delay before, and takes no time to test', async () => {
    open({ answer: (recipient) => (recipient.startsWith('carol') ? LATER : OK) })
    await parts.submit(['carol@example.net'])
    for (let hours = 0; hours < 125; hours += 1) await parts.advance(HOUR)
    const reports = parts.events.flatMap((event) => (event.type === 'report.sent' ? [event.action] : []))
    expect(reports).toEqual(['delayed', 'failed'])
    expect(parts.events).toContainEqual(
      expect.objectContaining({ outcome: expect.objectContaining({ kind: 'failed', status: '5.4.7' }) }),
    )
    expect(await entriesLeft()).toBe(0)
  })

  it('waits longer where no answer came, and says so', async () => {
    open({ answer: (_, call) => (call === 0 ? { kind: 'unknown', status: '4.4.2' } : OK) })
    await parts.submit(['carol@example.net'])
    await parts.advance(2 * MINUTE)
    expect(outcomes()).toEqual(['carol unknown'])
    await parts.advance(5 * MINUTE)
    expect(outcomes()).toEqual(['carol unknown', 'carol delivered'])
  })

  it.each([
    ['nomail.test', '5.1.10'],
    ['nowhere.test', '5.1.2'],
  ])('fails mail for %s at once with %s', async (domain, status) => {
    open({ answer: () => OK })
    await parts.submit([`x@${domain}`])
    await parts.advance(0)
    expect(parts.host.calls).toHaveLength(0)
    expect(parts.events).toContainEqual(expect.objectContaining({ outcome: expect.objectContaining({ status }) }))
    expect(parts.events).toContainEqual(expect.objectContaining({ type: 'report.sent' }))
  })

  it('tells of success where it was asked to (RFC 3461 §4.1)', async () => {
    open({ answer: () => OK })
    await parts.submit(['bob@example.org'], { notify: ['success'] })
    await parts.submit(['carol@example.net'], { notify: ['success'] })
    await parts.advance(0)
    expect(parts.events.flatMap((event) => (event.type === 'report.sent' ? [event.action] : [])).toSorted()).toEqual([
      'delivered',
      'relayed',
    ])
  })

  it('makes a deferral of a fault of its own', async () => {
    open({ local: { deliver: () => Promise.reject(new Error('broken')) } })
    await parts.submit(['bob@example.org'])
    await parts.advance(0)
    expect(outcomes()).toEqual(['bob deferred'])
    expect(parts.events).toContainEqual(expect.objectContaining({ type: 'fault' }))
    expect(await entriesLeft()).toBe(1)
  })

  it('settles when the store is back, and delivers nothing twice', async () => {
    let away = 3
    open({
      answer: () => OK,
      store: (store) => ({
        ...store,
        queue: {
          enqueue: (entries) => store.queue.enqueue(entries),
          lease: (request) => store.queue.lease(request),
          renew: (token, request) => store.queue.renew(token, request),
          settle: (batch) => {
            away -= 1
            return away >= 0 ? Promise.reject(new QueueUnavailableError('away')) : store.queue.settle(batch)
          },
        },
      }),
    })
    await parts.submit(['bob@example.org'])
    await parts.advance(0)
    expect(await entriesLeft()).toBe(1)
    await parts.advance(5_000)
    expect(await entriesLeft()).toBe(0)
    expect(parts.local.calls).toHaveLength(1)
  })

  it('waits and asks again while the store has no work to give', async () => {
    let away = 2
    open({
      answer: () => OK,
      store: (store) => ({
        ...store,
        queue: {
          enqueue: (entries) => store.queue.enqueue(entries),
          renew: (token, request) => store.queue.renew(token, request),
          settle: (batch) => store.queue.settle(batch),
          lease: (request) => {
            away -= 1
            return away >= 0 ? Promise.reject(new QueueUnavailableError('away')) : store.queue.lease(request)
          },
        },
      }),
    })
    await parts.submit(['bob@example.org'])
    await parts.advance(5_000)
    expect(outcomes()).toEqual(['bob delivered'])
  })

  it('keeps its lease while it sends, and stops when it has lost it', async () => {
    open({ answer: () => 'silent', relay: { leaseMs: 30_000 } })
    await parts.submit(['bob@example.org'])
    await parts.advance(5 * MINUTE)
    expect(parts.local.calls).toHaveLength(1)
    expect(parts.relay.running).toBe(1)
    await parts.store.control.apply({ kind: 'drop' }, {}, { limit: 10 })
    expect(await entriesLeft()).toBe(1)
  })

  it('begins what came back from a dead worker alone', async () => {
    parts = openParts({ answer: (recipient) => (recipient.startsWith('bob') ? 'silent' : OK) })
    await parts.submit(['bob@example.org'])
    const [lost] = await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })
    expect(lost?.attempt).toBe(0)
    await parts.clock.advance(1_001)
    parts.start()
    await parts.advance(0)
    expect(parts.events).toContainEqual(expect.objectContaining({ type: 'attempt.recovered', attempt: 1 }))
    await parts.submit(['ada@example.org'])
    await parts.advance(0)
    expect(outcomes()).toEqual([])
    await parts.advance(1_000)
    expect(outcomes()).toEqual(['ada delivered'])
  })

  it('stops what runs after the grace, and leaves it due at once', async () => {
    open({ answer: () => 'silent' })
    await parts.submit(['bob@example.org'])
    await parts.advance(0)
    await parts.stop()
    expect(parts.events).toContainEqual(
      expect.objectContaining({ type: 'attempt.finished', notBefore: expect.any(Number) }),
    )
    const [attempt] = parts.events.filter((event) => event.type === 'attempt.finished')
    expect(attempt).toMatchObject({ outcome: { kind: 'deferred' } })
    expect(attempt?.notBefore).toBeLessThanOrEqual(parts.clock.now())
  })

  it('stops also while it has as many attempts as it may', async () => {
    open({ answer: () => 'silent', relay: { concurrency: 1 } })
    await parts.submit(['bob@example.org'])
    await parts.advance(0)
    const stopped = parts.stop().then(() => 'stopped')
    expect(await Promise.race([stopped, turns(1_000)])).toBe('stopped')
  })

  it('ends an attempt that takes too long, and tries again by the schedule', async () => {
    open({ answer: (_, call) => (call === 0 ? 'silent' : OK) })
    await parts.submit(['carol@example.net'])
    await parts.advance(29 * MINUTE)
    expect(outcomes()).toEqual([])
    await parts.advance(1.5 * MINUTE)
    expect(outcomes()).toEqual(['carol deferred'])
    const [late] = parts.events.filter((event) => event.type === 'attempt.finished')
    expect(late?.notBefore).toBeGreaterThan(parts.clock.now())
    await parts.advance(2 * MINUTE)
    expect(outcomes()).toEqual(['carol deferred', 'carol delivered'])
  })

  it('removes what a crash left on the spool', async () => {
    parts = openParts()
    const { store, clock } = parts
    const id = parts.intake.createMessageId()
    const writer = await store.spool.stage({ message: id, ttlMs: MINUTE })
    await writer.write(new Uint8Array(10))
    await writer.seal({ prefix: new Uint8Array() })
    await clock.advance(2 * MINUTE)
    parts.start()
    await parts.advance(0)
    expect(parts.events).toContainEqual({ type: 'spool.swept', removed: 1 })
  })

  it('holds an entry whose content is gone', async () => {
    open({ answer: () => OK })
    await parts.store.queue.enqueue([
      {
        id: 'M.0' as never,
        group: 'local' as never,
        priority: 0,
        notBefore: 0,
        labels: {},
        job: {
          message: 'M' as never,
          reversePath: null,
          destination: { transport: 'local' },
          recipients: [{ mailbox: mailboxOf('bob@example.org') }],
          facts: {
            sizeBytes: 0,
            headerBytes: 0,
            eightBit: false,
            binary: false,
            utf8Header: false,
            longestLineBytes: 0,
            dotLines: 0,
            endsWithCrlf: true,
          },
          acceptedAt: 0,
        },
      },
    ])
    await parts.advance(0)
    const { items } = await parts.store.control.list({}, { limit: 10 })
    expect(items).toMatchObject([{ state: 'held', heldFor: 'the content is not on the spool' }])
  })

  it('has a schedule as the standard asks (RFC 5321 §4.5.4.1)', () => {
    expect(DEFAULT_SCHEDULE.giveUpAfterMs).toBeGreaterThanOrEqual(4 * 24 * HOUR)
  })
})
