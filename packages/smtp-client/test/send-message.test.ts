import { createManualClock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sendMessage, type SendMessageOptions } from '../src/send-message.ts'
import { CONTENT, envelope, factsOf, summary } from './fixtures.ts'
import { listen, network, polite } from './scripted-peer.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const STUFFED = CONTENT.replace('.dot', '..dot').slice(0, -2)

async function* streamed(text: string) {
  for (const character of text) yield bytes(character)
}

async function send(more: Partial<SendMessageOptions>, ...[options]: Parameters<typeof polite>) {
  const contents: string[] = []
  const { dial, peers } = network(polite({ contents, ...options }))
  const report = await sendMessage({
    host: 'submit.example.net',
    port: 587,
    tls: 'none',
    hostname: 'client.example.org',
    envelope: envelope(),
    content: bytes(CONTENT),
    clock: createManualClock(),
    dial,
    ...more,
  })
  return { report, contents, peers }
}

describe('sendMessage', () => {
  it('submits bytes, and says QUIT', async () => {
    const lines: string[] = []
    const { report, contents, peers } = await send({ onDialogue: (from, line) => lines.push(`${from} ${line}`) })
    expect(summary(report.outcomes)).toEqual(['delivered'])
    expect(report.phase).toBe('done')
    expect(report.error).toBeUndefined()
    expect(report.timings.map(({ phase }) => phase)).toEqual(['connect', 'greeting', 'mail', 'content', 'end-of-data'])
    expect(contents).toEqual([STUFFED])
    expect(peers[0]?.lines.at(-1)).toBe('QUIT')
    expect(lines[0]).toBe('server 220 mx.example.net')
    expect(lines.at(-1)).toBe('server 221 bye')
  })

  it('submits a stream, whose facts it finds out or is given', async () => {
    expect((await send({ content: streamed(CONTENT) })).contents).toEqual([STUFFED])
    expect((await send({ content: streamed(CONTENT), facts: factsOf(bytes(CONTENT)) })).contents).toEqual([STUFFED])
  })

  it('defers whom a second transaction would be for, where a stream cannot be read again (RFC 9422)', async () => {
    const { report, contents } = await send(
      {
        envelope: envelope('ada@example.net', 'bob@example.net', 'cyd@example.net'),
        content: streamed(CONTENT),
        facts: factsOf(bytes(CONTENT)),
      },
      { keywords: ['PIPELINING', 'LIMITS RCPTMAX=2'] },
    )
    expect(summary(report.outcomes)).toEqual(['delivered', 'delivered', 'deferred 4.4.2'])
    expect([report.phase, contents]).toEqual(['done', [STUFFED]])
  })

  it('refuses content with a bare newline', async () => {
    const bare = 'a\nb\r\n'
    expect(summary((await send({ content: bytes(bare) })).report.outcomes)).toEqual(['failed 5.6.0'])
    const given = { content: streamed(bare), facts: factsOf(bytes(bare)) }
    expect(summary((await send(given)).report.outcomes)).toEqual(['failed 5.6.0'])
  })

  it('believes what it read, not what it was told, of bytes', async () => {
    const told = { ...factsOf(bytes('x\r\n')), sizeBytes: CONTENT.length, dotLines: 0 }
    expect((await send({ content: bytes(CONTENT), facts: told })).contents).toEqual([STUFFED])
    const { report } = await send({ content: bytes('a\nb\r\n'), facts: factsOf(bytes('a\r\n')) })
    expect(summary(report.outcomes)).toEqual(['failed 5.6.0'])
  })

  const named = (name: string) => Buffer.from(`From: ${name} <eve@example.org>\r\n\r\nGr\u00fc\u00dfe\r\n`)
  const offers = { keywords: ['8BITMIME', 'SMTPUTF8'] }

  it.each([
    { name: 'of bytes', content: () => ({ content: named('J\u00fcrgen') }) },
    {
      name: 'of a stream that is read',
      content: () => ({ content: streamed(named('J\u00fcrgen').toString('latin1')) }),
    },
    {
      name: 'of a stream with facts',
      content: () => ({
        content: streamed(named('J\u00fcrgen').toString('latin1')),
        facts: factsOf(named('J\u00fcrgen')),
      }),
    },
  ])('asks for SMTPUTF8 for a header section in UTF-8 $name (RFC 6531 §3.2, §3.4)', async ({ content }) => {
    const { report, peers, contents } = await send(content(), offers)
    expect(summary(report.outcomes)).toEqual(['delivered'])
    expect(peers[0]?.lines[1]).toBe('MAIL FROM:<eve@example.org> BODY=8BITMIME SMTPUTF8')
    expect(contents).toHaveLength(1)
    const without = await send(content(), { keywords: ['8BITMIME'] })
    expect(summary(without.report.outcomes)).toEqual(['failed 5.6.7'])
    expect(without.peers[0]?.lines).toEqual(['EHLO client.example.org', 'QUIT'])
  })

  it.each([
    { name: 'in another charset', content: Buffer.from('From: J\u00fcrgen <eve@example.org>\r\n\r\n', 'latin1') },
    { name: 'cut within a character', content: Buffer.concat([Buffer.from('From: J'), Buffer.from([0xc3])]) },
    { name: 'in ASCII', content: named('Eve') },
  ])('sends a header section $name as it came', async ({ content }) => {
    for (const keywords of [['8BITMIME'], offers.keywords]) {
      const { report, peers } = await send({ content }, { keywords })
      expect(summary(report.outcomes)).toEqual(['delivered'])
      expect(peers[0]?.lines[1]).toBe('MAIL FROM:<eve@example.org> BODY=8BITMIME')
    }
  })

  it.each(['silent', 'slow'])('gives up a %s stream where the signal fires', async (kind) => {
    const controller = new AbortController()
    let freed = 0
    const content: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          if (kind === 'silent') return new Promise(() => {})
          await new Promise(setImmediate)
          return { done: false, value: bytes('Subject: x\r\n') }
        },
        return: async () => {
          freed += 1
          return { done: true, value: undefined }
        },
      }),
    }
    setImmediate(() => setImmediate(() => controller.abort()))
    const { report, peers } = await send({ content, signal: controller.signal })
    expect([summary(report.outcomes), report.phase, peers.length, freed]).toEqual([['deferred 4.4.1'], 'connect', 0, 1])
  })

  it('rejects where a stream cannot be read', async () => {
    const content = (async function* () {
      yield bytes('Subject: x\r\n')
      throw new Error('torn')
    })()
    await expect(send({ content })).rejects.toThrow('torn')
  })

  it('says why nobody was reached', async () => {
    const { report } = await send({ dial: () => Promise.reject(new Error('ECONNREFUSED')) })
    expect([summary(report.outcomes), report.phase, report.peer]).toEqual([['deferred 4.4.1'], 'connect', undefined])
    expect(report.error?.message).toBe('ECONNREFUSED')
    const refused = await send({}, { greeting: '554 5.7.1 no' })
    expect(refused.report.peer?.host).toBe('submit.example.net')
    expect(refused.report.outcomes[0]).toMatchObject({ kind: 'failed', reply: { code: 554 } })
  })

  it('says what was missing', async () => {
    const { report } = await send({ tls: 'required' })
    expect(report.phase).toBe('tls')
    expect(report.error?.message).toBe('The peer does not offer STARTTLS.')
  })

  it('speaks LMTP over a unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'smtp-client-'))
    const path = join(folder, 'lmtp')
    try {
      await using server = await listen(polite(), path)
      const report = await sendMessage({
        host: `unix:${path}`,
        port: 1,
        tls: 'none',
        protocol: 'lmtp',
        hostname: 'client.example.org',
        envelope: envelope(),
        content: bytes(CONTENT),
        clock: systemClock,
      })
      expect(summary(report.outcomes)).toEqual(['delivered'])
      expect(report.peer?.address).toBe(path)
      expect(server.peers[0]?.lines[0]).toBe('LHLO client.example.org')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
