import { fromLatin1 } from '@postroad/bytes'
import type { RecipientOutcome } from '@postroad/envelope'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClientEvent } from '../src/client-event.ts'
import { ClientSession } from '../src/client-session.ts'
import type { TransactionRequest } from '../src/client-request.ts'
import { ModelServer } from './client-model-server.ts'
import { envelope, facts, NOW } from './client-talk.ts'

interface Message {
  readonly recipients: number
  readonly content: string
  readonly binary: boolean
  readonly request: Pick<TransactionRequest, 'flightBytes' | 'chunkBytes' | 'chunking'>
}

const message: fc.Arbitrary<Message> = fc
  .record({
    recipients: fc.integer({ min: 1, max: 4 }),
    lines: fc.array(fc.constantFrom('', '.', '..', '.x', 'x', 'a longer line of text'), { maxLength: 8 }),
    unfinished: fc.constantFrom('', '.', 'x'),
    binary: fc.boolean(),
    request: fc.record({
      flightBytes: fc.constantFrom(0, 20, 65_536),
      chunkBytes: fc.integer({ min: 1, max: 40 }),
      chunking: fc.constantFrom('auto' as const, 'never' as const),
    }),
  })
  .map(({ lines, unfinished, binary, ...rest }) => ({
    ...rest,
    binary,
    content: `${lines.map((line) => `${line}\r\n`).join('')}${binary ? 'a\rb\nc\0\r\n.\n' : unfinished}`,
  }))

const offers = fc.subarray(['PIPELINING', 'CHUNKING', 'BINARYMIME', '8BITMIME', 'SIZE', 'DSN', 'ENHANCEDSTATUSCODES'])

/** A greeted session. */
function greeted(lmtp: boolean, offer: readonly string[]): ClientSession {
  const session = new ClientSession({ hostname: 'client.example.org', protocol: lmtp ? 'lmtp' : 'smtp' })
  session.receive(fromLatin1('220 mx\r\n'))
  session.takeOutput()
  const lines = ['mx', ...offer]
  session.receive(
    fromLatin1(lines.map((line, index) => `250${index === lines.length - 1 ? ' ' : '-'}${line}\r\n`).join('')),
  )
  expect(session.next()?.type).toBe('ready')
  return session
}

/** One transaction, driven as a driver does: pieces of content between what is written and what is read. */
class Run {
  readonly outcomes: RecipientOutcome[] = []
  /** Recipients that were settled while the end of the content was not handed out. */
  readonly before = new Set<number>()
  ends = 0
  closes = 0
  readonly #session: ClientSession
  readonly #content: Uint8Array
  readonly #cut: number
  #at = 0
  #giving = false

  constructor(session: ClientSession, { content, binary, recipients, request }: Message, cut: number) {
    this.#session = session
    this.#content = fromLatin1(content)
    this.#cut = cut
    session.transact({
      envelope: envelope(...Array.from({ length: recipients }, (_, index) => `r${index}@example.net`)),
      facts: facts(content, { binary }),
      now: NOW,
      ...request,
    })
    this.drain()
  }

  drain(): void {
    for (let event = this.#session.next(); event !== undefined; event = this.#session.next()) this.#take(event)
  }

  #take(event: ClientEvent): void {
    if (event.type === 'content') this.#giving = true
    else if (event.type === 'transaction-ended') this.ends += 1
    else if (event.type === 'closed') this.closes += 1
    else if (event.type === 'outcome') {
      expect(this.outcomes[event.recipient]).toBeUndefined()
      this.outcomes[event.recipient] = event.outcome
      if (!this.#session.transactionTerminated) this.before.add(event.recipient)
    }
  }

  /** Gives the next piece where one may be given; what leaves. */
  write(): Uint8Array | undefined {
    const session = this.#session
    if (this.#giving && session.wantsContent && !session.contentBlocked) {
      if (this.#at < this.#content.length) {
        session.content(this.#content.subarray(this.#at, this.#at + this.#cut))
        this.#at += this.#cut
      } else session.endContent()
    }
    const bytes = session.takeOutput()
    this.drain()
    return bytes
  }

  get mayWrite(): boolean {
    return this.#giving && this.#session.wantsContent && !this.#session.contentBlocked
  }

  read(reply: string): void {
    const bytes = fromLatin1(reply)
    for (let at = 0; at < bytes.length; at += this.#cut) {
      this.#session.receive(bytes.subarray(at, at + this.#cut))
      this.drain()
    }
  }
}

describe('ClientSession and a server that keeps to the protocol', () => {
  it('gives each recipient what the server said, and the server the content, whatever is offered and lost', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        offers,
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 20 }),
        fc.array(message, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 50 }),
        fc.option(fc.nat({ max: 30 }), { nil: Infinity }),
        (lmtp, offer, chances, messages, cut, replies) => {
          const server = new ModelServer({ lmtp, pipelining: offer.includes('PIPELINING'), chances })
          const session = greeted(lmtp, offer)
          let left = replies
          for (const one of messages) {
            const taken = server.messages.length
            server.verdicts = []
            const run = new Run(session, one, cut)
            for (let bytes = run.write(); bytes !== undefined || run.mayWrite; bytes = run.write()) {
              if (bytes === undefined) continue
              for (const reply of server.take(bytes)) {
                left -= 1
                if (left >= 0) run.read(reply)
              }
            }
            if (left < 0 && !session.idle) {
              session.lost('lost')
              run.drain()
              expect(run.closes).toBe(1)
            }
            expect(server.faults).toEqual([])
            expect(run.ends).toBe(1)
            expect(run.outcomes).toHaveLength(one.recipients)
            for (const [recipient, outcome] of run.outcomes.entries()) {
              if (outcome.kind === 'unknown') expect(run.before.has(recipient)).toBe(false)
              else if (outcome.kind === 'deferred' && outcome.reply === undefined) {
                expect(session.closed).toBe(true)
                expect(run.before.has(recipient)).toBe(true)
              } else if (outcome.reply !== undefined)
                expect(outcome.kind).toBe(server.verdicts[recipient] ?? server.mail)
              // Nothing was sent that the peer could not carry.
              else
                expect([outcome, server.verdicts]).toEqual([{ kind: 'failed', reply: undefined, status: '5.6.0' }, []])
            }
            const message = server.messages[taken]
            if (message !== undefined) {
              const { content } = one
              const ended = content === '' || content.endsWith('\r\n') ? content : `${content}\r\n`
              expect([content, ended]).toContain(message.content)
              if (one.binary) expect(message.content).toBe(content)
            }
            if (session.closed) return
            expect(session.idle).toBe(true)
          }
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('ClientSession and a server that says anything', () => {
  const reply = fc.oneof(
    fc.constantFrom(
      '250 a',
      '250 a',
      '250 a',
      '354 a',
      '550 a',
      '450 a',
      '421 a',
      '503 a',
      '250-a',
      '251 a',
      '999',
      'x',
    ),
    fc.string({ maxLength: 8 }),
  )
  it('settles everybody once, delivers only behind the end, and is unsure only there', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        offers,
        message,
        fc.array(fc.tuple(reply, fc.boolean()), { maxLength: 20 }),
        fc.integer({ min: 1, max: 50 }),
        (lmtp, offer, one, replies, cut) => {
          const session = greeted(lmtp, offer)
          const run = new Run(session, one, cut)
          for (const [text, more] of replies) {
            run.write()
            while (more && run.mayWrite) run.write()
            run.read(`${text}\r\n`)
          }
          session.lost('lost')
          run.drain()
          expect(run.ends).toBe(1)
          expect(run.closes).toBe(1)
          expect(run.outcomes).toHaveLength(one.recipients)
          for (const [recipient, outcome] of run.outcomes.entries()) {
            expect(outcome).toBeDefined()
            if (outcome.kind === 'delivered' || outcome.kind === 'unknown') {
              expect(run.before.has(recipient)).toBe(false)
            }
            if (outcome.kind === 'delivered') expect(outcome.reply.code).toBeLessThan(300)
            if (outcome.kind === 'deferred' && outcome.reply === undefined) expect(run.before.has(recipient)).toBe(true)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
