import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import type { ClientReport } from '../src/observer.ts'
import { sendMessage } from '../src/send-message.ts'
import { createSmtpDelivery, type SmtpDeliveryOptions } from '../src/smtp-delivery.ts'
import { CONTENT, envelope, HOST, never, source, summary } from './fixtures.ts'
import { network, polite, type Peer, type Script } from './scripted-peer.ts'

/** A server that keeps to what it announces, and tells for each content who gets it. */
function limited(
  limits: string,
  received: Map<string, number>,
  refuse?: (address: string) => string | undefined,
): Script {
  let to: string[] = []
  return (peer) =>
    polite({
      keywords: ['PIPELINING', 'ENHANCEDSTATUSCODES', `LIMITS ${limits}`],
      answer: (line) => {
        if (line.startsWith('MAIL')) to = []
        const address = /^RCPT TO:<([^>]*)>/.exec(line)?.[1]
        if (address === undefined) return undefined
        const refused = refuse?.(address)
        if (refused === undefined) to.push(address)
        return refused
      },
      final: () => {
        for (const address of to) received.set(address, (received.get(address) ?? 0) + 1)
        return undefined
      },
    })(peer)
}

const names = (count: number, domains = 1) =>
  Array.from({ length: count }, (_, index) => `u${index}@${index % domains}.example.net`)
const once = (addresses: readonly string[]) => new Map(addresses.map((address) => [address, 1]))
const transactions = ({ lines }: Peer) => lines.filter((line) => line.startsWith('MAIL')).length

async function deliver(script: Script, to: readonly string[], more: Partial<SmtpDeliveryOptions> = {}) {
  const { dial, peers } = network(script)
  const reports: ClientReport[] = []
  const delivery = createSmtpDelivery({
    hostname: 'client.example.org',
    clock: createManualClock(),
    dial,
    observer: { observe: (report) => reports.push(report) },
    ...more,
  })
  let opened = 0
  const content = source()
  const told = new Map<number, string>()
  const report = await delivery.deliver({
    envelope: envelope(...to),
    content: {
      ...content,
      open: (range) => {
        opened += 1
        return content.open(range)
      },
    },
    destination: HOST,
    signal: never,
    onOutcome: (recipient, { kind }) => {
      expect(told.has(recipient)).toBe(false)
      told.set(recipient, kind)
    },
  })
  expect([...told.keys()].toSorted((a, b) => a - b)).toEqual([...to.keys()])
  expect(to.map((_, index) => told.get(index))).toEqual(report.outcomes.map(({ kind }) => kind))
  return { report, peers, opened, reports, delivery }
}

describe('LIMITS (RFC 9422)', () => {
  it('sends to more recipients than RCPTMAX in several transactions over one connection', async () => {
    const received = new Map<string, number>()
    const to = names(25)
    const { report, peers, opened, reports } = await deliver(limited('RCPTMAX=10', received), to)
    expect(summary(report.outcomes)).toEqual(to.map(() => 'delivered'))
    expect(received).toEqual(once(to))
    expect([report.phase, peers.length, opened]).toEqual(['done', 1, 3])
    expect(peers.map(transactions)).toEqual([3])
    const ended = reports.filter((report) => report.type === 'transaction-ended')
    expect(ended.map(({ outcomes }) => outcomes.length)).toEqual([10, 10, 5])
  })

  it('uses a connection for no more than MAILMAX transactions', async () => {
    const received = new Map<string, number>()
    const to = names(7)
    const { report, peers, delivery } = await deliver(limited('MAILMAX=2 RCPTMAX=2', received), to)
    expect(summary(report.outcomes)).toEqual(to.map(() => 'delivered'))
    expect(received).toEqual(once(to))
    expect(peers.map(transactions)).toEqual([2, 2])
    await delivery.deliver({ envelope: envelope(), content: source(), destination: HOST, signal: never })
    expect(peers).toHaveLength(3)
    await Promise.all(peers.slice(0, 2).map((peer) => peer.gone()))
    expect(peers.slice(0, 2).map(({ lines }) => lines.at(-1))).toEqual(['QUIT', 'QUIT'])
  })

  it('keeps to RCPTDOMAINMAX over the connections of the pool too', async () => {
    const received = new Map<string, number>()
    const to = names(12, 4)
    const { report, peers, delivery } = await deliver(limited('RCPTDOMAINMAX=3', received), to)
    expect(summary(report.outcomes)).toEqual(to.map(() => 'delivered'))
    expect(received).toEqual(once(to))
    const domains = ({ lines }: Peer) =>
      new Set(lines.flatMap((line) => /^RCPT TO:<[^@]*@([^>]*)>/.exec(line)?.[1] ?? [])).size
    expect(peers.map(domains)).toEqual([3, 1])
    const more = envelope('x@7.example.net', 'y@8.example.net', 'z@9.example.net')
    await delivery.deliver({ envelope: more, content: source(), destination: HOST, signal: never })
    expect(peers.map(domains).every((count) => count <= 3)).toBe(true)
  })

  it('gives each recipient the outcome of its own transaction', async () => {
    const received = new Map<string, number>()
    const to = names(6)
    const refuse = (address: string) =>
      address.startsWith('u1@') || address.startsWith('u4@') ? '550 5.1.1 nobody' : undefined
    const { report } = await deliver(limited('RCPTMAX=2', received, refuse), to)
    expect(summary(report.outcomes)).toEqual([
      'delivered',
      'failed 5.1.1',
      'delivered',
      'delivered',
      'failed 5.1.1',
      'delivered',
    ])
    expect(received).toEqual(once(['u0', 'u2', 'u3', 'u5'].map((name) => `${name}@0.example.net`)))
  })

  it('defers who was not offered before the connection ended, and does not call again', async () => {
    let mails = 0
    const script = polite({
      keywords: ['PIPELINING', 'ENHANCEDSTATUSCODES', 'LIMITS RCPTMAX=2'],
      answer: (line) => {
        if (line.startsWith('MAIL')) mails += 1
        return line === 'DATA' && mails === 2 ? 'close' : undefined
      },
    })
    const { report, peers } = await deliver(script, names(6))
    expect(summary(report.outcomes)).toEqual([
      'delivered',
      'delivered',
      'deferred 4.4.2',
      'deferred 4.4.2',
      'deferred 4.4.2',
      'deferred 4.4.2',
    ])
    expect([report.phase, peers.length]).toEqual(['data', 1])
  })

  it('goes on over a fresh connection where the peer leaves between two transactions', async () => {
    let mails = 0
    const script = polite({
      keywords: ['PIPELINING', 'ENHANCEDSTATUSCODES', 'LIMITS RCPTMAX=2'],
      answer: (line) => (line.startsWith('MAIL') && ++mails === 2 ? '421 4.3.2 bye' : undefined),
    })
    const { report, peers } = await deliver(script, names(6))
    expect(summary(report.outcomes)).toEqual(names(6).map(() => 'delivered'))
    expect(peers.map(transactions)).toEqual([2, 2])
  })

  it('never lets a later failure to call hide that the message was offered', async () => {
    const received = new Map<string, number>()
    const { dial } = network(limited('RCPTMAX=2 MAILMAX=1', received))
    let calls = 0
    const { report } = await deliver(polite(), names(4), {
      dial: async (target) => {
        calls += 1
        if (calls > 1) throw new Error('ECONNREFUSED')
        return dial(target)
      },
    })
    expect(summary(report.outcomes)).toEqual(['delivered', 'delivered', 'deferred 4.4.1', 'deferred 4.4.1'])
    // Another host must not be tried with all of them.
    expect([report.phase, report.peer?.host]).toEqual(['done', 'mx.example.net'])
  })

  it('holds for sendMessage too', async () => {
    const received = new Map<string, number>()
    const { dial, peers } = network(limited('RCPTMAX=2 MAILMAX=2', received))
    const report = await sendMessage({
      host: 'submit.example.net',
      port: 587,
      tls: 'none',
      hostname: 'client.example.org',
      envelope: envelope(...names(5)),
      content: Buffer.from(CONTENT),
      clock: createManualClock(),
      dial,
    })
    expect(summary(report.outcomes)).toEqual(names(5).map(() => 'delivered'))
    expect(received).toEqual(once(names(5)))
    expect(peers.map(({ lines }) => lines.at(-1))).toEqual(['QUIT', 'QUIT'])
  })

  it('asks once more behind AUTH, for who is known may be given others, once for each connection', async () => {
    let known = false
    const script = polite({
      answer: (line) => {
        if (line.startsWith('AUTH')) known = true
        if (!line.startsWith('EHLO')) return undefined
        return `250-mx.example.net\r\n250-PIPELINING\r\n250-AUTH PLAIN\r\n250 LIMITS RCPTMAX=${known ? 3 : 1}`
      },
    })
    const { dial, peers } = network(script)
    await using delivery = createSmtpDelivery({
      hostname: 'client.example.org',
      clock: createManualClock(),
      dial,
      exposeCredentials: true,
    })
    const destination = { ...HOST, credentials: { username: 'ada', password: 'secret' } }
    for (let count = 0; count < 2; count += 1) {
      const request = { envelope: envelope(...names(3)), content: source(), destination, signal: never }
      const { outcomes, phase } = await delivery.deliver(request)
      expect([summary(outcomes), phase]).toEqual([['delivered', 'delivered', 'delivered'], 'done'])
    }
    expect(peers).toHaveLength(1)
    expect(peers.flatMap(transactions)).toEqual([2])
    expect(peers[0]?.lines.filter((line) => line.startsWith('EHLO'))).toHaveLength(2)
  })

  it.each(['421 4.3.2 bye', '250 surplus'])('defers where the peer says "%s" in one breath with 235', async (said) => {
    const script = polite({
      keywords: ['AUTH PLAIN', 'LIMITS RCPTMAX=1'],
      answer: (line) => (line.startsWith('AUTH') ? `235 2.7.0 ok\r\n${said}` : undefined),
    })
    const { dial } = network(script)
    const delivery = createSmtpDelivery({
      hostname: 'client.example.org',
      clock: createManualClock(),
      dial,
      exposeCredentials: true,
    })
    const destination = { ...HOST, credentials: { username: 'ada', password: 'secret' } }
    const report = await delivery.deliver({ envelope: envelope(), content: source(), destination, signal: never })
    const status = said.startsWith('421') ? '4.3.2' : '4.5.0'
    expect([summary(report.outcomes), report.phase]).toEqual([[`deferred ${status}`], 'hello'])
  })
})
