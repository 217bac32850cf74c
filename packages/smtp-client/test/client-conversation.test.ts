import { once } from 'node:events'
import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import type { ClientReport } from '../src/observer.ts'
import { openSession, type OpenSessionOptions } from '../src/open-session.ts'
import { CONTENT, envelope, HOST, source, summary } from './fixtures.ts'
import { network, polite, type PoliteOptions, type Script } from './scripted-peer.ts'

async function open(script: Script, more: Partial<OpenSessionOptions> = {}) {
  const { dial, peers } = network(script)
  const clock = createManualClock()
  const reports: ClientReport[] = []
  const opened = await openSession({
    hostname: 'client.example.org',
    clock,
    dial,
    destination: HOST,
    observer: { observe: (report) => reports.push(report) },
    ...more,
  })
  if (opened.conversation === undefined) throw new Error('not open')
  return { conversation: opened.conversation, peers, clock, reports, lines: () => peers[0]?.lines.slice(1) ?? [] }
}
const answers = (replies: Readonly<Record<string, string>>, more: PoliteOptions = {}): Script =>
  polite({ answer: (line) => replies[line], ...more })

describe('openSession', () => {
  it('opens a session for commands and messages, and says QUIT', async () => {
    const contents: string[] = []
    const { conversation, lines } = await open(
      answers(
        {
          'VRFY ada': '252 2.1.5 perhaps',
          'EXPN list': '550 5.7.1 no',
          'HELP VRFY': '214-2.0.0 one\r\n214 2.0.0 two',
          'ETRN @example.org': '253 2.0.0 3 messages',
          'X-COUNT of': '250 2.0.0 7',
        },
        { contents },
      ),
    )
    expect(conversation.ready).toBe(true)
    expect(conversation.extensions?.pipelining).toBe(true)
    expect([conversation.address, conversation.tls, conversation.closeCause]).toEqual([
      'mx.example.net',
      undefined,
      undefined,
    ])
    expect(await conversation.noop()).toMatchObject({ code: 250 })
    expect(await conversation.verify('ada')).toMatchObject({ code: 252, status: '2.1.5', lines: ['perhaps'] })
    expect(await conversation.expand('list')).toMatchObject({ code: 550 })
    expect(await conversation.help('VRFY')).toMatchObject({ lines: ['one', 'two'] })
    expect(await conversation.etrn('@example.org')).toMatchObject({ code: 253 })
    expect(await conversation.command('X-COUNT of')).toMatchObject({ lines: ['7'] })
    const told: number[] = []
    const report = await conversation.send({
      envelope: envelope('ada@example.net', 'bob@example.net'),
      content: source(),
      onOutcome: (recipient) => told.push(recipient),
    })
    expect([summary(report.outcomes), report.phase, told]).toEqual([['delivered', 'delivered'], 'done', [0, 1]])
    expect(contents).toEqual([CONTENT.replace('.dot', '..dot').slice(0, -2)])
    await conversation[Symbol.asyncDispose]()
    expect(conversation.closeCause).toBe('quit')
    expect(lines().at(-1)).toBe('QUIT')
  })

  it('says why there is none', async () => {
    const { dial } = network(polite({ greeting: '554 5.7.1 no' }))
    const clock = createManualClock()
    const refused = await openSession({ hostname: 'client.example.org', clock, dial, destination: HOST })
    expect(refused).toMatchObject({ phase: 'greeting', outcome: { kind: 'failed' }, peer: { host: 'mx.example.net' } })
    const nobody = await openSession({
      hostname: 'client.example.org',
      clock,
      dial: () => Promise.reject(new Error('ECONNREFUSED')),
      destination: HOST,
      signal: new AbortController().signal,
    })
    expect(nobody).toMatchObject({ phase: 'connect', peer: undefined, error: { message: 'ECONNREFUSED' } })
  })

  it('does one thing at a time', async () => {
    const { conversation } = await open(polite())
    const first = conversation.noop()
    expect(conversation.ready).toBe(false)
    await expect(conversation.verify('ada')).rejects.toMatchObject({ code: 'SMTP_CLIENT_NOT_READY' })
    await expect(conversation.send({ envelope: envelope(), content: source() })).rejects.toMatchObject({
      code: 'SMTP_CLIENT_NOT_READY',
    })
    expect(await first).toMatchObject({ code: 250 })
    expect(await conversation.noop()).toMatchObject({ code: 250 })
    await expect(conversation.command('two\r\nlines')).rejects.toMatchObject({ code: 'SMTP_CLIENT_COMMAND' })
    expect(conversation.ready).toBe(true)
    await conversation.quit()
  })

  it('gives no reply where the session ends, and nothing throws behind it', async () => {
    const { conversation, clock } = await open(answers({ NOOP: 'close' }))
    expect(await conversation.noop()).toBeUndefined()
    expect([conversation.ready, conversation.closeCause]).toEqual([false, 'lost'])
    expect(await conversation.verify('ada')).toBeUndefined()
    expect(await conversation.turnAround()).toEqual({ kind: 'closed' })
    const report = await conversation.send({ envelope: envelope(), content: source() })
    expect(summary(report.outcomes)).toEqual(['deferred 4.4.2'])
    await conversation.quit()
    expect(clock.sleeping).toBe(0)

    const left = await open(answers({ NOOP: '421 4.3.2 bye' }))
    expect(await left.conversation.noop()).toBeUndefined()
    expect(left.conversation.closeCause).toBe('closing')
  })

  it('waits 5 min for a reply, and 10 min for that to ATRN (RFC 2645 §5.2.1)', async () => {
    for (const [line, minutes] of [
      ['NOOP', 5],
      ['ATRN', 10],
    ] as const) {
      const { conversation, clock, peers } = await open(answers({ [line]: 'silence' }))
      let ended = false
      const asked = (line === 'NOOP' ? conversation.noop() : conversation.turnAround()).finally(() => (ended = true))
      while (peers[0]?.lines.at(-1) !== line) await new Promise(setImmediate)
      await clock.advance(minutes * 60_000 - 1)
      expect(ended).toBe(false)
      await clock.advance(1)
      await asked
      expect(conversation.closeCause).toBe('timeout')
      expect(clock.sleeping).toBe(0)
    }
  })

  it('speaks for others with XCLIENT and XFORWARD', async () => {
    const { conversation, lines } = await open(
      answers(
        { 'XCLIENT NAME=[UNAVAILABLE] ADDR=192.0.2.1': '220 mx.example.net again' },
        { keywords: ['PIPELINING', 'XCLIENT ADDR NAME', 'XFORWARD ADDR'] },
      ),
    )
    const attributes = new Map([
      ['ADDR', '192.0.2.1'],
      ['NAME', undefined],
    ])
    expect(await conversation.xclient(attributes)).toMatchObject({ code: 220 })
    expect(conversation.ready).toBe(true)
    expect(await conversation.xforward(new Map([['ADDR', '192.0.2.1']]))).toMatchObject({ code: 250 })
    await conversation.quit()
    expect(lines()).toEqual([
      'XCLIENT NAME=[UNAVAILABLE] ADDR=192.0.2.1',
      'EHLO client.example.org',
      'XFORWARD ADDR=192.0.2.1',
      'QUIT',
    ])
  })

  it('ends where the greeting behind XCLIENT goes wrong', async () => {
    let hellos = 0
    const { conversation } = await open(
      polite({
        answer: (line) =>
          line.startsWith('XCLIENT') ? '220 again' : line.includes('LO ') && ++hellos > 1 ? '550 no' : undefined,
      }),
    )
    expect(await conversation.xclient(new Map([['NAME', 'a']]))).toMatchObject({ code: 220 })
    expect(conversation.ready).toBe(false)
  })

  it('goes on where the host refuses what is left of an XCLIENT in many lines', async () => {
    const long = 'x'.repeat(400)
    const { conversation, lines } = await open(
      polite({
        answer: (line) =>
          line.startsWith('XCLIENT NAME') ? '220 again' : line.startsWith('XCLIENT') ? '550 no' : undefined,
      }),
    )
    const attributes = new Map([
      ['NAME', long],
      ['LOGIN', long],
    ])
    expect(await conversation.xclient(attributes)).toMatchObject({ code: 550 })
    expect(conversation.ready).toBe(true)
    expect(await conversation.noop()).toMatchObject({ code: 250 })
    expect(lines()).toEqual([`XCLIENT NAME=${long}`, `XCLIENT LOGIN=${long}`, 'EHLO client.example.org', 'NOOP'])
  })

  it('sends parameters that were agreed on, to each recipient its own in every transaction (RFC 5321 §4.1.2)', async () => {
    const { conversation, lines } = await open(polite({ keywords: ['PIPELINING', 'LIMITS RCPTMAX=2'] }))
    const message = {
      envelope: envelope('a@example.net', 'b@example.net', 'c@example.net'),
      content: source(),
      mailParameters: ['X-CAMPAIGN=7'],
      rcptParameters: new Map([
        [0, ['X-TAG=a']],
        [2, ['X-TAG=c', 'X-LAST']],
      ]),
    }
    expect(summary((await conversation.send(message)).outcomes)).toEqual(['delivered', 'delivered', 'delivered'])
    expect(lines().filter((line) => line !== 'DATA')).toEqual([
      'MAIL FROM:<eve@example.org> X-CAMPAIGN=7',
      'RCPT TO:<a@example.net> X-TAG=a',
      'RCPT TO:<b@example.net>',
      'MAIL FROM:<eve@example.org> X-CAMPAIGN=7',
      'RCPT TO:<c@example.net> X-TAG=c X-LAST',
    ])
    await expect(conversation.send({ ...message, mailParameters: ['no parameter'] })).rejects.toMatchObject({
      code: 'SMTP_CLIENT_PARAMETER',
    })
    expect([conversation.ready, conversation.closeCause]).toEqual([false, 'aborted'])
  })

  it('entrusts no message to a host that was quiet for long before it has answered', async () => {
    let heard = 0
    const { conversation, clock, peers } = await open(
      polite({
        keywords: ['PIPELINING', 'CHUNKING'],
        answer: (line) => (line.startsWith('MAIL') && ++heard === 1 ? 'close' : undefined),
      }),
    )
    await clock.advance(3_600_000)
    const report = await conversation.send({ envelope: envelope(), content: source() })
    expect(summary(report.outcomes)).toEqual(['deferred 4.4.2'])
    expect(peers[0]?.lines.some((line) => line.startsWith('BDAT'))).toBe(false)
  })

  it('sends within the limits of the host (RFC 9422)', async () => {
    const { conversation, peers } = await open(polite({ keywords: ['PIPELINING', 'LIMITS RCPTMAX=2 MAILMAX=2'] }))
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@example.net`)
    const report = await conversation.send({ envelope: envelope(...names), content: source() })
    // There is no second connection: who is beyond its limit waits for another.
    expect(report.outcomes.map(({ kind }) => kind)).toEqual([
      'delivered',
      'delivered',
      'delivered',
      'delivered',
      'deferred',
    ])
    expect(peers).toHaveLength(1)
    await conversation.quit()
  })
})

describe('turnAround (RFC 2645 §5.3)', () => {
  it('gives the stream for a server session, with nothing lost', async () => {
    const { conversation, peers, reports, clock } = await open(
      answers({ 'ATRN example.org,example.com': '250 2.0.0 now you' }, { keywords: ['ATRN', 'PIPELINING'] }),
    )
    const turned = await conversation.turnAround(['example.org', 'example.com'])
    if (turned.kind !== 'turned') throw new Error(turned.kind)
    expect(turned.reply).toMatchObject({ code: 250 })
    expect([conversation.ready, clock.sleeping]).toEqual([false, 0])
    expect(reports.at(-1)?.type).toBe('connection-closed')
    expect(turned.stream.isPaused()).toBe(true)
    // We are the server now, and greet; the peer answers as a client.
    turned.stream.write('220 client.example.org ready\r\n')
    peers[0]?.say('EHLO mx.example.net\r\n')
    await new Promise(setImmediate)
    turned.stream.resume()
    const [bytes]: Buffer[] = await once(turned.stream, 'data')
    expect(bytes?.toString()).toBe('EHLO mx.example.net\r\n')
    // Nothing of the conversation touches it any more.
    await conversation.quit()
    expect(turned.stream.destroyed).toBe(false)
    turned.stream.destroy()
  })

  it('lets nothing throw where the peer breaks before anybody listens to the stream', async () => {
    const { conversation, peers } = await open(answers({ ATRN: '250 2.0.0 now you' }))
    const turned = await conversation.turnAround()
    if (turned.kind !== 'turned') throw new Error(turned.kind)
    peers[0]?.reset()
    await new Promise(setImmediate)
    expect(turned.stream.destroyed).toBe(true)
    expect(turned.stream.errored?.message).toBe('read ECONNRESET')
  })

  it('tells a refusal, and the conversation goes on', async () => {
    const { conversation } = await open(answers({ ATRN: '453 4.0.0 you have no mail' }))
    expect(await conversation.turnAround()).toMatchObject({ kind: 'refused', reply: { code: 453 } })
    expect(conversation.ready).toBe(true)
    await conversation.quit()
  })

  it('is over where the peer speaks before we greet', async () => {
    const { conversation } = await open(answers({ ATRN: '250 2.0.0 ok\r\nEHLO too.early' }))
    expect(await conversation.turnAround()).toEqual({ kind: 'closed' })
  })
})
