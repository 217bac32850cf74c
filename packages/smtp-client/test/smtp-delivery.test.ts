import type { ContentSource, RecipientOutcome } from '@postroad/envelope'
import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import type { Dial } from '../src/dial.ts'
import type { ClientReport, DialogueLine } from '../src/observer.ts'
import { createSmtpDelivery, type SmtpDeliveryOptions } from '../src/smtp-delivery.ts'
import { CONTENT, envelope, HOST, never, silentSource, source, summary } from './fixtures.ts'
import { network, polite, type PoliteOptions, type Script } from './scripted-peer.ts'

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
      phase: 'hello',
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
    const { content, seen } = silentSource()
    const { dial, peers } = network(polite())
    const { clock, delivery } = open(dial)
    const delivering = delivery.deliver({ ...request, content })
    while (peers[0]?.lines.includes('DATA') !== true) await new Promise(setImmediate)
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
    await clock.advance(3 * 60_000)
    const report = await delivering
    expect([summary(report.outcomes), report.phase]).toEqual([['deferred 4.4.2'], 'content'])
    expect(report.outcomes).toMatchObject([{ reason: 'The content did not come in time.' }])
    expect(seen.freed).toBe(1)
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

  it('gives up content that has to be looked through and never comes', async () => {
    const abort = new AbortController()
    const { content, seen } = silentSource({ ...source().facts, binary: true }, () => setImmediate(() => abort.abort()))
    const { dial, peers } = network(polite())
    const { delivery } = open(dial)
    const report = await delivery.deliver({ ...request, content, signal: abort.signal })
    expect([summary(report.outcomes), report.phase]).toEqual([['deferred 4.4.1'], 'connect'])
    expect([seen.freed, peers.length]).toEqual([1, 0])
  })

  it('rejects for a name that cannot be said in EHLO, and keeps no connection', async () => {
    const { dial, peers } = network(polite())
    const { delivery } = open(dial)
    const delivering = delivery.deliver({ ...request, destination: { ...HOST, hostname: 'two words' } })
    await expect(delivering).rejects.toMatchObject({ code: 'SMTP_CLIENT_HOSTNAME' })
    expect(peers.map(({ near }) => near?.destroyed)).toEqual([true])
  })

  it.each(['none', 'implicit'] as const)('defers at once where the call gives a dead stream: %s', async (tls) => {
    const { dial } = network(polite())
    const { clock, delivery } = open(async (target) => {
      const stream = (await dial(target)).destroy()
      await new Promise(setImmediate)
      return stream
    })
    const report = await delivery.deliver({ ...request, destination: { ...HOST, tls } })
    expect(report.outcomes).toMatchObject([{ kind: 'deferred' }])
    expect(clock.sleeping).toBe(0)
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
