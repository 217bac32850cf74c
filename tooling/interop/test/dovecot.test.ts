/** Our client against Dovecot: LMTP into mailboxes, and submission, which passes on to our server. */

import { systemClock } from '@postroad/runtime/system'
import { sendMessage, type SendMessageOptions, type SendMessageReport } from '@postroad/smtp-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificate } from '../src/certificate.ts'
import { DOVECOT, type DovecotServer } from '../src/dovecot.ts'
import { DOTS, EIGHT_BIT, envelope, kindsOf, MEBIBYTE } from '../src/messages.ts'
import { startOurServer, type OurServer } from '../src/our-server.ts'
import { whyNot } from '../src/peers.ts'

/** The packages may have to be fetched first. */
const FETCH_MS = 300_000

describe('our client and Dovecot', () => {
  let why: string | undefined
  let sink: OurServer
  let peer: DovecotServer
  let ca: string
  const dialogue: string[] = []

  beforeAll(async () => {
    why = await whyNot(DOVECOT)
    if (why !== undefined) return
    ca = (await certificate()).cert
    sink = await startOurServer()
    peer = await DOVECOT.start({
      services: ['lmtp', 'lmtp-tls', 'submission'],
      relayPort: sink.port,
    })
  }, FETCH_MS)
  afterAll(async () => {
    await peer?.[Symbol.asyncDispose]()
    await sink?.[Symbol.asyncDispose]()
  })

  const send = (
    service: string,
    options: Pick<SendMessageOptions, 'content' | 'envelope' | 'tls'> & Partial<SendMessageOptions>,
  ): Promise<SendMessageReport> => {
    dialogue.length = 0
    return sendMessage({
      host: 'mx.example.net',
      address: '127.0.0.1',
      port: peer.port(service),
      protocol: service.startsWith('lmtp') ? 'lmtp' : 'smtp',
      hostname: 'client.example.org',
      clock: systemClock,
      trust: { ca },
      onDialogue: (from, line) => dialogue.push(`${from === 'client' ? 'C' : 'S'}: ${line}`),
      ...options,
    })
  }
  const holds = async (user: string, content: Buffer): Promise<boolean> =>
    (await peer.mailbox(user)).some((message) => message.subarray(-content.length).equals(content))

  it.for([
    { what: 'lines that begin with dots', content: DOTS },
    { what: 'octets above 127', content: EIGHT_BIT },
    { what: 'a mebibyte', content: MEBIBYTE },
  ])(
    'delivers $what by LMTP, and knows the outcome of each recipient (RFC 2033 §4.2)',
    async ({ content }, { skip }) => {
      skip(why !== undefined, why)
      const recipients = ['ada@example.net', 'nobody@example.net', 'bob@example.net']
      const report = await send('lmtp', {
        tls: 'none',
        envelope: envelope(recipients, content === EIGHT_BIT ? { body: '8bitmime' } : {}),
        content,
      })
      expect(kindsOf(report), dialogue.join('\n')).toEqual(['delivered', 'failed 5.1.1', 'delivered'])
      expect(
        dialogue.some((line) => /^C: BDAT \d+ LAST$/.test(line)),
        dialogue.join('\n'),
      ).toBe(true)
      expect(await holds('ada@example.net', content)).toBe(true)
      expect(await holds('bob@example.net', content)).toBe(true)
    },
  )

  it.for([
    { how: 'STARTTLS', service: 'lmtp', tls: 'required' as const },
    { how: 'TLS from the first byte', service: 'lmtp-tls', tls: 'implicit' as const },
  ])('delivers by LMTP under $how', async ({ service, tls }, { skip }) => {
    skip(why !== undefined, why)
    const report = await send(service, { tls, envelope: envelope(['a@example.net']), content: DOTS })
    expect(kindsOf(report), dialogue.join('\n')).toEqual(['delivered'])
    expect(report.peer?.tls).toMatchObject({ verified: true })
    expect(await holds('a@example.net', DOTS)).toBe(true)
  })

  it('submits with the best mechanism that is offered, and not with another password (RFC 4954 §4)', async ({
    skip,
  }) => {
    skip(why !== undefined, why)
    const service = 'submission'
    const before = sink.messages.length
    const right = await send(service, {
      tls: 'required',
      envelope: envelope(),
      content: DOTS,
      credentials: { username: 'ada', password: 'secret' },
    })
    expect(kindsOf(right), dialogue.join('\n')).toEqual(['delivered'])
    expect(dialogue.find((line) => line.startsWith('C: AUTH'))).toContain('AUTH SCRAM-SHA-256')
    expect(sink.messages.slice(before).map(({ content }) => content.subarray(-DOTS.length).equals(DOTS))).toEqual([
      true,
    ])
    const wrong = await send(service, {
      tls: 'required',
      envelope: envelope(),
      content: DOTS,
      credentials: { username: 'ada', password: 'wrong' },
    })
    expect(wrong.phase).toBe('auth')
    expect(sink.messages).toHaveLength(before + 1)
  })
})
