import type { Duplex } from 'node:stream'
import type { Reply } from '@postroad/envelope'
import { array, assert, asyncProperty, constantFrom, integer, oneof, uint8Array } from 'fast-check'
import { atrn, binaryMime, etrn, expn, EXTENSIONS, xclient, xforward } from '@postroad/smtp'
import { expect, it } from 'vitest'
import { certificate } from './certificate.ts'
import { ENVELOPE, OK, Recorder, serve, settle } from './harness.ts'

const LINES = (
  `EHLO a|LHLO a|${ENVELOPE.join('|')}|.|BDAT 5|BDAT 0 LAST|BDAT 12 LAST|RSET|NOOP|QUIT|VRFY a|STARTTLS|` +
  'AUTH PLAIN AGFkYQBzZWNyZXQ=|AUTH LOGIN|*|YWRh|ETRN a.org|ATRN|HELP|EXPN a|XCLIENT ADDR=192.0.2.9 LOGIN=ada|' +
  'XFORWARD NAME=a|MAIL FROM:<> BODY=BINARYMIME|XYZZY|text|\0\r'
).split('|')
/** Does all that a handler may do. */
class Everything extends Recorder {
  sinks = 0
  override content(): ReturnType<Recorder['content']> {
    this.sinks += 1
    return super.content()
  }
  etrn(): Reply {
    return OK
  }
  atrn(_domains: readonly string[], turn: (take: (stream: Duplex) => void) => void): Reply {
    turn((stream) => stream.destroy())
    return OK
  }
  async command(): Promise<Reply> {
    await Promise.resolve()
    return OK
  }
}

/** Where a session may stand when it gets strange. */
const STARTS = ['', 'EHLO a', `EHLO a|${ENVELOPE.slice(0, 2).join('|')}`, `EHLO a|${ENVELOPE.join('|')}|text`].map(
  (lines) => Buffer.from(lines === '' ? '' : `${lines.replaceAll('|', '\r\n')}\r\n`),
)

const pieces = array(
  oneof(
    { weight: 6, arbitrary: constantFrom(...LINES.map((line) => Buffer.from(`${line}\r\n`, 'latin1'))) },
    { weight: 1, arbitrary: uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
  ),
  { maxLength: 40 },
)

const cuts = array(integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 })

it('whatever comes, in whatever pieces: no fault, every sink and session ended once, nothing left', async () => {
  const tls = await certificate()
  await assert(
    asyncProperty(constantFrom(...STARTS), pieces, cuts, async (start, sent, lengths) => {
      const handler = new Everything()
      const harness = serve(handler, {
        tls,
        mechanisms: ['PLAIN', 'LOGIN'],
        allowPlaintextAuth: true,
        trusted: ['192.0.2.1'],
        extensions: [...EXTENSIONS, binaryMime, expn, etrn, atrn, xclient, xforward],
        commands: ['XYZZY'],
        limits: { errorDelayMs: 0 },
      })
      const client = await harness.pair()
      const all = Buffer.concat([start, ...sent])
      for (let at = 0, turn = 0; at < all.length; turn += 1) {
        const length = lengths[turn % lengths.length] ?? 1
        client.send(all.subarray(at, at + length))
        at += length
        await Promise.resolve()
      }
      await settle()
      client.stream.end()
      await settle()
      await harness.server.stop({ deadlineMs: 0 })
      expect(harness.faults()).toEqual([])
      const { calls } = handler
      expect(calls.filter((call) => call === 'end')).toEqual(['end'])
      expect(calls.at(-1)).toBe('end')
      expect(calls.filter((call) => call === 'sink.end' || call === 'sink.abort')).toHaveLength(handler.sinks)
      expect(harness.of('session.closed')).toHaveLength(1)
      expect(harness.server.sessions).toBe(0)
      expect(harness.clock.sleeping).toBe(0)
    }),
    { numRuns: 300 },
  )
})
