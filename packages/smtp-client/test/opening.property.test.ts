/** Peers that say anything while a session is opened, in any breath: a value comes of it, in the phase it belongs to. */

import { createManualClock } from '@postroad/runtime'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HostDestination } from '../src/host-destination.ts'
import { createSmtpDelivery } from '../src/smtp-delivery.ts'
import { envelope, HOST, never, source } from './fixtures.ts'
import { network, type Script } from './scripted-peer.ts'

const OFFER = '250-mx\r\n250-STARTTLS\r\n250-AUTH PLAIN SCRAM-SHA-256\r\n250-PIPELINING\r\n250 LIMITS RCPTMAX=1'
const line = fc.constantFrom(
  '220 mx',
  OFFER,
  OFFER,
  '250 mx',
  '235 ok',
  '334 ',
  '354 go',
  '421 bye',
  '454 later',
  '503 no',
  '250-',
  'x',
)
/** What is said in one breath, on each thing that is heard; then the peer closes. */
const breaths = fc.array(
  fc.array(line, { maxLength: 3 }).map((lines) => lines.map((text) => `${text}\r\n`).join('')),
  { maxLength: 8 },
)

const saying =
  (answers: readonly string[]): Script =>
  async (peer) => {
    peer.say('220 mx\r\n')
    for (const answer of answers) {
      await new Promise((resolve) => peer.stream.once('data', resolve).once('close', resolve).once('end', resolve))
      peer.say(answer === '' ? '250 ok\r\n' : answer)
    }
    peer.close()
  }

describe('a peer that says anything while a session is opened', () => {
  it('makes nothing reject, and what ended before MAIL is told so', async () => {
    await fc.assert(
      fc.asyncProperty(
        breaths,
        fc.constantFrom<HostDestination['tls']>('none', 'opportunistic', 'required'),
        fc.boolean(),
        async (answers, tls, known) => {
          const { dial } = network(saying(answers))
          const clock = createManualClock()
          let settled = false
          const said: string[] = []
          const delivery = createSmtpDelivery({
            hostname: 'client.example.org',
            clock,
            dial,
            exposeCredentials: true,
            observer: {
              observe: () => {},
              dialogue: ({ from, line: text }) => from === 'client' && said.push(text),
            },
          })
          const delivering = delivery.deliver({
            envelope: envelope(),
            content: source(),
            destination: { ...HOST, tls, ...(known && { credentials: { username: 'ada', password: 'secret' } }) },
            signal: never,
          })
          const done = delivering.finally(() => (settled = true)).catch(() => {})
          // Who waits for the other until its time is over gives up then.
          while (!settled) {
            for (let turn = 0; turn < 20 && !settled; turn += 1) await new Promise(setImmediate)
            if (!settled) await clock.advance(600_000)
          }
          await done
          const report = await delivering
          expect(report.outcomes).toHaveLength(1)
          if (said.some((text) => text.startsWith('MAIL'))) return
          expect(report.outcomes[0]?.kind).not.toBe('delivered')
          expect(['connect', 'greeting', 'hello', 'tls', 'auth']).toContain(report.phase)
        },
      ),
      { numRuns: 200 },
    )
  })
})
