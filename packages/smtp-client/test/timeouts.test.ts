import type { DeliveryReport } from '@postroad/delivery'
import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import type { HostDestination } from '../src/host-destination.ts'
import { createSmtpDelivery, type SmtpDeliveryOptions } from '../src/smtp-delivery.ts'
import { envelope, HOST, never, source, summary } from './fixtures.ts'
import { network, polite, type Peer, type Script } from './scripted-peer.ts'

const MINUTE = 60_000

async function turns(count = 30): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate)
}

/** Delivers to a script, and lets a test move the time until it ends. */
function deliver(
  script: Script,
  content = source(),
  more: Partial<SmtpDeliveryOptions> = {},
  destination: Partial<HostDestination> = {},
) {
  const { dial, peers } = network(script)
  const clock = createManualClock()
  const delivery = createSmtpDelivery({ hostname: 'client.example.org', clock, dial, ...more })
  let report: DeliveryReport | undefined
  const request = { envelope: envelope('a@example.net', 'b@example.net'), content, signal: never }
  const done = delivery
    .deliver({ ...request, destination: { ...HOST, ...destination } })
    .then((made) => (report = made))
  return {
    clock,
    peers,
    done,
    /** `running`, or the outcomes and the phase, after so much more time. */
    after: async (ms: number) => {
      await turns()
      await clock.advance(ms)
      await turns()
      return report === undefined ? 'running' : `${summary(report.outcomes).join()} ${report.phase}`
    },
  }
}

/** Says the words up to one that a test drips; then waits to be told each byte. */
function dripping(at: string, drip: string, drips: ((peer: Peer) => void)[]): Script {
  const say = (peer: Peer) => {
    for (const byte of drip) drips.push(() => peer.say(byte))
  }
  return async (peer) => {
    if (at === 'greeting') {
      say(peer)
      return peer.gone()
    }
    return polite({
      keywords: [],
      answer: (line, peer) => {
        if (!line.startsWith(at)) return undefined
        say(peer)
        return 'silence'
      },
    })(peer)
  }
}

const verb = (word: string, reply: string) => (line: string) => (line.startsWith(word) ? reply : undefined)

describe('a reply that drips', () => {
  it.each([
    { at: 'greeting', minutes: 5, outcome: 'deferred 4.4.2,deferred 4.4.2 greeting' },
    { at: 'EHLO', minutes: 5, outcome: 'deferred 4.4.2,deferred 4.4.2 hello' },
    { at: 'MAIL', minutes: 5, outcome: 'deferred 4.4.2,deferred 4.4.2 mail' },
    { at: 'DATA', minutes: 2, outcome: 'deferred 4.4.2,deferred 4.4.2 data' },
  ])(
    'is cut off $minutes min after $at, whole lines of it or not (RFC 5321 §4.5.3.2)',
    async ({ at, minutes, outcome }) => {
      const drips: ((peer: Peer) => void)[] = []
      const { peers, after, clock } = deliver(dripping(at, '250-one\r\n250-two\r\n'.repeat(50), drips))
      await turns()
      const steps = minutes * 10
      for (let step = 1; step < steps; step += 1) {
        drips.shift()?.(peers[0]!)
        expect(await after(MINUTE / 10)).toBe('running')
      }
      drips.shift()?.(peers[0]!)
      expect(await after(MINUTE / 10)).toBe(outcome)
      expect(drips.length).toBeGreaterThan(0)
      expect([peers.length, clock.sleeping]).toEqual([1, 0])
    },
  )

  it('may take the time of each reply anew (RFC 5321 §4.5.3.2.3)', async () => {
    const waiting: (() => void)[] = []
    const { peers, after } = deliver(async (peer) => {
      peer.say('220 mx\r\n')
      for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
        if (line.startsWith('RCPT') || line.startsWith('MAIL')) await new Promise<void>((go) => waiting.push(go))
        peer.say(line === 'DATA' ? '354 go\r\n' : '250 ok\r\n')
        if (line === 'DATA' && (await peer.content()) !== undefined) peer.say('250 ok\r\n')
      }
    })
    for (let reply = 0; reply < 3; reply += 1) {
      expect(await after(5 * MINUTE - 1)).toBe('running')
      waiting.shift()?.()
    }
    expect(await after(0)).toBe('delivered,delivered done')
    expect(peers).toHaveLength(1)
  })
})

describe('silence', () => {
  it.each([
    {
      name: 'the greeting',
      peer: { greeting: 'silence' },
      lines: 0,
      minutes: 5,
      outcome: 'deferred 4.4.2',
      phase: 'greeting',
    },
    {
      name: 'EHLO',
      peer: { answer: verb('EHLO', 'silence') },
      lines: 1,
      minutes: 5,
      outcome: 'deferred 4.4.2',
      phase: 'hello',
    },
    {
      name: 'MAIL',
      peer: { answer: verb('MAIL', 'silence') },
      lines: 2,
      minutes: 5,
      outcome: 'deferred 4.4.2',
      phase: 'mail',
    },
    {
      name: 'RCPT',
      peer: { answer: verb('RCPT', 'silence') },
      lines: 3,
      minutes: 5,
      outcome: 'deferred 4.4.2',
      phase: 'rcpt',
    },
    {
      name: 'DATA',
      peer: { answer: verb('DATA', 'silence') },
      lines: 4,
      minutes: 2,
      outcome: 'deferred 4.4.2',
      phase: 'data',
    },
    {
      name: 'the dot',
      peer: { final: () => 'silence' },
      lines: 5,
      minutes: 10,
      outcome: 'unknown 4.4.2',
      phase: 'end-of-data',
    },
  ])('waits $minutes min for $name (RFC 5321 §4.5.3.2)', async ({ peer, lines, minutes, outcome, phase }) => {
    const { dial, peers } = network(polite({ keywords: [], ...peer }))
    const clock = createManualClock()
    const delivery = createSmtpDelivery({ hostname: 'client.example.org', clock, dial })
    const request = { envelope: envelope(), content: source(), destination: HOST, signal: never }
    let ended = false
    const delivering = delivery.deliver(request).finally(() => (ended = true))
    const reached = () => (peers[0]?.lines.length ?? -1) >= Math.min(lines, 4)
    for (let turn = 0; turn < 100 || !reached(); turn += 1) await new Promise(setImmediate)
    await clock.advance(minutes * 60_000 - 1)
    await new Promise(setImmediate)
    expect(ended).toBe(false)
    await clock.advance(1)
    const report = await delivering
    expect(summary(report.outcomes)).toEqual([outcome])
    expect(report.phase).toBe(phase)
    expect(clock.sleeping).toBe(0)
  })
})

describe('other waits', () => {
  it('gives STARTTLS 5 min', async () => {
    const script = polite({
      keywords: ['STARTTLS'],
      answer: (line) => (line === 'STARTTLS' ? 'silence' : undefined),
    })
    const { after, clock } = deliver(script, source(), {}, { tls: 'required' })
    expect(await after(5 * MINUTE - 1)).toBe('running')
    expect(await after(1)).toBe('deferred 4.4.2,deferred 4.4.2 tls')
    expect(clock.sleeping).toBe(0)
  })

  it('gives the peer 3 min for each part of the content (RFC 5321 §4.5.3.2.5)', async () => {
    let peer: Peer | undefined
    const { after, clock } = deliver(
      async (far) => {
        peer = far
        far.say('220 mx\r\n')
        for (let line = await far.line(); line !== undefined; line = await far.line()) {
          far.say(line === 'DATA' ? '354 go\r\n' : '250 ok\r\n')
          if (line === 'DATA') break
        }
        far.stream.pause()
      },
      source('line of text\r\n'.repeat(100_000), 65_536),
    )
    expect(await after(3 * MINUTE - 1)).toBe('running')
    // It takes some, and has as long for the next.
    peer?.stream.once('data', () => peer?.stream.pause()).resume()
    await turns()
    const taken = peer?.reads.length ?? 0
    expect(await after(3 * MINUTE - 1)).toBe('running')
    expect(peer?.reads.length).toBe(taken)
    expect(await after(1)).toBe('deferred 4.4.2,deferred 4.4.2 content')
    expect(clock.sleeping).toBe(0)
  })

  it('takes other times where it is told to', async () => {
    const { after } = deliver(
      polite({ keywords: [], answer: (line) => (line.startsWith('MAIL') ? 'silence' : undefined) }),
      source(),
      {
        timeouts: { mailMs: 1_000 },
      },
    )
    expect(await after(999)).toBe('running')
    expect(await after(1)).toBe('deferred 4.4.2,deferred 4.4.2 mail')
  })
})
