import type { ContentSource } from '@postroad/envelope'
import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import type { Dial } from '../src/dial.ts'
import { createSmtpDelivery, type SmtpDeliveryOptions } from '../src/smtp-delivery.ts'
import { envelope, HOST, never, source, summary } from './fixtures.ts'
import { network, polite, type Peer, type Script } from './scripted-peer.ts'

function open(dial: Dial, more: Partial<SmtpDeliveryOptions> = {}) {
  const clock = createManualClock()
  return { clock, delivery: createSmtpDelivery({ hostname: 'client.example.org', clock, dial, ...more }) }
}

const request = { envelope: envelope(), content: source(), destination: HOST, signal: never }
const verb = (word: string, reply: string) => (line: string) => (line.startsWith(word) ? reply : undefined)

const twice = async (scripts: Script[], more: Partial<SmtpDeliveryOptions> = {}) => {
  const { dial, peers } = network(...scripts)
  const { clock, delivery } = open(dial, more)
  const first = await delivery.deliver(request)
  expect(summary(first.outcomes)).toEqual(['delivered'])
  return { clock, delivery, peers, second: () => delivery.deliver(request) }
}
const onceThen = (move: (line: string, peer: Peer) => string | undefined, final?: () => string): Script => {
  let contents = 0
  return polite({
    answer: (line, peer) => (contents > 0 ? move(line, peer) : undefined),
    final: () => {
      contents += 1
      return contents > 1 ? final?.() : undefined
    },
  })
}

describe('the pool of a delivery', () => {
  it('uses a connection again', async () => {
    const { peers, second } = await twice([polite()])
    const report = await second()
    expect(summary(report.outcomes)).toEqual(['delivered'])
    expect(report.peer?.reused).toBe(true)
    expect(peers).toHaveLength(1)
  })

  it('keeps connections of other destinations apart', async () => {
    const { delivery, peers } = await twice([polite()])
    await delivery.deliver({ ...request, destination: { ...HOST, port: 26 } })
    await delivery.deliver({ ...request, destination: { ...HOST, host: 'mx2.example.net' } })
    expect(peers).toHaveLength(3)
  })

  it.each([
    { name: 'closes at MAIL', move: verb('MAIL', 'close') },
    { name: 'says 421 at MAIL', move: verb('MAIL', '421 4.4.2 idle') },
    { name: 'babbles at MAIL', move: verb('MAIL', 'what?') },
  ])('calls once more where a reused connection $name', async ({ move }) => {
    const { peers, second } = await twice([onceThen(move), polite()])
    const report = await second()
    expect(summary(report.outcomes)).toEqual(['delivered'])
    expect(report.peer?.reused).toBe(false)
    expect(peers).toHaveLength(2)
  })

  it('calls once more only', async () => {
    const { peers, second } = await twice([
      onceThen(verb('MAIL', 'close')),
      polite({ answer: verb('MAIL', 'close') }),
      polite(),
    ])
    expect(summary((await second()).outcomes)).toEqual(['deferred 4.4.2'])
    expect(peers).toHaveLength(2)
  })

  it.each([
    { name: 'RCPT', script: onceThen(verb('RCPT', 'close')), outcome: 'deferred 4.4.2' },
    {
      name: 'the dot',
      script: onceThen(
        () => undefined,
        () => 'close',
      ),
      outcome: 'unknown 4.4.2',
    },
  ])('does not call again where a reused connection dies at $name', async ({ script, outcome }) => {
    const { peers, second } = await twice([script, polite()])
    const report = await second()
    expect(summary(report.outcomes)).toEqual([outcome])
    expect(peers).toHaveLength(1)
  })

  it('tells each outcome once across the second call', async () => {
    const { dial } = network(onceThen(verb('MAIL', 'close')), polite())
    const { delivery } = open(dial)
    await delivery.deliver(request)
    const told: number[] = []
    const report = await delivery.deliver({
      ...request,
      envelope: envelope('ü@example.net', 'ada@example.net'),
      onOutcome: (recipient) => told.push(recipient),
    })
    expect(summary(report.outcomes)).toEqual(['failed 5.6.7', 'delivered'])
    expect(told).toEqual([0, 1])
  })

  it.each(['close', '421 4.4.2 idle', '250 surprise', 'x'.repeat(100_000)])(
    'forgets an idle connection that says %.20s',
    async (says) => {
      const { peers, second } = await twice([polite()])
      if (says === 'close') peers[0]?.close()
      else peers[0]?.say(`${says}\r\n`)
      await peers[0]?.gone()
      const report = await second()
      expect(report.peer?.reused).toBe(false)
      expect(summary(report.outcomes)).toEqual(['delivered'])
      expect(peers).toHaveLength(2)
    },
  )

  it('says QUIT to a connection that was idle too long (RFC 5321 §4.1.1.10)', async () => {
    const { clock, peers, second } = await twice([polite()], { pool: { maxIdleMs: 40_000 } })
    await clock.advance(39_999)
    expect(peers[0]?.lines.at(-1)).toBe('DATA')
    await clock.advance(1)
    await peers[0]?.gone()
    expect(peers[0]?.lines.at(-1)).toBe('QUIT')
    expect(clock.sleeping).toBe(0)
    expect((await second()).peer?.reused).toBe(false)
  })

  it('waits no longer than 10 s for the answer to that QUIT', async () => {
    const { clock, peers } = await twice([polite({ answer: verb('QUIT', 'silence') })], { pool: { maxIdleMs: 40_000 } })
    await clock.advance(40_000)
    while (peers[0]?.lines.at(-1) !== 'QUIT') await new Promise(setImmediate)
    await clock.advance(9_999)
    expect(peers[0]?.near?.destroyed).toBe(false)
    await clock.advance(1)
    expect(peers[0]?.near?.destroyed).toBe(true)
    expect(clock.sleeping).toBe(0)
  })

  it('waits for such a one too when it is disposed', async () => {
    const { clock, delivery, peers } = await twice([polite({ answer: verb('QUIT', 'silence') })])
    await clock.advance(20_000)
    while (peers[0]?.lines.at(-1) !== 'QUIT') await new Promise(setImmediate)
    let disposed = false
    const disposing = Promise.resolve(delivery[Symbol.asyncDispose]()).finally(() => (disposed = true))
    await clock.advance(9_999)
    expect(disposed).toBe(false)
    await clock.advance(1)
    await disposing
    expect(peers[0]?.near?.destroyed).toBe(true)
  })

  it.each([{ maxUses: 1 }, { maxIdleMs: 0 }, { maxIdlePerDestination: 0 }, { maxIdle: 0 }])(
    'keeps within %j',
    async (pool) => {
      const { peers, second } = await twice([polite()], { pool })
      await peers[0]?.gone()
      expect(peers[0]?.lines.at(-1)).toBe('QUIT')
      expect((await second()).peer?.reused).toBe(false)
    },
  )

  it('says QUIT to idle connections when it is disposed, and does not wait long for the answer', async () => {
    const { clock, delivery, peers } = await twice([polite({ answer: verb('QUIT', 'silence') })])
    const disposing = delivery[Symbol.asyncDispose]()
    while (peers[0]?.lines.at(-1) !== 'QUIT') await new Promise(setImmediate)
    await clock.advance(10_000)
    await disposing
    expect(clock.sleeping).toBe(0)
  })

  it('says RSET where a transaction was left open (RFC 5321 §4.1.1.5)', async () => {
    let refused = 0
    const { dial, peers } = network(
      polite({
        answer: (line) =>
          line.startsWith('RCPT') && refused++ === 0
            ? '550 5.1.1 no'
            : line === 'DATA' && refused === 1
              ? '503 5.5.1 no'
              : undefined,
      }),
    )
    const { delivery } = open(dial)
    expect(summary((await delivery.deliver(request)).outcomes)).toEqual(['failed 5.1.1'])
    expect(summary((await delivery.deliver(request)).outcomes)).toEqual(['delivered'])
    expect(peers).toHaveLength(1)
    expect(peers[0]?.lines).toContain('RSET')
  })

  it.each([
    { name: 'name for EHLO', one: { hostname: 'a.example.org' }, other: { hostname: 'b.example.org' } },
    { name: 'address of ours', one: { localAddress: '192.0.2.1' }, other: { localAddress: { ipv4: '192.0.2.2' } } },
    { name: 'choice of extensions', one: { ignoredKeywords: ['CHUNKING'] }, other: { ignoredKeywords: ['DSN'] } },
    { name: 'way of TLS', one: { tls: 'none' }, other: { tls: 'opportunistic' } },
    {
      name: 'certificate of ours',
      one: { identity: { key: 'a', cert: 'a' } },
      other: { identity: { key: 'b', cert: 'b' } },
    },
  ] as const)('shares no connection with another $name', async ({ one, other }) => {
    const { dial, peers } = network(polite())
    const { delivery } = open(dial)
    const reused = []
    for (const way of [one, other, { ...one }, { ...other }]) {
      const report = await delivery.deliver({ ...request, destination: { ...HOST, ...way } })
      expect(summary(report.outcomes)).toEqual(['delivered'])
      reused.push(report.peer?.reused)
    }
    expect(reused).toEqual([false, false, true, true])
    expect(peers).toHaveLength(2)
  })

  it('says the name that the destination wants', async () => {
    const { dial, peers } = network(polite())
    await open(dial).delivery.deliver({ ...request, destination: { ...HOST, hostname: 'other.example.org' } })
    expect(peers[0]?.lines[0]).toBe('EHLO other.example.org')
  })

  it('lets no more than so many work at a time, and the others wait in line', async () => {
    const { dial, peers } = network(polite())
    const { delivery } = open(dial, { pool: { maxPerDestination: 2 } })
    const abort = new AbortController()
    const deliver = async (signal = never) => {
      const report = await delivery.deliver({ ...request, signal })
      return `${summary(report.outcomes).join()} ${report.phase}`
    }
    const running = [0, 1, 2, 3, 4].map((index) => deliver(index === 3 ? abort.signal : never))
    const elsewhere = delivery.deliver({ ...request, destination: { ...HOST, port: 26 } })
    abort.abort()
    expect(await Promise.all(running)).toEqual([
      'delivered done',
      'delivered done',
      'delivered done',
      'deferred 4.4.1 connect',
      'delivered done',
    ])
    expect((await elsewhere).phase).toBe('done')
    expect(peers).toHaveLength(3)
  })

  it('leaves its place where the content cannot be read, and where nobody answers', async () => {
    const { dial } = network(polite())
    let calls = 0
    const { delivery } = open(
      async (target) => {
        calls += 1
        if (calls === 1) throw new Error('ECONNREFUSED')
        return dial(target)
      },
      { pool: { maxPerDestination: 1 } },
    )
    expect(summary((await delivery.deliver(request)).outcomes)).toEqual(['deferred 4.4.1'])
    const short: ContentSource = { ...source('Subject: y\r\n'), facts: source().facts }
    await expect(delivery.deliver({ ...request, content: short })).rejects.toThrow()
    expect(summary((await delivery.deliver(request)).outcomes)).toEqual(['delivered'])
  })

  it('serves many at once', async () => {
    const { dial, peers } = network(polite())
    const { delivery } = open(dial, { pool: { maxIdlePerDestination: 3 } })
    const reports = await Promise.all(Array.from({ length: 10 }, () => delivery.deliver(request)))
    expect(reports.flatMap(({ outcomes }) => summary(outcomes))).toEqual(Array.from({ length: 10 }, () => 'delivered'))
    expect(peers).toHaveLength(10)
    await delivery[Symbol.asyncDispose]()
    await Promise.all(peers.map((peer) => peer.gone()))
    expect(peers.filter(({ lines }) => lines.at(-1) === 'QUIT')).toHaveLength(10)
  })
})
