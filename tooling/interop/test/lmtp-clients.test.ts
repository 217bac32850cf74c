/** Postfix and Exim as LMTP clients of our server: one reply for each recipient (RFC 2033 §4.2). */

import { systemClock } from '@postroad/runtime/system'
import { sendMessage } from '@postroad/smtp-client'
import { describe, expect, it } from 'vitest'
import { EXIM } from '../src/exim.ts'
import { DOTS, envelope, kindsOf } from '../src/messages.ts'
import { startOurServer } from '../src/our-server.ts'
import { whyNot } from '../src/peers.ts'
import { POSTFIX } from '../src/postfix.ts'

describe.each([
  {
    kind: POSTFIX,
    service: 'myhostname=mx.example.net',
    delivered: (name: string) => new RegExp(`lmtp\\[.*to=<${name}@example\\.net>.*status=sent`),
    deferred: (name: string) => new RegExp(`lmtp\\[.*to=<${name}@example\\.net>.*status=deferred.*452 4\\.2\\.2`),
    failed: (name: string) => new RegExp(`lmtp\\[.*to=<${name}@example\\.net>.*status=bounced.*550 5\\.1\\.1`),
  },
  {
    kind: EXIM,
    service: 'primary_hostname = mx.example.net',
    delivered: (name: string) => new RegExp(`[=-]> ${name}@example\\.net R=onward`),
    deferred: (name: string) => new RegExp(`== ${name}@example\\.net R=onward.*452 4\\.2\\.2`),
    failed: (name: string) => new RegExp(`\\*\\* ${name}@example\\.net R=onward.*550 5\\.1\\.1`),
  },
])('$kind.name hands over to our LMTP server', ({ kind, service, delivered, deferred, failed }) => {
  it('and takes the outcome of each recipient as it was told', { timeout: 300_000 }, async ({ skip }) => {
    const why = await whyNot(kind)
    skip(why !== undefined, why)
    await using sink = await startOurServer({ protocol: 'lmtp' })
    await using peer = await kind.start({ services: [service], relayPort: sink.port, relayByLmtp: true })
    const report = await sendMessage({
      host: '127.0.0.1',
      port: peer.port(service),
      tls: 'none',
      hostname: 'client.example.org',
      envelope: envelope(['ada@example.net', 'full@example.net', 'nobody@example.net', 'bob@example.net']),
      content: DOTS,
      clock: systemClock,
    })
    expect(kindsOf(report)).toEqual(['delivered', 'delivered', 'delivered', 'delivered'])
    const { content, recipients, session } = await sink.taken()
    expect(session.hello?.verb).toBe('LHLO')
    expect(recipients).toHaveLength(3)
    expect(content.subarray(-DOTS.length).equals(DOTS)).toBe(true)
    for (const said of [delivered('ada'), delivered('bob'), deferred('full'), failed('nobody')]) {
      await expect.poll(() => peer.log(), { timeout: 10_000 }).toMatch(said)
    }
  })
})
