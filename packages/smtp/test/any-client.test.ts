/** Whatever a client sends, in whatever pieces: nothing throws, the same events come, little is kept. */

import { assert, array, constantFrom, integer, oneof, property, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  atrn,
  binaryMime,
  deliverBy,
  etrn,
  expn,
  EXTENSIONS,
  mtPriority,
  noSoliciting,
  rrvs,
  ServerSession,
  xclient,
  xforward,
} from '../src/index.ts'
import type { Protocol, ServerSessionOptions } from '../src/index.ts'
import { Driven, latin1, text } from './server-helper.ts'

const COMMANDS = [
  'EHLO a\r\n',
  'LHLO a\r\n',
  'HELO a\r\n',
  'MAIL FROM:<a@b.test>\r\n',
  'MAIL FROM:<a@b.test> BODY=BINARYMIME\r\n',
  'MAIL FROM:<a@b.test> BY=5;R MT-PRIORITY=3 SOLICIT=a,b SIZE=3 AUTH=x RET=FULL ENVID=+41\r\n',
  'RCPT TO:<a@b.test>\r\n',
  'RCPT TO:<a@b.test> RRVS=2026-01-01T00:00:00Z;C NOTIFY=NEVER\r\n',
  'BDAT 0\r\n',
  'BDAT 5\r\n',
  'BDAT 5\r\nQUIT\r',
  'BDAT 2 LAST\r\n\r\n',
  'BDAT 7 LAST\r\n.\r\n\0\n\r.',
  'BDAT 99999999\r\n',
  'BDAT x\r\n',
  'RSET\r\n',
  'NOOP\r\n',
  'HELP x\r\n',
  'VRFY x\r\n',
  'EXPN x SMTPUTF8\r\n',
  'ETRN @a.test\r\n',
  'XCLIENT LOGIN=a ADDR=192.0.2.1\r\n',
  'XFORWARD NAME=a\r\n',
  'X-PING 1\r\n',
  'VERB\r\n',
  'QUIT\r\n',
  'SEND FROM:<a@b.test>\r\n',
  'MAIL FROM:<å@b.test> SMTPUTF8\r\n',
  'RCPT TO:<a@b.test> NOTIFY=,\r\n',
  'x'.repeat(3_000),
  '\r\n',
  '\r',
  '\n',
  '\0',
]
const pieces = array(oneof(constantFrom(...COMMANDS), uint8Array({ maxLength: 40 }).map(text)), { maxLength: 40 })
const cuts = integer({ min: 1, max: 50 })
const protocols = constantFrom<Protocol>('smtp', 'submission', 'lmtp')

/** Behind these nothing may be sent, so the same bytes in another cut are another dialogue; transcripts have them. */
const CUTS_DIFFER = /DATA|STARTTLS|AUTH |ATRN/i

const options = (protocol: Protocol): Partial<ServerSessionOptions> => ({
  protocol,
  trusted: true,
  commands: ['X-PING'],
  extensions: [
    ...EXTENSIONS,
    binaryMime,
    deliverBy(),
    mtPriority(),
    noSoliciting(),
    rrvs,
    expn,
    etrn,
    atrn,
    xclient,
    xforward,
  ],
  limits: { maxErrors: 1_000, maxIdleCommands: 1_000, maxRecipients: 3, maxMessageBytes: 20 },
})

describe('ServerSession: any client', () => {
  it('never makes it throw, and does the same in any cut', () => {
    assert(
      property(pieces, cuts, protocols, (parts, size, protocol) => {
        const input = parts.join('')
        if (CUTS_DIFFER.test(input)) return
        const whole = new Driven(options(protocol)).feed(input)
        const cut = new Driven(options(protocol)).drip(input, size)
        expect(cut.output).toBe(whole.output)
        expect(cut.events).toEqual(whole.events)
        expect(cut.session.state).toBe(whole.session.state)
        // What was given before a fault depends on the cut; whoever took it was told to forget it.
        if (!whole.events.some(({ type }) => type === 'content-refused')) expect(cut.content).toBe(whole.content)
      }),
      { numRuns: 1_000 },
    )
  })

  it('never makes it throw with what ends a group, in any cut', () => {
    const more = constantFrom(
      'DATA\r\n',
      'STARTTLS\r\n',
      'AUTH PLAIN\r\n',
      'AUTH PLAIN =\r\n',
      '*\r\n',
      'ATRN\r\n',
      '.\r\n',
    )
    const all = array(oneof(constantFrom(...COMMANDS), more), { maxLength: 40 })
    assert(
      property(all, cuts, protocols, (parts, size, protocol) => {
        const settings = { ...options(protocol), startTls: true, mechanisms: ['PLAIN'], allowPlaintextAuth: true }
        const driven = new Driven(settings)
        for (const part of parts) driven.drip(part, size)
        expect(
          driven.output
            .replace(/\r\n$/, '')
            .split('\r\n')
            .every((line) => /^[2-5]\d\d[ -]/.test(line)),
        ).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps no more than one line, what came at once, and little output', () => {
    assert(
      property(pieces, integer({ min: 1, max: 200 }), protocols, (parts, size, protocol) => {
        const driven = new Driven({ ...options(protocol), limits: { maxIdleCommands: 1e9, maxErrors: 1e9 } })
        for (const part of parts) {
          for (let at = 0; at < part.length; at += size) {
            driven.feed(latin1(part.slice(at, at + size)))
            // All that came was read but for an incomplete line, all that was said was taken.
            expect(driven.session.heldBytes).toBeLessThanOrEqual(2_048)
          }
        }
        expect(driven.mostOutput).toBeLessThan(16_384 + 2_048)
      }),
      { numRuns: 300 },
    )
  })

  it('keeps one incomplete response of AUTH at most', () => {
    const driven = new Driven({ mechanisms: ['PLAIN'], allowPlaintextAuth: true }, (event, session) => {
      if (event.type === 'auth') session.challenge(latin1(''))
      return undefined
    })
    driven.feed('EHLO a\r\n').feed('AUTH PLAIN\r\n')
    for (let count = 0; count < 100; count += 1) {
      driven.feed('A'.repeat(1_000))
      expect(driven.session.heldBytes).toBeLessThanOrEqual(12_288)
    }
    expect(driven.session.heldBytes).toBe(0)
  })

  it('asks for a flush while it reads on, so that what is pipelined is answered in little pieces', () => {
    const session = new ServerSession({
      hostname: 'mx.example.net',
      protocol: 'smtp',
      limits: { maxIdleCommands: 1e9 },
    })
    session.receive(latin1('NOOP\r\n'.repeat(100_000)))
    let most = 0
    let waiting = session.next()
    for (; waiting !== undefined; waiting = session.next()) {
      if (session.waiting) session.answer()
      if (waiting.type !== 'flush') continue
      most = Math.max(most, session.takeOutput()?.length ?? 0)
    }
    expect(most).toBeLessThan(16_384 + 100)
  })
})
