import type { ContentSource, RecipientOutcome } from '@postroad/envelope'
import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import type { Dial } from '../src/dial.ts'
import type { ClientReport, DialogueLine } from '../src/observer.ts'
import { createSmtpDelivery, type SmtpDeliveryOptions } from '../src/smtp-delivery.ts'
import { CONTENT, envelope, HOST, never, source, summary } from './fixtures.ts'
import { network, polite, type Peer, type PoliteOptions, type Script } from './scripted-peer.ts'

function open(dial: Dial, more: Partial<SmtpDeliveryOptions> = {}) {
  const clock = createManualClock()
  return { clock, delivery: createSmtpDelivery({ hostname: 'client.example.org', clock, dial, ...more }) }
}

const request = { envelope: envelope(), content: source(), destination: HOST, signal: never }
const verb = (word: string, reply: string) => (line: string) => (line.startsWith(word) ? reply : undefined)

const chatty: Script = async (peer) => {
  const say = async (text: string) => {
    for (const byte of text) {
      peer.say(byte)
      await new Promise(setImmediate)
    }
  }
  await say('220-hello\r\n220 mx\r\n')
  for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
    if (line.startsWith('EHLO')) await say('250-mx\r\n250-PIPELINING\r\n250 SIZE\r\n')
    else if (line === 'DATA') {
      await say('354-go\r\n354\r\n')
      await peer.content()
      await say('250-a\r\n250-b\r\n250\r\n')
    } else await say('250-ok\r\n250 ok\r\n')
  }
}

describe('createSmtpDelivery', () => {
  it('delivers in one flight of commands and one of content', async () => {
    const contents: string[] = []
    const { dial, peers } = network(polite({ contents }))
    const { delivery } = open(dial)
    const told: [number, string][] = []
    const report = await delivery.deliver({
      ...request,
      envelope: envelope('ada@example.net', 'bob@example.net'),
      onOutcome: (recipient, { kind }) => told.push([recipient, kind]),
    })
    expect(summary(report.outcomes)).toEqual(['delivered', 'delivered'])
    expect(told).toEqual([
      [0, 'delivered'],
      [1, 'delivered'],
    ])
    expect(report.phase).toBe('done')
    expect(report.peer).toEqual({
      host: 'mx.example.net',
      address: 'mx.example.net',
      port: 25,
      tls: undefined,
      durationMs: 0,
      reused: false,
    })
    expect(contents).toEqual([CONTENT.replace('.dot', '..dot').slice(0, -2)])
    await delivery[Symbol.asyncDispose]()
    expect(peers[0]?.lines).toEqual([
      'EHLO client.example.org',
      'MAIL FROM:<eve@example.org>',
      'RCPT TO:<ada@example.net>',
      'RCPT TO:<bob@example.net>',
      'DATA',
      'QUIT',
    ])
  })

  it('passes the wishes for reports to a peer with DSN, and says that it did (RFC 3461 §5.2.1)', async () => {
    const { dial, peers } = network(polite({ keywords: ['PIPELINING', 'DSN'] }))
    const { delivery } = open(dial)
    const [ada] = envelope('ada@example.net').recipients
    const orcpt = { type: 'rfc822', address: 'Team@example.org' }
    const report = await delivery.deliver({
      ...request,
      envelope: { ...envelope(), envid: 'a+b', ret: 'hdrs', recipients: [{ ...ada!, notify: ['success'], orcpt }] },
    })
    expect(report.peer).toMatchObject({ dsn: true })
    expect(peers[0]?.lines.slice(1, 3)).toEqual([
      'MAIL FROM:<eve@example.org> RET=HDRS ENVID=a+2Bb',
      'RCPT TO:<ada@example.net> NOTIFY=SUCCESS ORCPT=rfc822;Team@example.org',
    ])
    await delivery[Symbol.asyncDispose]()
  })

  it('speaks LMTP, with an answer for each recipient (RFC 2033 §4.2)', async () => {
    const { dial, peers } = network(polite({ final: () => '250 2.1.5 ok\r\n452 4.2.2 full' }))
    const { delivery } = open(dial)
    const report = await delivery.deliver({
      ...request,
      envelope: envelope('ada@example.net', 'bob@example.net'),
      destination: { ...HOST, protocol: 'lmtp' },
    })
    expect(summary(report.outcomes)).toEqual(['delivered', 'deferred 4.2.2'])
    expect(peers[0]?.lines[0]).toBe('LHLO client.example.org')
  })

  const cases: readonly { name: string; peer: PoliteOptions; outcome: string; phase: string }[] = [
    { name: 'closes at once', peer: { greeting: 'close' }, outcome: 'deferred 4.4.2', phase: 'greeting' },
    { name: 'greets with 554', peer: { greeting: '554 no' }, outcome: 'failed 5.0.0', phase: 'greeting' },
    { name: 'greets with 421', peer: { greeting: '421 busy' }, outcome: 'deferred 4.3.2', phase: 'greeting' },
    { name: 'greets with 450', peer: { greeting: '450 later' }, outcome: 'deferred 4.2.0', phase: 'greeting' },
    { name: 'greets in another tongue', peer: { greeting: 'HTTP/1.1' }, outcome: 'deferred 4.5.0', phase: 'greeting' },
    { name: 'closes at EHLO', peer: { answer: verb('EHLO', 'close') }, outcome: 'deferred 4.4.2', phase: 'hello' },
    {
      name: 'refuses EHLO and HELO',
      peer: { answer: (line) => (line.includes('LO ') ? '550 no' : undefined) },
      outcome: 'failed 5.0.0',
      phase: 'hello',
    },
    {
      name: 'says more than one reply to EHLO',
      peer: { answer: verb('EHLO', '250 a\r\n250 b') },
      outcome: 'deferred 4.5.0',
      phase: 'done',
    },
    { name: 'closes at MAIL', peer: { answer: verb('MAIL', 'close') }, outcome: 'deferred 4.4.2', phase: 'mail' },
    { name: 'refuses MAIL', peer: { answer: verb('MAIL', '550 5.7.1 no') }, outcome: 'failed 5.7.1', phase: 'mail' },
    { name: 'puts MAIL off', peer: { answer: verb('MAIL', '451 4.7.1 no') }, outcome: 'deferred 4.7.1', phase: 'mail' },
    {
      name: 'says 421 at MAIL',
      peer: { answer: verb('MAIL', '421 4.3.2 bye') },
      outcome: 'deferred 4.3.2',
      phase: 'mail',
    },
    { name: 'closes at RCPT', peer: { answer: verb('RCPT', 'close') }, outcome: 'deferred 4.4.2', phase: 'rcpt' },
    {
      name: 'refuses RCPT',
      peer: {
        answer: (line) => (line.startsWith('RCPT') ? '550 5.1.1 no' : line === 'DATA' ? '503 5.5.1 no' : undefined),
      },
      outcome: 'failed 5.1.1',
      phase: 'rcpt',
    },
    {
      name: 'refuses RCPT yet takes DATA',
      peer: { answer: verb('RCPT', '550 5.1.1 no') },
      outcome: 'failed 5.1.1',
      phase: 'rcpt',
    },
    { name: 'closes at DATA', peer: { answer: verb('DATA', 'close') }, outcome: 'deferred 4.4.2', phase: 'data' },
    { name: 'refuses DATA', peer: { answer: verb('DATA', '451 4.3.0 no') }, outcome: 'deferred 4.3.0', phase: 'data' },
    { name: 'closes after the dot', peer: { final: () => 'close' }, outcome: 'unknown 4.4.2', phase: 'end-of-data' },
    { name: 'babbles after the dot', peer: { final: () => 'what?' }, outcome: 'unknown 4.5.0', phase: 'end-of-data' },
    {
      name: 'says 421 after the dot',
      peer: { final: () => '421 4.3.2 bye' },
      outcome: 'deferred 4.3.2',
      phase: 'end-of-data',
    },
    { name: 'puts the content off', peer: { final: () => '452 4.3.1 full' }, outcome: 'deferred 4.3.1', phase: 'done' },
    { name: 'refuses the content', peer: { final: () => '554 5.7.1 spam' }, outcome: 'failed 5.7.1', phase: 'done' },
  ]
  for (const keywords of [['PIPELINING', 'ENHANCEDSTATUSCODES'], ['ENHANCEDSTATUSCODES']]) {
    it.each(cases)(
      `makes $outcome at $phase of a server that $name, ${keywords.length} keywords`,
      async ({ peer, outcome, phase }) => {
        const { dial } = network(polite({ keywords, ...peer }))
        const { delivery } = open(dial)
        const told: RecipientOutcome[] = []
        const report = await delivery.deliver({ ...request, onOutcome: (_, outcome) => told.push(outcome) })
        expect(summary(report.outcomes)).toEqual([outcome])
        expect(report.phase).toBe(phase)
        expect(told).toEqual(report.outcomes)
        expect(report.peer?.host).toBe('mx.example.net')
      },
    )
  }

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
    const { clock, delivery } = open(dial)
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

  it('goes on for the others when the third RCPT is put off', async () => {
    let count = 0
    const answer = (line: string) => (line.startsWith('RCPT') && ++count === 3 ? '451 4.2.1 later' : undefined)
    const { delivery } = open(network(polite({ answer })).dial)
    const names = ['a', 'b', 'c', 'd'].map((name) => `${name}@example.net`)
    const report = await delivery.deliver({ ...request, envelope: envelope(...names) })
    expect(summary(report.outcomes)).toEqual(['delivered', 'delivered', 'deferred 4.2.1', 'delivered'])
    expect(report.phase).toBe('done')
  })

  it('understands replies that come byte by byte and in many lines', async () => {
    const { delivery } = open(network(chatty).dial)
    expect(summary((await delivery.deliver(request)).outcomes)).toEqual(['delivered'])
  })

  it('defers where nobody answers the call, and does not wait for a dial that does not heed its signal', async () => {
    const refused = open(async () => {
      throw new Error('ECONNREFUSED')
    })
    const report = await refused.delivery.deliver(request)
    expect([summary(report.outcomes), report.phase, report.peer]).toEqual([['deferred 4.4.1'], 'connect', undefined])

    const deaf = open(() => new Promise(() => {}))
    const delivering = deaf.delivery.deliver(request)
    await deaf.clock.advance(30_000)
    expect((await delivering).phase).toBe('connect')
    expect(deaf.clock.sleeping).toBe(0)
  })

  it('destroys a stream that comes after the call was given up', async () => {
    const { dial, peers } = network(polite())
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const { clock, delivery } = open(async (target) => {
      await held
      return dial(target)
    })
    const delivering = delivery.deliver(request)
    await clock.advance(30_000)
    await delivering
    release?.()
    await new Promise(setImmediate)
    await peers[0]?.gone()
    expect(peers[0]?.lines).toEqual([])
  })

  it.each([
    { at: 'EHLO', outcome: 'deferred 4.4.2', phase: 'hello' },
    { at: 'RCPT', outcome: 'deferred 4.4.2', phase: 'rcpt' },
    { at: 'dot', outcome: 'unknown 4.4.2', phase: 'end-of-data' },
  ])('gives up at $at when the signal fires', async ({ at, outcome, phase }) => {
    const abort = new AbortController()
    const stop = () => {
      abort.abort()
      return 'silence'
    }
    const { dial, peers } = network(
      polite({
        answer: (line) => (line.startsWith(at) ? stop() : undefined),
        final: at === 'dot' ? stop : () => undefined,
      }),
    )
    const { delivery } = open(dial)
    const report = await delivery.deliver({ ...request, signal: abort.signal })
    expect([summary(report.outcomes), report.phase]).toEqual([[outcome], phase])
    await peers[0]?.gone()
    const late = await delivery.deliver({ ...request, signal: abort.signal })
    expect([summary(late.outcomes), late.phase]).toEqual([['deferred 4.4.1'], 'connect'])
  })

  it('rejects where the content cannot be read, and never ends it', async () => {
    const contents: string[] = []
    const { dial, peers } = network(polite({ contents }))
    const { delivery } = open(dial)
    const broken: ContentSource = {
      facts: source().facts,
      async *open() {
        yield Buffer.from('Subject')
        throw new Error('disk')
      },
    }
    await expect(delivery.deliver({ ...request, content: broken })).rejects.toThrow('disk')
    const short: ContentSource = { ...source('Subject: y\r\n'), facts: source().facts }
    await expect(delivery.deliver({ ...request, content: short })).rejects.toMatchObject({
      code: 'SMTP_CLIENT_CONTENT_LENGTH',
    })
    await Promise.all(peers.map((peer) => peer.gone()))
    expect(contents).toEqual([])
  })

  it('defers where the content never comes', async () => {
    let returned = false
    const silent: ContentSource = {
      facts: source().facts,
      open: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => {}),
          return: async () => {
            returned = true
            return { done: true, value: undefined }
          },
        }),
      }),
    }
    const { dial, peers } = network(polite())
    const { clock, delivery } = open(dial)
    const delivering = delivery.deliver({ ...request, content: silent })
    while (peers[0]?.lines.includes('DATA') !== true) await new Promise(setImmediate)
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
    await clock.advance(3 * 60_000)
    const report = await delivering
    expect([summary(report.outcomes), report.phase]).toEqual([['deferred 4.4.2'], 'content'])
    expect(returned).toBe(true)
  })

  it('refuses content with a bare newline and sends content that is binary otherwise (RFC 5321 §2.3.8)', async () => {
    const contents: string[] = []
    const { delivery } = open(network(polite({ contents })).dial)
    for (const text of ['a\nb\r\n', 'a\rb\r\n', 'a\r']) {
      const report = await delivery.deliver({ ...request, content: source(text, 1) })
      expect([summary(report.outcomes), report.phase]).toEqual([['failed 5.6.0'], 'hello'])
    }
    const report = await delivery.deliver({ ...request, content: source(`${'x'.repeat(1_500)}\r\n`) })
    expect(summary(report.outcomes)).toEqual(['delivered'])
    expect(contents).toHaveLength(1)
  })

  it('is refused after it was disposed', async () => {
    const { delivery } = open(network(polite()).dial)
    await delivery[Symbol.asyncDispose]()
    await expect(delivery.deliver(request)).rejects.toMatchObject({ code: 'SMTP_CLIENT_DISPOSED' })
  })

  it('reports what happened, and the dialogue without content', async () => {
    const reports: ClientReport[] = []
    const dialogue: DialogueLine[] = []
    const { delivery } = open(network(polite()).dial, {
      observer: { observe: (report) => reports.push(report), dialogue: (line) => dialogue.push(line) },
    })
    await delivery.deliver(request)
    await delivery[Symbol.asyncDispose]()
    expect(reports.map(({ type }) => type)).toEqual(['connection-opened', 'transaction-ended', 'connection-closed'])
    expect(reports.at(-1)).toMatchObject({ cause: 'quit', transactions: 1, error: undefined })
    const text = dialogue.map(({ from, line }) => `${from} ${line}`)
    expect(text).toContain('client RCPT TO:<ada@example.net>')
    expect(text).toContain('server 354 go')
    expect(text.join('\n')).not.toContain('Subject')
  })
})

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

describe('createSmtpDelivery: the pool', () => {
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
