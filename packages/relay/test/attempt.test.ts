import { mailboxOf } from '@postroad/address'
import { afterEach, describe, expect, it } from 'vitest'
import { readReport } from '@postroad/dsn'
import { reply, type Envelope, type RecipientOutcome } from '@postroad/envelope'
import { ContentMissingError, QueueUnavailableError } from '@postroad/queue'
import { DEFAULT_SCHEDULE } from '../src/index.ts'
import { openParts, type Parts, type PartsOptions } from './parts.ts'

const OK: RecipientOutcome = { kind: 'delivered', reply: reply(250, '2.0.0', 'OK') }
const LATER: RecipientOutcome = { kind: 'deferred', reply: undefined, status: '4.4.1' }
const NEVER: RecipientOutcome = { kind: 'failed', reply: reply(550, '5.1.1', 'no such user'), status: '5.1.1' }

const MINUTE = 60_000

let parts: Parts

function open(options: PartsOptions): Parts {
  parts = openParts(options)
  parts.start()
  return parts
}

afterEach(() => parts.stop())

const outcomes = (): readonly string[] =>
  parts.events.flatMap((event) =>
    event.type === 'attempt.finished' ? [`${event.recipient.mailbox.localPart} ${event.outcome.kind}`] : [],
  )

const reports = (): readonly string[] =>
  parts.events.flatMap((event) => (event.type === 'report.sent' ? [event.action] : []))

describe('an attempt', () => {
  it('gives on all that the envelope says, and nothing of the queue', async () => {
    const said: Envelope[] = []
    open({
      host: {
        deliver: async ({ envelope }) => {
          said.push(envelope)
          return { outcomes: [OK], phase: 'done', peer: undefined }
        },
      },
      rules: [
        {
          match: { domain: ['example.net'] },
          action: { transport: 'host', protocol: 'lmtp', host: 'unix:/mda', port: 0, tls: 'none' },
        },
      ],
    })
    const envelope = {
      body: '8bitmime',
      smtputf8: true,
      ret: 'hdrs',
      envid: 'e1',
      submitter: null,
      deliverBy: { at: 1_000, mode: 'notify', trace: true },
      holdUntil: 5,
      mtPriority: 3,
      requireTls: true,
      solicitations: ['net.example:ADV'],
    } as const
    const recipient = { notify: ['delay'], validSince: { at: 7, action: 'continue' } } as const
    await parts.submit(['carol@example.net'], { envelope, ...recipient })
    await parts.advance(0)
    expect(said).toEqual([
      {
        reversePath: mailboxOf('ada@example.org'),
        recipients: [{ mailbox: mailboxOf('carol@example.net'), ...recipient }],
        ...envelope,
      },
    ])
  })

  it('keeps what it was told before a fault, and delivers that no second time', async () => {
    let calls = 0
    open({
      host: {
        deliver: async ({ envelope, onOutcome }) => {
          calls += 1
          if (calls > 1) return { outcomes: envelope.recipients.map(() => OK), phase: 'done', peer: undefined }
          onOutcome?.(0, OK)
          throw new Error('broken')
        },
      },
      rules: [
        {
          match: { domain: ['example.net'] },
          action: { transport: 'host', protocol: 'lmtp', host: 'unix:/mda', port: 0, tls: 'none' },
        },
      ],
    })
    await parts.submit(['carol@example.net', 'dave@example.net'])
    await parts.advance(0)
    expect(outcomes()).toEqual(['carol delivered', 'dave deferred'])
    await parts.advance(2 * MINUTE)
    expect(outcomes()).toEqual(['carol delivered', 'dave deferred', 'dave delivered'])
  })

  it('keeps the first line of what the destination said last to those who are left', async () => {
    const said = reply(450, '4.2.0', 'mailbox full\nsee elsewhere')
    const answers: Record<string, RecipientOutcome> = {
      'carol@example.net': { kind: 'deferred', reply: said, status: '4.2.0' },
      'dave@example.net': NEVER,
      'eve@example.net': LATER,
    }
    open({ answer: (recipient) => (parts.host.calls.length > 1 ? LATER : (answers[recipient] ?? OK)) })
    const kept = async (): Promise<string | undefined> =>
      (await parts.store.control.list({ state: 'waiting' }, { limit: 10 })).items[0]?.lastReply
    await parts.submit(Object.keys(answers))
    await parts.advance(0)
    expect(await kept()).toBe('450 4.2.0 mailbox full')
    await parts.advance(30 * MINUTE)
    expect(parts.host.calls.length).toBeGreaterThan(1)
    expect(await kept()).toBe('450 4.2.0 mailbox full')
  })

  it('tries the next host although the first has more addresses than one attempt may try (RFC 5321 §5.1)', async () => {
    const addresses = [1, 2, 3, 4, 5, 6].map((last) => `a A 192.0.2.${last}\n`).join('')
    const tried: string[] = []
    open({
      zone: `$ORIGIN example.net.\n@ MX 10 a\n@ MX 20 b\n${addresses}b A 192.0.2.77\n`,
      host: {
        deliver: async ({ destination, envelope }) => {
          tried.push(destination.address ?? '')
          const dead = destination.host.startsWith('a.')
          return {
            outcomes: envelope.recipients.map(() => (dead ? LATER : OK)),
            phase: dead ? 'connect' : 'done',
            peer: undefined,
          }
        },
      },
    })
    await parts.submit(['carol@example.net'])
    await parts.advance(0)
    expect(tried).toHaveLength(5)
    expect(tried.at(-1)).toBe('192.0.2.77')
    expect(outcomes()).toEqual(['carol delivered'])
  })

  it('that we stopped says nothing of the destination, and nobody is given up for it', async () => {
    const feedback: unknown[] = []
    open({
      relay: { schedule: { ...DEFAULT_SCHEDULE, giveUpAfterMs: 0 } },
      host: {
        deliver: async ({ envelope, signal }) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
          return { outcomes: envelope.recipients.map(() => LATER), phase: 'connect', peer: undefined }
        },
      },
      store: (store) => ({
        ...store,
        queue: {
          enqueue: (entries) => store.queue.enqueue(entries),
          lease: (request) => store.queue.lease(request),
          renew: (token, request) => store.queue.renew(token, request),
          settle: (batch) => {
            for (const settlement of batch) feedback.push(settlement.feedback)
            return store.queue.settle(batch)
          },
        },
      }),
    })
    await parts.submit(['carol@example.net'])
    await parts.advance(0)
    await parts.stop()
    expect(outcomes()).toEqual(['carol deferred'])
    expect(feedback).toEqual([undefined])
  })
})

describe('a report', () => {
  it('of success is left to a next hop that has taken the request over (RFC 3461 §5.2.2)', async () => {
    const passes = { a: true, b: false }
    open({
      zone: '$ORIGIN example.net.\n@ MX 10 a\na A 192.0.2.1\n$ORIGIN example.com.\n@ MX 10 b\nb A 192.0.2.2\n',
      host: {
        deliver: async ({ destination: { host }, envelope }) => ({
          outcomes: envelope.recipients.map(() => OK),
          phase: 'done',
          peer: {
            host,
            address: '192.0.2.1',
            port: 25,
            tls: undefined,
            durationMs: 1,
            reused: false,
            dsn: host.startsWith('a.') ? passes.a : passes.b,
          },
        }),
      },
    })
    await parts.submit(['carol@example.net'], { notify: ['success'] })
    await parts.advance(0)
    expect(outcomes()).toEqual(['carol delivered'])
    expect(reports()).toEqual([])
    await parts.submit(['dave@example.com'], { notify: ['success'] })
    await parts.advance(0)
    expect(reports()).toEqual(['relayed'])
  })

  it('is made without the original where its content is gone', async () => {
    const gone = new Set<string>()
    open({
      store: (store) => ({
        ...store,
        spool: {
          stage: (options) => store.spool.stage(options),
          persist: (contents) => store.spool.persist(contents),
          drop: (contents) => store.spool.drop(contents),
          sweep: (inUse) => store.spool.sweep(inUse),
          async *open(content, range) {
            if (gone.size === 0) gone.add(content)
            if (gone.has(content)) throw new ContentMissingError('gone')
            yield* store.spool.open(content, range)
          },
        },
      }),
    })
    await parts.submit(['x@nomail.test'])
    await parts.advance(0)
    const report = readReport(parts.local.calls[0]?.content ?? new Uint8Array())
    expect(report).toMatchObject({ ok: true, value: { recipients: [{ action: 'failed', status: '5.1.10' }] } })
    expect((await parts.store.control.list({}, { limit: 10 })).items).toEqual([])
  })

  it('that cannot be made now comes with the next attempt, and the outcome is told once', async () => {
    let away = 1
    const { intake } = openParts()
    open({
      answer: (recipient) => (recipient.startsWith('carol') ? NEVER : OK),
      relay: {
        get intake() {
          return {
            createMessageId: () => intake.createMessageId(),
            resolve: (query: Parameters<typeof intake.resolve>[0]) => parts.intake.resolve(query),
            begin: (request: Parameters<typeof intake.begin>[0]) => {
              away -= 1
              return away >= 0 ? Promise.reject(new QueueUnavailableError('away')) : parts.intake.begin(request)
            },
          }
        },
      },
    })
    await parts.submit(['carol@example.net'])
    await parts.advance(0)
    expect(outcomes()).toEqual([])
    await parts.advance(2 * MINUTE)
    expect(outcomes()).toEqual(['carol failed', 'ada delivered'])
    expect(parts.host.calls).toHaveLength(1)
    expect(reports()).toEqual(['failed'])
  })
})
