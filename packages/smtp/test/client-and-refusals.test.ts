/**
 * Both roles joined in memory, where the server refuses whatever it likes: the client tells `delivered` of those alone whom
 * the server took the message for, and no reply or content of one message is taken for another's.
 */

import { fromUtf8, toLatin1 } from '@postroad/bytes'
import { reply, type Reply } from '@postroad/envelope'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClientSession } from '../src/client-session.ts'
import { isQuestion, ServerSession, type Protocol, type ServerEvent } from '../src/index.ts'
import { envelope, facts, NOW } from './client-talk.ts'

const REFUSALS: readonly Reply[] = [
  reply(550, '5.7.1', 'no'),
  reply(451, '4.3.0', 'later'),
  reply(421, '4.3.2', 'down'),
]
const OK = reply(250, '2.0.0', 'ok')
const answer = fc.oneof(
  { weight: 4, arbitrary: fc.constant(OK) },
  { weight: 1, arbitrary: fc.constantFrom(...REFUSALS) },
)
const isTaken = ({ code }: Reply): boolean => code < 300

/** One message, and what becomes of it at the server. */
const message = fc.record({
  recipients: fc.integer({ min: 1, max: 3 }),
  size: fc.integer({ min: 0, max: 90 }),
  mail: answer,
  rcpts: fc.array(answer, { minLength: 3, maxLength: 3 }),
  data: answer,
  /** The octet of the content at which the server's disk fails. */
  fails: fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined }),
  ends: fc.array(answer, { minLength: 3, maxLength: 3 }),
})
type Message = typeof message extends fc.Arbitrary<infer Value> ? Value : never

class Pair {
  readonly client: ClientSession
  readonly server: ServerSession
  readonly #cut: number
  readonly #lmtp: boolean
  /** Of the message that is under way: by recipient, whether the server has taken it. */
  taken = new Set<string>()
  content = ''
  #script: Message | undefined
  #accepted: string[] = []
  #rcpts = 0
  #at = 0

  constructor(protocol: Protocol, cut: number) {
    this.#cut = cut
    this.#lmtp = protocol === 'lmtp'
    this.client = new ClientSession({ hostname: 'client.example.org', protocol: this.#lmtp ? 'lmtp' : 'smtp' })
    this.server = new ServerSession({ hostname: 'mx.example.net', protocol })
    this.run()
  }

  /** The kinds of the outcomes, by recipient. */
  transact(script: Message, mark: string, request: { chunkBytes: number; flightBytes: number }): string[] {
    this.#script = script
    this.#accepted = []
    this.#rcpts = 0
    this.#at = 0
    this.taken = new Set()
    const text = mark.repeat(script.size)
    const to = envelope(...Array.from({ length: script.recipients }, (_, index) => `${mark}${index}@example.net`))
    this.client.transact({ envelope: to, facts: facts(text), now: NOW, ...request })
    const kinds: string[] = []
    let left: Uint8Array | undefined = fromUtf8(text)
    for (let busy = true; busy;) {
      this.run()
      busy = false
      if (this.server.state === 'closed' && this.client.outputBytes === 0 && !this.client.closed)
        this.client.lost('lost')
      for (let event = this.client.next(); event !== undefined; event = this.client.next()) {
        if (event.type !== 'outcome') continue
        expect(kinds[event.recipient]).toBeUndefined()
        kinds[event.recipient] = event.outcome.kind
      }
      if (left === undefined || !this.client.wantsContent || this.client.contentBlocked) continue
      busy = true
      if (left.length > 0) this.client.content(left.subarray(0, this.#cut))
      else this.client.endContent()
      left = left.length > 0 ? left.subarray(this.#cut) : undefined
    }
    return kinds
  }

  run(): void {
    for (let busy = true; busy;) {
      this.#decide()
      const said = this.server.takeOutput()
      if (said !== undefined) this.#cutUp(said, (bytes) => this.client.receive(bytes))
      const asked = this.client.takeOutput()
      if (asked !== undefined) {
        this.#cutUp(asked, (bytes) => {
          this.server.receive(bytes)
          this.#decide()
        })
      }
      busy = said !== undefined || asked !== undefined
    }
  }

  #cutUp(bytes: Uint8Array, take: (bytes: Uint8Array) => void): void {
    for (let at = 0; at < bytes.length; at += this.#cut) take(bytes.subarray(at, at + this.#cut))
  }

  #decide(): void {
    for (let event = this.server.next(); event !== undefined; event = this.server.next()) {
      if (event.type === 'content') this.#keep(event.bytes)
      if (isQuestion(event)) this.#answer(event.type, event.type === 'rcpt' ? mailboxOf(event) : '')
    }
  }

  #keep(bytes: Uint8Array): void {
    this.content += toLatin1(bytes)
    this.#at += bytes.length
    const fails = this.#script?.fails
    if (fails !== undefined && this.#at > fails) this.server.refuseContent(reply(452, '4.3.1', 'disk full'))
  }

  #answer(type: string, recipient: string): void {
    const script = this.#script
    if (script === undefined) return this.server.answer()
    if (type === 'mail') return this.server.answer(script.mail)
    if (type === 'rcpt') {
      const said = script.rcpts[this.#rcpts] ?? script.mail
      this.#rcpts += 1
      if (isTaken(said)) this.#accepted.push(recipient)
      return this.server.answer(said)
    }
    if (type === 'data') {
      this.content = ''
      return this.server.answer(isTaken(script.data) ? undefined : script.data)
    }
    if (type !== 'end-of-data') return this.server.answer()
    const replies = this.#accepted.map((_, index) => script.ends[this.#lmtp ? index : 0] ?? script.mail)
    for (const [index, said] of replies.entries()) if (isTaken(said)) this.taken.add(String(this.#accepted[index]))
    return this.server.answer(this.#lmtp ? replies : replies[0])
  }
}

function mailboxOf(event: ServerEvent & { type: 'rcpt' }): string {
  const { forwardPath } = event.rcpt
  return typeof forwardPath === 'object' && 'localPart' in forwardPath ? forwardPath.localPart : 'postmaster'
}

describe('a client and a server that refuses', () => {
  it('agree on who has the message, message after message', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Protocol>('smtp', 'lmtp'),
        fc.array(message, { minLength: 1, maxLength: 5 }),
        fc.record({ chunkBytes: fc.integer({ min: 1, max: 40 }), flightBytes: fc.constantFrom(0, 30, 65_536) }),
        fc.record({ chunking: fc.constantFrom('auto' as const, 'never' as const) }),
        fc.integer({ min: 1, max: 120 }),
        (protocol, messages, sizes, how, cut) => {
          const pair = new Pair(protocol, cut)
          for (const [index, script] of messages.entries()) {
            const mark = String.fromCharCode(97 + index)
            const kinds = pair.transact(script, mark, { ...sizes, ...how })
            expect(kinds).toHaveLength(script.recipients)
            for (const [recipient, kind] of kinds.entries()) {
              expect(kind === 'delivered').toBe(pair.taken.has(`${mark}${recipient}`))
              // Nothing is lost here: what is not known would be a reply that was not understood.
              if (protocol === 'smtp') expect(kind).not.toBe('unknown')
            }
            if (pair.taken.size > 0)
              expect([mark.repeat(script.size), `${mark.repeat(script.size)}\r\n`]).toContain(pair.content)
            if (pair.client.closed) return
            expect(pair.client.idle).toBe(true)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
