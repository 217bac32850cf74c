import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import type { Dial } from '../src/dial.ts'
import { createSmtpDelivery } from '../src/smtp-delivery.ts'
import { envelope, HOST, never, source } from './fixtures.ts'
import { network, polite, type Peer } from './scripted-peer.ts'

function open(dial: Dial) {
  const clock = createManualClock()
  return { clock, delivery: createSmtpDelivery({ hostname: 'client.example.org', clock, dial }) }
}

const request = { envelope: envelope(), content: source(), destination: HOST, signal: never }
const verb = (word: string, reply: string) => (line: string) => (line.startsWith(word) ? reply : undefined)

describe('the reason of an outcome', () => {
  it.each([
    { peer: { greeting: 'close' }, says: 'The peer closed the connection.' },
    { peer: { greeting: 'HTTP/1.1' }, says: 'The peer sent what is no SMTP reply.' },
    { peer: { greeting: '220 a\r\n220 b' }, says: 'The peer sent a reply that nobody had asked for.' },
  ])('is a sentence: $says', async ({ peer, says }) => {
    const { delivery } = open(network(polite(peer)).dial)
    expect((await delivery.deliver(request)).outcomes).toMatchObject([{ reason: says }])
  })

  it('tells who gave up', async () => {
    const { clock, delivery } = open(network(polite({ greeting: 'silence' })).dial)
    const silent = delivery.deliver(request)
    await clock.advance(5 * 60_000)
    expect((await silent).outcomes).toMatchObject([{ reason: 'The peer did not answer in time.' }])
    const abort = new AbortController()
    const late = delivery.deliver({ ...request, signal: abort.signal })
    await clock.advance(1)
    abort.abort()
    expect((await late).outcomes).toMatchObject([{ reason: 'The delivery was given up.' }])
    const early = await delivery.deliver({ ...request, signal: AbortSignal.abort() })
    expect(early.outcomes).toMatchObject([{ reason: 'The call was given up.' }])
  })

  it.each([
    { peer: { answer: verb('MAIL', 'close') }, kind: 'deferred', reason: 'The peer closed the connection.' },
    { peer: { final: () => 'close' }, kind: 'unknown', reason: 'The peer closed the connection.' },
    { peer: { final: () => 'what?' }, kind: 'unknown', reason: 'The peer sent what is no SMTP reply.' },
    { peer: { answer: verb('MAIL', '451 4.7.1 no') }, kind: 'deferred', reason: undefined },
  ])('is there within a transaction too: $kind, $reason', async ({ peer, kind, reason }) => {
    const { delivery } = open(network(polite(peer)).dial)
    const { outcomes } = await delivery.deliver(request)
    expect(outcomes.map((outcome) => [outcome.kind, 'reason' in outcome ? outcome.reason : undefined])).toEqual([
      [kind, reason],
    ])
  })

  it('is what the network said', async () => {
    const answer = (line: string, peer: Peer) => {
      if (line.startsWith('MAIL')) peer.reset()
      return undefined
    }
    const report = await open(network(polite({ answer })).dial).delivery.deliver(request)
    expect(report.outcomes).toMatchObject([{ reason: 'read ECONNRESET' }])
  })
})
