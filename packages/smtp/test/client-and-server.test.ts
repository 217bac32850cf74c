/** Both roles of this package joined in memory: what one says the other understands, whatever is offered and cut. */

import { mailboxOf } from '@postroad/address'
import { fromLatin1, toLatin1 } from '@postroad/bytes'
import { reply, type ContentFacts, type Envelope, type Notify, type RecipientOutcome } from '@postroad/envelope'
import { createClientMechanism } from '@postroad/sasl'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClientEvent } from '../src/client-event.ts'
import { ClientSession } from '../src/client-session.ts'
import type { TransactionRequest } from '../src/client-request.ts'
import {
  binaryMime,
  deliverBy,
  EXTENSIONS,
  futureRelease,
  isQuestion,
  mtPriority,
  noSoliciting,
  requireTls,
  rrvs,
  ServerSession,
  type Extension,
  type MailRequest,
  type Protocol,
  type RcptRequest,
  type ServerEvent,
} from '../src/index.ts'
import { facts, NOW } from './client-talk.ts'

const OK = reply(250, undefined, 'ok')

/** What the server was told, and what it took. */
class Pair {
  readonly client: ClientSession
  readonly server: ServerSession
  readonly events: ClientEvent[] = []
  readonly refused: string[] = []
  mail: MailRequest | undefined
  rcpts: RcptRequest[] = []
  content = ''
  taken = 0
  readonly #cut: number
  #message: Uint8Array = new Uint8Array(0)
  #at = 0
  #giving = false

  constructor(protocol: Protocol, extensions: readonly Extension[], cut: number) {
    this.#cut = cut
    this.client = new ClientSession({
      hostname: 'client.example.org',
      protocol: protocol === 'lmtp' ? 'lmtp' : 'smtp',
    })
    this.server = new ServerSession({
      hostname: 'mx.example.net',
      protocol,
      extensions,
      mechanisms: ['PLAIN'],
      trusted: true,
      belowFloors: 'allow',
    })
    this.server.secured({ version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' })
    this.run()
  }

  transact(request: TransactionRequest, content: string): RecipientOutcome[] {
    this.events.length = 0
    this.mail = undefined
    this.rcpts = []
    this.content = ''
    this.#message = fromLatin1(content)
    this.#at = 0
    this.#giving = false
    this.client.transact(request)
    this.run()
    const outcomes: RecipientOutcome[] = []
    for (const event of this.events) if (event.type === 'outcome') outcomes[event.recipient] = event.outcome
    return outcomes
  }

  /** Until neither has anything to say. */
  run(): void {
    for (let busy = true; busy;) {
      this.#drainServer()
      const said = this.server.takeOutput()
      if (said !== undefined) this.#feed(said, (bytes) => this.client.receive(bytes))
      this.#drainClient()
      const gave = this.#give()
      const asked = this.client.takeOutput()
      if (asked !== undefined) {
        this.#feed(asked, (bytes) => {
          this.server.receive(bytes)
          this.#drainServer()
        })
      }
      busy = said !== undefined || asked !== undefined || gave
    }
  }

  #feed(bytes: Uint8Array, take: (bytes: Uint8Array) => void): void {
    for (let at = 0; at < bytes.length; at += this.#cut) take(bytes.subarray(at, at + this.#cut))
  }

  #give(): boolean {
    const { client } = this
    if (!this.#giving || !client.wantsContent || client.contentBlocked) return false
    if (this.#at >= this.#message.length) client.endContent()
    else client.content(this.#message.subarray(this.#at, this.#at + this.#cut))
    this.#at += this.#cut
    return true
  }

  #drainClient(): void {
    for (let event = this.client.next(); event !== undefined; event = this.client.next()) {
      this.events.push(event)
      if (event.type === 'content') this.#giving = true
    }
  }

  #drainServer(): void {
    for (let event = this.server.next(); event !== undefined; event = this.server.next()) {
      this.#take(event)
      if (!isQuestion(event)) continue
      if (event.type === 'auth') this.server.answer(reply(235, undefined, 'ok'))
      else if (event.type === 'mail' || event.type === 'rcpt' || event.type === 'end-of-data') this.server.answer(OK)
      else this.server.answer()
    }
  }

  #take(event: ServerEvent): void {
    if (event.type === 'mail') this.mail = event.mail
    else if (event.type === 'rcpt') this.rcpts.push(event.rcpt)
    else if (event.type === 'content') this.content += toLatin1(event.bytes)
    else if (event.type === 'end-of-data') this.taken += 1
    else if (event.type === 'refused') this.refused.push(`${event.line}: ${event.reply.code}`)
  }
}

/** The facts of content as they are learned where it is accepted. */
function learn(content: string): { facts: ContentFacts; bareNewlines: boolean } {
  const bareNewlines = /\r(?!\n)|(?<!\r)\n/.test(content)
  const eightBit = /[\u0080-\u00ff]/.test(content)
  const learned = facts('', {
    sizeBytes: content.length,
    eightBit,
    binary: bareNewlines || content.includes('\0'),
    dotLines: content.split('\r\n').filter((line) => line.startsWith('.')).length,
    endsWithCrlf: content === '' || content.endsWith('\r\n'),
  })
  return { facts: learned, bareNewlines }
}

/** Mostly absent, so that not every message asks for something that is not offered. */
const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })

/** Without the fields that are `undefined`, as JSON would leave them out. */
function defined<Value extends object>(value: Value): { [Name in keyof Value]?: Exclude<Value[Name], undefined> } {
  return JSON.parse(JSON.stringify(value))
}

const printable = fc.stringMatching(/^[!-~]{1,20}$/)
const seconds = fc.integer({ min: -100, max: 1_000 }).map((count) => NOW + count * 1_000)
const notify: fc.Arbitrary<Notify[]> = fc.oneof(
  fc.constant<Notify[]>(['never']),
  fc.subarray<Notify>(['success', 'failure', 'delay'], { minLength: 1 }),
)

const recipient = fc
  .record({
    mailbox: fc
      .constantFrom('ada@example.net', '"a b"@example.net', 'bob@bücher.example', 'ü@example.net')
      .map(mailboxOf),
    notify: optional(notify),
    orcpt: optional(
      fc.oneof(
        fc.record({ type: fc.constant('rfc822'), address: printable }),
        fc.record({ type: fc.constant('utf-8'), address: fc.constantFrom('ü@example.net', 'a+b=c@example.net') }),
      ),
    ),
    validSince: optional(fc.record({ at: seconds, action: fc.constantFrom('continue' as const, 'reject' as const) })),
  })
  .map(defined)

const envelope = fc
  .record({
    reversePath: fc.constantFrom(null, mailboxOf('eve@example.org'), mailboxOf('ö@example.org')),
    recipients: fc.array(recipient, { minLength: 1, maxLength: 4 }),
    smtputf8: optional(fc.boolean()),
    body: optional(fc.constantFrom('7bit' as const, '8bitmime' as const, 'binarymime' as const)),
    ret: optional(fc.constantFrom('full' as const, 'hdrs' as const)),
    envid: optional(printable),
    submitter: optional(fc.constantFrom(null, 'eve+x=y@example.org')),
    deliverBy: optional(
      fc.record({ at: seconds, mode: fc.constantFrom('return' as const, 'notify' as const), trace: fc.boolean() }),
    ),
    holdUntil: optional(seconds),
    mtPriority: optional(fc.integer({ min: -9, max: 9 })),
    requireTls: optional(fc.boolean()),
    solicitations: optional(fc.subarray(['net.example:ADV', 'org.example:ADLT'], { minLength: 1 })),
  })
  .map((value): Envelope => ({ ...value, ...defined(value) }) as Envelope)

const content = fc
  .array(fc.constantFrom('\r\n', '\r\n', '.', '..', 'x', 'text ', '\xe9', '\0', '\r', '\n', '\r\n.\r\n'), {
    maxLength: 30,
  })
  .map((parts) => parts.join(''))

const ALL: readonly Extension[] = [
  ...EXTENSIONS,
  binaryMime,
  deliverBy({ minSeconds: 10 }),
  futureRelease({ maxSeconds: 500, now: () => NOW }),
  mtPriority(),
  noSoliciting({ classes: ['org.example:ADLT'] }),
  requireTls,
  rrvs,
]

const extensions = fc.oneof(
  fc.constant(ALL),
  fc.subarray([...ALL], { minLength: ALL.length - 4 }),
  fc.subarray([...ALL]),
)

describe('a client and a server session', () => {
  it('agree on every envelope and content, whatever is offered, in any cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Protocol>('smtp', 'submission', 'lmtp'),
        extensions,
        fc.array(fc.tuple(envelope, content), { minLength: 1, maxLength: 3 }),
        fc.record({
          flightBytes: fc.constantFrom(0, 10, 65_536),
          chunkBytes: fc.integer({ min: 1, max: 50 }),
          chunking: fc.constantFrom('auto' as const, 'never' as const),
          verifiedTls: fc.boolean(),
        }),
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        (protocol, offered, messages, request, cut, authenticates) => {
          const pair = new Pair(protocol, offered, cut)
          const mechanism = createClientMechanism('PLAIN', { username: 'eve', password: 'secret' })
          const auth = authenticates && (pair.client.extensions?.auth.length ?? 0) > 0 && mechanism !== undefined
          if (auth) {
            pair.client.authenticate(mechanism)
            pair.run()
          }
          for (const [one, text] of messages) {
            const { taken } = pair
            const learned = learn(text)
            const outcomes = pair.transact({ envelope: one, now: NOW, ...learned, ...request }, text)
            expect(outcomes).toHaveLength(one.recipients.length)
            expect(pair.client.idle).toBe(true)
            if (pair.taken === taken) {
              for (const outcome of outcomes) expect(outcome.kind).toBe('failed')
              // A NUL in text is the one thing that the server does not take: chunks behind it are out of order.
              if (text.includes('\0')) pair.refused.length = 0
            }
            // The server understands all that the client says.
            expect(pair.refused).toEqual([])
            if (pair.taken === taken) continue
            const sent = one.recipients.filter((_, index) => outcomes[index]?.kind === 'delivered')
            expect(pair.rcpts).toHaveLength(sent.length)
            const unfinished = text !== '' && !text.endsWith('\r\n')
            expect([text, unfinished ? `${text}\r\n` : text]).toContain(pair.content)
            const peer = pair.client.extensions
            if (peer?.chunking === true && peer.pipelining && request.chunking === 'auto')
              expect(pair.content).toBe(text)
            expect(pair.mail).toMatchObject(
              defined({
                reversePath: one.reversePath ?? undefined,
                ret: peer?.dsn === true ? one.ret : undefined,
                envid: peer?.dsn === true ? one.envid : undefined,
                mtPriority: peer?.mtPriority === undefined ? undefined : one.mtPriority,
                submitter: auth ? (one.submitter ?? undefined) : undefined,
                deliverBy:
                  peer?.deliverBy === undefined
                    ? undefined
                    : one.deliverBy && {
                        seconds: (one.deliverBy.at - NOW) / 1_000,
                        mode: one.deliverBy.mode,
                        trace: one.deliverBy.trace,
                      },
              }),
            )
            for (const [index, { validSince, orcpt }] of sent.entries()) {
              expect(pair.rcpts[index]).toMatchObject(
                defined({
                  validSince: peer?.rrvs === true ? validSince : undefined,
                  orcpt: peer?.dsn === true ? orcpt : undefined,
                }),
              )
            }
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
