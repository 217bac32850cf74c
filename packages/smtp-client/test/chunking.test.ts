import type { ContentSource } from '@postroad/envelope'
import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { createSmtpDelivery, type SmtpDeliveryOptions } from '../src/smtp-delivery.ts'
import { CONTENT, envelope, HOST, never, silentSource, source, summary } from './fixtures.ts'
import { network, polite, type PoliteOptions, type Script } from './scripted-peer.ts'

const KEYWORDS = ['PIPELINING', 'ENHANCEDSTATUSCODES', '8BITMIME', 'CHUNKING', 'BINARYMIME']

function open(scripts: readonly Script[], more: Partial<SmtpDeliveryOptions> = {}) {
  const { dial, peers } = network(...scripts)
  const clock = createManualClock()
  const delivery = createSmtpDelivery({ hostname: 'client.example.org', clock, dial, ...more })
  return { clock, delivery, peers }
}
const chunking = (options: PoliteOptions = {}): Script => polite({ keywords: KEYWORDS, ...options })
const request = { envelope: envelope(), content: source(), destination: HOST, signal: never }
const verb = (word: string, reply: string) => (line: string) => (line.startsWith(word) ? reply : undefined)
const turns = async () => {
  for (let turn = 0; turn < 30; turn += 1) await new Promise(setImmediate)
}

describe('a flight (RFC 3030 §2, RFC 2920 §3.1)', () => {
  it('is one write for MAIL, RCPT, BDAT LAST and the content', async () => {
    const contents: string[] = []
    const { delivery, peers } = open([chunking({ contents })])
    const to = envelope('ada@example.net', 'bob@example.net')
    expect(summary((await delivery.deliver({ ...request, envelope: to })).outcomes)).toEqual(['delivered', 'delivered'])
    // EHLO, then all of the message at once.
    expect(peers[0]?.reads).toHaveLength(2)
    await delivery.deliver({ ...request, envelope: to, content: source(CONTENT, 3) })
    expect(peers[0]?.reads).toHaveLength(3)
    expect(contents).toEqual([CONTENT, CONTENT])
    expect(peers[0]?.lines.slice(1, 5)).toEqual([
      'MAIL FROM:<eve@example.org>',
      'RCPT TO:<ada@example.net>',
      'RCPT TO:<bob@example.net>',
      `BDAT ${CONTENT.length} LAST`,
    ])
  })

  it('takes content of up to 64 KiB, and of no byte at all', async () => {
    for (const text of ['', 'x'.repeat(65_534) + '\r\n']) {
      const contents: string[] = []
      const { delivery, peers } = open([chunking({ contents })])
      const report = await delivery.deliver({ ...request, content: source(text, 1_000) })
      expect([summary(report.outcomes), report.phase]).toEqual([['delivered'], 'done'])
      expect(contents).toEqual([text])
      // EHLO, then the message; of a stream in memory, which has no `writev`, what is long is a read of its own.
      expect(peers[0]?.reads).toHaveLength(text === '' ? 2 : 4)
    }
  })

  it('is not used with a host whose CHUNKING is to be ignored', async () => {
    const contents: string[] = []
    const { delivery, peers } = open([chunking({ contents })])
    const destination = { ...HOST, ignoredKeywords: ['chunking'] }
    const { outcomes } = await delivery.deliver({ ...request, destination })
    expect([summary(outcomes), contents]).toEqual([['delivered'], [CONTENT.replace('.dot', '..dot').slice(0, -2)]])
    expect(peers[0]?.lines).toContain('DATA')
  })

  it('sends two writes to a peer with PIPELINING alone: the commands, and the content with its end', async () => {
    const { delivery, peers } = open([polite()])
    expect(summary((await delivery.deliver({ ...request, content: source(CONTENT, 5) })).outcomes)).toEqual([
      'delivered',
    ])
    expect(peers[0]?.reads).toHaveLength(3)
  })

  it.each([
    { name: 'refuses MAIL', peer: { answer: verb('MAIL', '550 5.7.1 no') }, outcome: 'failed 5.7.1' },
    { name: 'refuses RCPT', peer: { answer: verb('RCPT', '550 5.1.1 no') }, outcome: 'failed 5.1.1' },
    { name: 'refuses BDAT', peer: { answer: verb('BDAT', '552 5.3.4 no') }, outcome: 'failed 5.3.4' },
    { name: 'puts BDAT off', peer: { answer: verb('BDAT', '452 4.3.1 no') }, outcome: 'deferred 4.3.1' },
    { name: 'closes at MAIL', peer: { answer: verb('MAIL', 'close') }, outcome: 'unknown 4.4.2' },
    { name: 'closes at BDAT', peer: { answer: verb('BDAT', 'close') }, outcome: 'unknown 4.4.2' },
    { name: 'closes behind the content', peer: { final: () => 'close' }, outcome: 'unknown 4.4.2' },
    { name: 'says 421 at MAIL', peer: { answer: verb('MAIL', '421 4.3.2 no') }, outcome: 'deferred 4.3.2' },
    { name: 'says 421 behind the content', peer: { final: () => '421 4.3.2 no' }, outcome: 'deferred 4.3.2' },
  ])('gives $outcome where the peer $name', async ({ peer, outcome }) => {
    const { delivery, peers } = open([
      chunking({
        ...peer,
        answer: (line, at) => {
          const given = 'answer' in peer ? peer.answer(line) : undefined
          if (given !== undefined || !line.startsWith('BDAT')) return given
          // A server that refused everybody refuses the chunk too.
          return at.lines.some((line) => line.startsWith('RCPT')) && 'answer' in peer ? '503 5.5.1 nobody' : undefined
        },
      }),
    ])
    const report = await delivery.deliver(request)
    expect(summary(report.outcomes)).toEqual([outcome])
    expect(peers).toHaveLength(1)
  })

  it('asks a connection first that was idle for more than two seconds', async () => {
    const { clock, delivery, peers } = open([chunking(), chunking()])
    await delivery.deliver(request)
    await clock.advance(2_000)
    await delivery.deliver(request)
    expect(peers[0]?.reads).toHaveLength(3)
    await clock.advance(2_001)
    await delivery.deliver(request)
    expect(peers[0]?.reads).toHaveLength(5)
    expect(peers[0]?.lines.filter((line) => line.startsWith('BDAT'))).toHaveLength(3)
    await clock.advance(2_001)
    // Dead behind our back: nothing was entrusted to it, and a fresh connection takes its place.
    peers[0]?.close()
    expect(summary((await delivery.deliver(request)).outcomes)).toEqual(['delivered'])
    expect(peers).toHaveLength(2)
  })

  it('asks it first about content of no byte too', async () => {
    const { clock, delivery, peers } = open([chunking(), chunking()])
    await delivery.deliver(request)
    await clock.advance(2_001)
    peers[0]?.close()
    const report = await delivery.deliver({ ...request, content: source('') })
    expect([summary(report.outcomes), peers.length]).toEqual([['delivered'], 2])
  })

  it('never sends a message again whose end a dead connection got', async () => {
    let count = 0
    const dying = chunking({ answer: (line) => (line.startsWith('MAIL') && ++count === 2 ? 'close' : undefined) })
    const { delivery, peers } = open([dying, chunking()])
    await delivery.deliver(request)
    expect(summary((await delivery.deliver(request)).outcomes)).toEqual(['unknown 4.4.2'])
    expect(peers).toHaveLength(1)
  })

  it('sends it again where the peer said 421 in place of an answer to MAIL (RFC 5321 §3.8)', async () => {
    let count = 0
    const leaving = chunking({
      answer: (line) => (line.startsWith('MAIL') && ++count === 2 ? '421 4.4.2 idle' : undefined),
    })
    const { delivery, peers } = open([leaving, chunking()])
    await delivery.deliver(request)
    const told: number[] = []
    const report = await delivery.deliver({ ...request, onOutcome: (recipient) => told.push(recipient) })
    expect(summary(report.outcomes)).toEqual(['delivered'])
    expect([told, peers.length]).toEqual([[0], 2])
  })

  it('rejects where the content cannot be read, before anything is sent', async () => {
    const { delivery, peers } = open([chunking()])
    const broken: ContentSource = {
      facts: source().facts,
      async *open() {
        yield Buffer.from('Subject')
        throw new Error('disk')
      },
    }
    await expect(delivery.deliver({ ...request, content: broken })).rejects.toThrow('disk')
    for (const text of ['Subject: y\r\n', `${CONTENT}more\r\n`]) {
      const wrong: ContentSource = { ...source(text), facts: source().facts }
      await expect(delivery.deliver({ ...request, content: wrong })).rejects.toMatchObject({
        code: 'SMTP_CLIENT_CONTENT_LENGTH',
      })
    }
    await Promise.all(peers.map((peer) => peer.gone()))
    expect(peers.flatMap(({ lines }) => lines).filter((line) => line.startsWith('MAIL'))).toEqual([])
  })

  it('defers where the content never comes, and does not try the same again', async () => {
    const { clock, delivery, peers } = open([chunking()])
    await delivery.deliver(request)
    const { content, seen } = silentSource()
    const delivering = delivery.deliver({ ...request, content })
    await turns()
    await clock.advance(3 * 60_000)
    const report = await delivering
    expect([summary(report.outcomes), report.phase, seen.freed, peers.length]).toEqual([
      ['deferred 4.4.2'],
      'hello',
      1,
      1,
    ])
    expect(report.outcomes).toMatchObject([{ reason: 'The content did not come in time.' }])
  })

  it('waits as long for MAIL in a flight as for MAIL alone (RFC 5321 §4.5.3.2.2)', async () => {
    const { clock, delivery } = open([chunking({ answer: verb('MAIL', 'silence') })])
    let ended = false
    const delivering = delivery.deliver(request).finally(() => (ended = true))
    await turns()
    await clock.advance(5 * 60_000 - 1)
    await turns()
    expect(ended).toBe(false)
    await clock.advance(1)
    expect(summary((await delivering).outcomes)).toEqual(['unknown 4.4.2'])
  })
})

describe('chunks (RFC 3030 §2)', () => {
  const LONG = `Subject: long\r\n\r\n${'.a line that repeats\r\n'.repeat(60_000)}`

  it.each([1_000, 65_536, 100_001, 1 << 21])(
    'carry content longer than a flight, given %i bytes at a time',
    async (size) => {
      const contents: string[] = []
      const { delivery, peers } = open([chunking({ contents })])
      const report = await delivery.deliver({ ...request, content: source(LONG, size) })
      expect([summary(report.outcomes), report.phase]).toEqual([['delivered'], 'done'])
      expect(contents[0] === LONG).toBe(true)
      const commands = peers[0]?.lines.filter((line) => line.startsWith('BDAT')) ?? []
      expect(commands.length).toBeGreaterThan(1)
      expect(commands.filter((line) => line.endsWith(' LAST'))).toEqual(commands.slice(-1))
    },
  )

  it('stop where the peer refuses one, and free the source', async () => {
    const { delivery, peers } = open([chunking({ answer: verb('BDAT', '552 5.3.4 no') })])
    let given = 0
    let freed = false
    const long: ContentSource = {
      facts: source('x'.repeat(76).concat('\r\n').repeat(500_000)).facts,
      async *open() {
        try {
          for (;;) {
            given += 1
            yield Buffer.from('x'.repeat(76).concat('\r\n').repeat(1_000))
            await new Promise(setImmediate)
          }
        } finally {
          freed = true
        }
      },
    }
    const report = await delivery.deliver({ ...request, content: long })
    expect(summary(report.outcomes)).toEqual(['failed 5.3.4'])
    await turns()
    expect(freed).toBe(true)
    expect(given).toBeLessThan(100)
    // The connection is of use again, once the peer has forgotten what it was told.
    expect(summary((await delivery.deliver(request)).outcomes)).toEqual(['failed 5.3.4'])
    expect(peers).toHaveLength(1)
    expect(peers[0]?.lines).toContain('RSET')
  })

  it('hold the source back while the peer does not answer', async () => {
    let heard = 0
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const slow: Script = async (peer) => {
      peer.say('220 mx\r\n')
      for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
        if (line.startsWith('EHLO')) peer.say('250-mx\r\n250-CHUNKING\r\n250 PIPELINING\r\n')
        else if (line.startsWith('BDAT')) {
          heard += (await peer.octets(Number(line.split(' ')[1])))?.length ?? 0
          await held
          peer.say('250 ok\r\n')
        } else peer.say('250 ok\r\n')
      }
    }
    const { delivery } = open([slow])
    let given = 0
    const text = 'y'.repeat(98).concat('\r\n').repeat(100_000)
    const whole = source(text, 10_000)
    const counted: ContentSource = {
      facts: whole.facts,
      async *open() {
        for await (const chunk of whole.open()) {
          given += chunk.length
          yield chunk
        }
      },
    }
    const delivering = delivery.deliver({ ...request, content: counted })
    await turns()
    const before = given
    expect(before).toBeLessThan(5_000_000)
    await turns()
    expect(given).toBe(before)
    release()
    expect(summary((await delivering).outcomes)).toEqual(['delivered'])
    expect(heard).toBe(text.length)
  })

  it('carry what is binary, and DATA does not (RFC 3030 §3)', async () => {
    const binary = 'a\nb\u0000\rc'
    const contents: string[] = []
    const able = open([chunking({ contents })])
    expect(summary((await able.delivery.deliver({ ...request, content: source(binary, 2) })).outcomes)).toEqual([
      'delivered',
    ])
    expect(contents).toEqual([binary])
    expect(able.peers[0]?.lines[1]).toBe('MAIL FROM:<eve@example.org> BODY=BINARYMIME')
    const unable = open([chunking({ keywords: ['PIPELINING', 'CHUNKING'] })])
    expect(summary((await unable.delivery.deliver({ ...request, content: source(binary, 2) })).outcomes)[0]).toMatch(
      /^failed 5\.6\./,
    )
  })

  it('speak LMTP, with a reply for each accepted recipient (RFC 2033 §4.3)', async () => {
    const { delivery, peers } = open([chunking({ final: () => '250 2.1.5 ok\r\n452 4.2.2 full' })])
    const report = await delivery.deliver({
      ...request,
      envelope: envelope('ada@example.net', 'bob@example.net'),
      destination: { ...HOST, protocol: 'lmtp' },
    })
    expect(summary(report.outcomes)).toEqual(['delivered', 'deferred 4.2.2'])
    expect(peers[0]?.lines).toContain(`BDAT ${CONTENT.length} LAST`)
  })
})
