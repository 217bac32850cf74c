/** Whatever a server sends, in whatever pieces and at whatever moment: nothing throws, and little is kept. */

import { createClientMechanism } from '@postroad/sasl'
import { array, assert, boolean, constantFrom, integer, oneof, property, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClientSession } from '../src/index.ts'
import type { ClientEvent } from '../src/index.ts'
import { CONTENT, envelope, facts, NOW } from './client-talk.ts'
import { latin1, text } from './server-helper.ts'

/** The defaults of `ReplyReaderOptions`: lines of a reply without their CRLFs, and the beginning of one line more. */
const MOST_KEPT = 32_768 + 256 * 2 + 12_296
/** Three recipients and a little content, in one flight. */
const MOST_OUTPUT = 2_048

/** A client that goes on with whatever may be done, and looks after each piece at what the session can have kept. */
class Client {
  readonly session: ClientSession
  /** What came behind the last whole reply: all of the input that can have been kept. Less by what one piece holds. */
  kept = 0
  mostKept = 0
  mostOutput = 0
  closes = 0
  #next = 0

  constructor(lmtp: boolean) {
    this.session = new ClientSession({ hostname: 'client.example.org', protocol: lmtp ? 'lmtp' : 'smtp' })
  }

  feed(bytes: Uint8Array): this {
    const { session } = this
    const { progress } = session
    const mine = bytes.slice()
    session.receive(mine)
    this.kept = session.progress === progress ? this.kept + bytes.length : 0
    for (let event = session.next(); event !== undefined; event = session.next()) this.#take(event)
    // What was given is not kept itself.
    mine.fill(0x21)
    if (session.closed) this.kept = 0
    this.mostKept = Math.max(this.mostKept, this.kept)
    this.mostOutput = Math.max(this.mostOutput, session.outputBytes)
    session.takeOutput()
    return this
  }

  #take(event: ClientEvent): void {
    const { session } = this
    if (event.type === 'closed') this.closes += 1
    else if (event.type === 'start-tls') session.tlsStarted()
    else if (event.type === 'content') {
      session.content(latin1(CONTENT))
      session.endContent()
    }
    if (session.idle) this.#ask()
  }

  #ask(): void {
    const { session } = this
    this.#next += 1
    if (this.#next % 4 === 1) {
      const recipients = ['a@example.net', 'b@example.net', 'c@example.net']
      session.transact({ envelope: envelope(...recipients), facts: facts(), now: NOW })
    } else if (this.#next % 4 === 2) session.startTls()
    else if (this.#next % 4 === 3) {
      const login = { kind: 'password', username: 'ada', password: 'secret' } as const
      session.authenticate(createClientMechanism('LOGIN', login)!)
    } else session.verify('ada')
  }
}

const SHORT = ['220 mx', '250 mx', '250-mx\r\n250-PIPELINING\r\n250 CHUNKING', '250 ok', '354 go', '235 in', '334 eA==']
const REFUSALS = ['450 later', '550-no\r\n550 no', '250-', '999 x', '']
const SAID = [
  ...[...SHORT, ...REFUSALS, '250-\r\n'.repeat(90), `250-${'x'.repeat(2_000)}`].map((line) => `${line}\r\n`),
  '250 2.1.5 ok\n',
  '250',
  '-',
  '\r',
  'x'.repeat(3_000),
]

describe('ClientSession: any server', () => {
  it('never makes it throw, keep more than one reply, or say more than it was asked', () => {
    const parts = array(
      oneof({ weight: 9, arbitrary: constantFrom(...SAID) }, uint8Array({ maxLength: 40 }).map(text)),
      {
        maxLength: 60,
      },
    )
    assert(
      property(parts, integer({ min: 1, max: 200 }), boolean(), (said, size, lmtp) => {
        const client = new Client(lmtp)
        const bytes = latin1(said.join(''))
        for (let at = 0; at < bytes.length; at += size) client.feed(bytes.slice(at, at + size))
        expect(client.mostKept).toBeLessThanOrEqual(MOST_KEPT)
        expect(client.mostOutput).toBeLessThanOrEqual(MOST_OUTPUT)
        expect(client.closes).toBe(client.session.closed ? 1 : 0)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    { what: 'a line without end', more: 'x', cause: 'line-too-long', most: 12_296 },
    { what: 'a line of a reply without end', more: 'x', first: '250-', cause: 'line-too-long', most: 12_296 },
    { what: 'CRs without end', more: '\r', cause: 'line-too-long', most: 12_296 },
    { what: 'a reply of short lines without end', more: '250-a\r\n', cause: 'reply-too-long', most: 257 * 7 },
    { what: 'a reply of empty lines without end', more: '250-\n', cause: 'reply-too-long', most: 257 * 5 },
    {
      what: 'a reply of long lines without end',
      more: `250-${'x'.repeat(994)}\r\n`,
      cause: 'reply-too-long',
      most: 32_768 + 1_000,
    },
    { what: 'replies without end', more: '250 a\r\n', cause: 'unexpected-reply', most: 7 },
  ] as const)('closes for $what, and has kept no more than its bound', ({ more, cause, most, ...row }) => {
    for (const before of [[], ['220 mx\r\n'], ['220 mx\r\n', '250 mx\r\n']]) {
      for (const size of [1, 50]) {
        const client = new Client(false)
        for (const each of before) client.feed(latin1(each))
        const bytes = latin1(`${'first' in row ? row.first : ''}${more.repeat(Math.ceil(60_000 / more.length))}`)
        for (let at = 0; at < bytes.length; at += size) client.feed(bytes.slice(at, at + size))
        expect(client.session.closeCause).toBe(cause)
        expect(client.closes).toBe(1)
        expect(client.mostKept).toBeLessThanOrEqual(most + size)
        // It took as much before it gave up.
        expect(client.mostKept).toBeGreaterThan(most * 0.9 - size)
        expect(client.mostOutput).toBeLessThanOrEqual(MOST_OUTPUT)
      }
    }
  })
})
